package io.github.oauth2pkce.refresh;

import java.util.function.Consumer;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.refresh.CredentialLocks.Held;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.token.IssuedTokens;

/**
 * What a person does to a credential: a login replaces the record, a logout removes it.
 * Both win against a refresh, of this process or of another. Blocking.
 */
final class LoginAndLogout {

	/** A store that can neither read nor replace a record says "no" for ever. */
	private static final int ATTEMPTS = 10;

	private final CredentialLocks locks;

	private final StoredCredential stored;

	private final CurrentCredential current;

	private final Issuance issuance;

	private final Attempts attempts;

	private final Clocks clocks;

	private final Events events;

	LoginAndLogout(CredentialLocks locks, StoredCredential stored, CurrentCredential current, Issuance issuance,
			Attempts attempts, Clocks clocks, Events events) {
		this.locks = locks;
		this.stored = stored;
		this.current = current;
		this.issuance = issuance;
		this.attempts = attempts;
		this.clocks = clocks;
		this.events = events;
	}

	/**
	 * Keeps a new login: saved first, then published.
	 * @param tokens what was issued
	 * @return {@code false} when the store failed: the login is in memory, and saving is
	 * tried again
	 */
	boolean loggedIn(IssuedTokens tokens) {
		return tellingLast(() -> GuardedStore.uninterrupted(() -> {
			try (Held lock = this.locks.forPerson()) {
				return keep(tokens);
			}
		}));
	}

	/** The listeners are told when the locks are released, whatever happened. */
	private <T> T tellingLast(Supplier<T> work) {
		try {
			return work.get();
		}
		finally {
			this.events.send();
		}
	}

	private boolean keep(IssuedTokens tokens) {
		for (int attempt = 1;; attempt++) {
			long expected = this.stored.replaceable();
			// After whatever this process has seen, too: the store may be away.
			Credential login = this.issuance.issued(tokens, Math.max(expected, this.stored.lastGeneration()),
					this.clocks.now());
			try {
				if (this.stored.saveLogin(login, expected)) {
					publish(login, null);
					return true;
				}
				if (attempt < ATTEMPTS) {
					// Another process has just written: the person comes after it.
					continue;
				}
			}
			catch (TokenStoreException ex) {
				// The listeners hear of it.
			}
			// The person did their part: serve it from memory, and keep trying.
			this.stored.keepLogin(login, expected);
			publish(login, Attempts.STORE_ERROR);
			return false;
		}
	}

	private void publish(Credential login, @Nullable String error) {
		this.current.publish(login);
		this.attempts.startOver(error);
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
				if (!this.stored.isUnreadable()) {
					throw ex;
				}
				// What cannot be read cannot be revoked, but it can be set aside.
				boolean setAside = this.stored.setAside(this.clocks.now().toEpochMilli());
				try {
					return forgetStored(revoke) || setAside;
				}
				catch (TokenStoreException again) {
					if (setAside) {
						// What is left is not this application's to remove.
						return true;
					}
					throw again;
				}
			}
		});
	}

	private boolean forgetStored(Consumer<Credential> revoke) {
		try (Held lock = this.locks.forPerson()) {
			boolean found;
			try {
				Credential stored = revoked(revoke);
				found = this.stored.removeAny(stored, revoke) || stored != null;
			}
			finally {
				// Forgotten here, whatever the store says.
				this.current.publish(null);
			}
			this.attempts.startOver(null);
			return found;
		}
	}

	/**
	 * What is stored; where that cannot be read, what callers use is revoked at least.
	 */
	private @Nullable Credential revoked(Consumer<Credential> revoke) {
		Credential stored = this.current.credential();
		try {
			stored = this.stored.read();
		}
		finally {
			if (stored != null) {
				revoke.accept(stored);
			}
			this.stored.forgetWaiting();
		}
		return stored;
	}

	/** Forgets one record, and not its successor. */
	boolean forget(Credential seen) {
		return tellingLast(() -> {
			try (Held lock = this.locks.forPerson()) {
				if (!seen.equals(this.stored.read()) || !this.stored.remove(seen)) {
					return false;
				}
				this.current.publish(null);
				return true;
			}
		});
	}

}
