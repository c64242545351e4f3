package io.github.oauth2pkce.store;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import org.jspecify.annotations.Nullable;

/** Keeps credentials until the application stops. Thread-safe, never blocks. */
public final class MemoryTokenStore implements TokenStore {

	private final ConcurrentMap<CredentialId, Credential> credentials = new ConcurrentHashMap<>();

	/** Creates an empty store. */
	public MemoryTokenStore() {
	}

	@Override
	public @Nullable Credential load(CredentialId id) {
		return this.credentials.get(id);
	}

	@Override
	public boolean save(Credential credential, long expectedGeneration) {
		return credential.equals(this.credentials.compute(credential.id(), (id, stored) -> {
			long generation = (stored != null) ? stored.generation() : Credential.NONE;
			return (generation == expectedGeneration) ? credential : stored;
		}));
	}

	@Override
	public boolean remove(CredentialId id, long expectedGeneration) {
		Credential stored = this.credentials.get(id);
		return stored != null && stored.generation() == expectedGeneration && this.credentials.remove(id, stored);
	}

	@Override
	public String name() {
		return "memory";
	}

}
