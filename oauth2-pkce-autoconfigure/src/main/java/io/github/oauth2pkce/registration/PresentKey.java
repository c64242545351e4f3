package io.github.oauth2pkce.registration;

import java.util.concurrent.atomic.AtomicReference;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.RegisteredClient;
import io.github.oauth2pkce.authentication.ClientKeys;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.TokenRequestException;

/**
 * The key that this process has, at servers where the application has registered itself
 * by a key. One that has changed is added to the registration. Blocking and thread-safe.
 */
final class PresentKey {

	private final RegistrationEndpoint endpoint;

	private final ClientKeys keys;

	private final StoredRegistrations registrations;

	PresentKey(RegistrationEndpoint endpoint, ClientKeys keys, StoredRegistrations registrations) {
		this.endpoint = endpoint;
		this.keys = keys;
		this.registrations = registrations;
	}

	/**
	 * The provider as a client that its server knows by the present key. A key that has
	 * changed is added to the registration: by one process, however many find that out.
	 * @param provider the provider, its client known
	 * @return the same provider where the client is known by no key
	 * @throws RegistrationException when the server knows another key and keeps to it.
	 * The client is good for whoever still has that key
	 */
	Provider known(Provider provider) {
		RegisteredClient client = provider.client().registered();
		if (client == null) {
			return provider;
		}
		RegisteredClient present = known(provider, client);
		if (!isKnown(provider, present)) {
			throw new RegistrationException("The authorization server " + provider.issuerUri()
					+ " knows this application by another key than that of " + property(provider)
					+ ", and takes no new one for its registration: log in again, which registers anew, or put the old"
					+ " key back", null);
		}
		return provider.withClient(present);
	}

	/**
	 * The same for a client.
	 * @return the client, known by the present key where the server allows for that
	 * @throws RegistrationException when the server could not be asked, which passes
	 */
	RegisteredClient known(Provider provider, RegisteredClient client) {
		if (isKnown(provider, client)) {
			return client;
		}
		RegisteredClient registered = this.registrations.read(StoredRegistrations.id(provider), provider);
		CredentialId id = (registered != null && registered.id().equals(client.id())) ? StoredRegistrations.id(provider)
				: StoredRegistrations.replacedId(provider, client.id());
		try (StoredRegistrations.Held lock = this.registrations.lock(id)) {
			Credential before = this.registrations.load(id);
			RegisteredClient known = StoredRegistrations.client(before, provider);
			RegisteredClient latest = (known != null && known.id().equals(client.id())) ? known : client;
			if (isKnown(provider, latest)) {
				return latest;
			}
			AtomicReference<RegisteredClient> described = new AtomicReference<>(latest);
			try {
				return this.endpoint.addKey(provider, latest, this.keys.of(provider), described::set);
			}
			catch (TokenRequestException | AuthorizationServerUnreachableException ex) {
				throw new RegistrationException("The authorization server " + provider.issuerUri()
						+ " could not take the key of " + property(provider)
						+ " for the registration of this application now, and is asked again later: " + ex.getMessage(),
						ex);
			}
			finally {
				RegisteredClient last = described.get();
				if (last != null && !last.equals(latest)) {
					this.registrations.save(id, provider, last, before);
				}
			}
		}
	}

	private static String property(Provider provider) {
		return provider.property((provider.client().assertion().key() != null) ? "client-assertion.key" : "ssl-bundle");
	}

	/** Older versions have not written the keys down. */
	boolean isKnown(Provider provider, RegisteredClient client) {
		return client.keys().isEmpty() || !AuthenticationMethods.signs(client)
				|| provider.client().assertion().source() != null
				|| client.keys().contains(this.keys.of(provider).thumbprint());
	}

}
