package io.github.oauth2pkce.sample.store;

import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialCodec;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;

/** The least that a store has to do: keep bytes, and compare before it writes. */
class OwnTokenStore implements TokenStore {

	private final Map<CredentialId, byte[]> records = new HashMap<>();

	@Override
	public synchronized @Nullable Credential load(CredentialId id) {
		byte[] record = this.records.get(id);
		return (record != null) ? CredentialCodec.decode(id, record) : null;
	}

	@Override
	public synchronized boolean save(Credential credential, long expectedGeneration) {
		if (generation(credential.id()) != expectedGeneration) {
			return false;
		}
		this.records.put(credential.id(), CredentialCodec.encode(credential));
		return true;
	}

	@Override
	public synchronized boolean remove(CredentialId id, long expectedGeneration) {
		if (expectedGeneration == Credential.NONE || generation(id) != expectedGeneration) {
			return false;
		}
		this.records.remove(id);
		return true;
	}

	private long generation(CredentialId id) {
		Credential stored = load(id);
		return (stored != null) ? stored.generation() : Credential.NONE;
	}

}
