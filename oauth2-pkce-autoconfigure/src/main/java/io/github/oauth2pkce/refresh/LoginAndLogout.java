package io.github.oauth2pkce.refresh;

import java.net.URI;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.token.TokenResponse;

/**
 * What a person does to a credential: a login replaces the record, a logout removes it.
 * Both win against a refresh, of this process or of another. Blocking.
 */
final class LoginAndLogout {

	/** A store that can neither read nor replace a record says "no" for ever. */
	private static final int ATTEMPTS = 10;

	private final ManagedCredential credential;

	private final StoredCredential record;

	LoginAndLogout(ManagedCredential credential) {
		this.credential = credential;
		this.record = credential.record();
	}

	/**
	 * Keeps a new login: saved first, then published.
	 * @param tokenEndpoint the endpoint that issued it
	 * @param response the answer
	 * @return {@code false} when the store failed: the login is in memory, and saving is
	 * tried again
	 */
	boolean loggedIn(URI tokenEndpoint, TokenResponse response) {
		return tellingLast(() -> StoredCredential.uninterrupted(() -> {
			try (TokenStore.Lock lock = this.record.lockForPerson()) {
				Credential login = saveLogin(tokenEndpoint, response);
				this.record.markReadable();
				this.credential.publish(login);
				this.credential.begun();
				return this.credential.lastError() == null;
			}
		}));
	}

	/** The listeners are told when the locks are released, whatever happened. */
	private <T> T tellingLast(Supplier<T> work) {
		try {
			return work.get();
		}
		finally {
			this.credential.events().send();
		}
	}

	private Credential saveLogin(URI tokenEndpoint, TokenResponse response) {
		for (int attempt = 1;; attempt++) {
			long expected = this.record.replaceable();
			// After whatever this process has seen, too: the store may be away.
			Credential login = this.credential.issuance()
				.issued(tokenEndpoint, response, Math.max(expected, this.record.lastGeneration()),
						this.credential.now());
			try {
				if (this.record.saveLogin(login, expected)) {
					this.credential.lastError(null);
					return login;
				}
				if (attempt < ATTEMPTS) {
					// Another process has just written: the person comes after it.
					continue;
				}
			}
			catch (TokenStoreException ex) {
				// Told to the listeners.
			}
			// The person did their part: serve it from memory, and keep trying.
			this.record.keepUnsavedLogin(login, expected);
			this.credential.lastError(ManagedCredential.STORE_ERROR);
			return login;
		}
	}

	/**
	 * Forgets the credential, whatever the server or another process does.
	 * @param revoke is given what is forgotten, before it is
	 * @return whether there was anything
	 */
	boolean forget(Consumer<Credential> revoke) {
		return tellingLast(() -> {
			try {
				return forgetStored(revoke);
			}
			catch (TokenStoreException ex) {
				if (!this.record.isUnreadable()) {
					throw ex;
				}
				// What cannot be read cannot be revoked, but it can be put away.
				boolean putAway = this.record.putAway();
				return forgetStored(revoke) || putAway;
			}
		});
	}

	private boolean forgetStored(Consumer<Credential> revoke) {
		try (TokenStore.Lock lock = this.record.lockForPerson()) {
			Credential stored;
			try {
				stored = revoked(revoke);
				this.record.remove(stored);
			}
			finally {
				// Forgotten here, whatever the store says.
				this.credential.publish(null);
			}
			this.credential.lastError(null);
			this.credential.begun();
			return stored != null;
		}
	}

	/**
	 * What is stored; where that cannot be read, what callers use is revoked at least.
	 */
	private @Nullable Credential revoked(Consumer<Credential> revoke) {
		Credential stored = this.credential.inMemory();
		try {
			stored = this.record.read();
		}
		finally {
			if (stored != null) {
				revoke.accept(stored);
			}
			this.record.forgetUnsaved();
		}
		return stored;
	}

	/** Forgets one record, and not its successor. */
	boolean forget(Credential seen) {
		return tellingLast(() -> {
			try (TokenStore.Lock lock = this.record.lockForPerson()) {
				if (!seen.equals(this.record.read()) || !this.record.removeOnly(seen)) {
					return false;
				}
				this.credential.publish(null);
				return true;
			}
		});
	}

}
