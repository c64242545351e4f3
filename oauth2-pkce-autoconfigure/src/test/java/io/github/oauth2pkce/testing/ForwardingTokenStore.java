package io.github.oauth2pkce.testing;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;

/** A store over another one, for tests that change one of its methods. */
public class ForwardingTokenStore implements TokenStore {

	private final TokenStore store;

	public ForwardingTokenStore(TokenStore store) {
		this.store = store;
	}

	@Override
	public @Nullable Credential load(CredentialId id) {
		return this.store.load(id);
	}

	@Override
	public boolean save(Credential credential, long expectedGeneration) {
		return this.store.save(credential, expectedGeneration);
	}

	@Override
	public boolean remove(CredentialId id, long expectedGeneration) {
		return this.store.remove(id, expectedGeneration);
	}

	@Override
	public Lock lock(CredentialId id, Duration timeout) {
		return this.store.lock(id, timeout);
	}

	@Override
	public void checkWritable() {
		this.store.checkWritable();
	}

	@Override
	public void checkWritable(CredentialId id) {
		this.store.checkWritable(id);
	}

}
