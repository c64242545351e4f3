package io.github.oauth2pkce.registration;

import java.time.Clock;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.RegisteredClient;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.testing.ForwardingTokenStore;

import static org.assertj.core.api.Assertions.assertThat;

/** A registration that the store could not take, and what others did meanwhile. */
class StoredRegistrationsTests {

	private final Provider provider = Provider.withId("tools", "unused").issuerUri("https://login.example.com").build();

	private final CredentialId id = StoredRegistrations.id(this.provider);

	private final TokenStore store = new MemoryTokenStore();

	private boolean full;

	private final StoredRegistrations registrations = new StoredRegistrations(
			new IdentityRecords(new ForwardingTokenStore(this.store) {

				@Override
				public boolean save(Credential credential, long expectedGeneration) {
					if (StoredRegistrationsTests.this.full) {
						throw new TokenStoreException("The disk is full", null);
					}
					return super.save(credential, expectedGeneration);
				}

			}), Clock.systemUTC(), Duration.ofSeconds(1));

	private static RegisteredClient client(String managementToken) {
		return new RegisteredClient("client", null, null, "none", null, "https://login.example.com/client",
				managementToken, List.of());
	}

	@BeforeEach
	void saveAndRenew() {
		this.registrations.save(this.id, this.provider, client("first"), null);
		this.full = true;
		renew("second");
		this.full = false;
	}

	private void renew(String managementToken) {
		this.registrations.save(this.id, this.provider, client(managementToken), this.registrations.load(this.id));
	}

	private String managementToken() {
		RegisteredClient client = this.registrations.read(this.id, this.provider);
		return (client != null) ? String.valueOf(client.managementToken()) : "no client";
	}

	private Credential stored() {
		Credential stored = this.store.load(this.id);
		assertThat(stored).isNotNull();
		return stored;
	}

	@Test
	void isSavedLater() {
		this.full = true;
		assertThat(managementToken()).isEqualTo("second");
		renew("third");
		this.full = false;
		assertThat(managementToken()).isEqualTo("third");
		assertThat(stored().origin().client()).isEqualTo(client("third"));
	}

	@Test
	void isNotSavedWhenAnotherProcessHasRemovedIt() {
		assertThat(this.store.remove(this.id, stored().generation())).isTrue();
		assertThat(managementToken()).isEqualTo("no client");
		assertThat(this.store.load(this.id)).isNull();
	}

	/** Whose clock may be behind. */
	@Test
	void isNotSavedOverWhatAnotherProcessHasWritten() {
		Credential stored = stored();
		Credential.Origin theirs = new Credential.Origin("https://login.example.com", "", "client", null,
				client("theirs"), null, null);
		this.store.save(new Credential(this.id, theirs, "", null, stored.scopes(), stored.issuedAt(), null, null, null,
				null, null, null, stored.generation() + 1), stored.generation());
		assertThat(managementToken()).isEqualTo("theirs");
		renew("fourth");
		assertThat(stored().origin().client()).isEqualTo(client("fourth"));
	}

}
