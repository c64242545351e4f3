package io.github.oauth2pkce.sample.store;

import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialCipher;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;

/** The least that a store has to do: keep sealed bytes, and compare before it writes. */
class OwnTokenStore implements TokenStore {

	private final Map<CredentialId, byte[]> records = new HashMap<>();

	private final CredentialCipher cipher;

	OwnTokenStore(CredentialCipher cipher) {
		this.cipher = cipher;
	}

	@Override
	public synchronized @Nullable Credential load(CredentialId id) {
		byte[] record = this.records.get(id);
		return (record != null) ? this.cipher.open(id, record) : null;
	}

	@Override
	public synchronized boolean save(Credential credential, long expectedGeneration) {
		Credential stored = load(credential.id());
		if (generation(stored) != expectedGeneration) {
			// Equal: an earlier attempt whose answer was lost.
			return credential.equals(stored);
		}
		this.records.put(credential.id(), this.cipher.seal(credential));
		return true;
	}

	@Override
	public synchronized boolean remove(CredentialId id, long expectedGeneration) {
		if (expectedGeneration == Credential.NONE || generation(load(id)) != expectedGeneration) {
			return false;
		}
		this.records.remove(id);
		return true;
	}

	private static long generation(@Nullable Credential stored) {
		return (stored != null) ? stored.generation() : Credential.NONE;
	}

}
