package io.github.oauth2pkce.registration;

import java.time.Duration;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.LockTimeoutException;
import io.github.oauth2pkce.store.TokenStore;

/**
 * The records of clients in the store. If the store fails, by whatever exception, the
 * application registers once more, and no login is lost. An interrupt loses nothing that
 * a server has issued. Blocking and thread-safe.
 */
final class IdentityRecords {

	private final TokenStore store;

	IdentityRecords(TokenStore store) {
		this.store = store;
	}

	/** What cannot be read is registered anew, and set aside by that. */
	@Nullable Credential load(CredentialId id) {
		try {
			return uninterrupted(() -> this.store.load(id));
		}
		catch (RuntimeException ex) {
			return null;
		}
	}

	/**
	 * Loads what must not be guessed.
	 * @throws RuntimeException when the store fails
	 */
	@Nullable Credential loadOrFail(CredentialId id) {
		return uninterrupted(() -> this.store.load(id));
	}

	/**
	 * Saves a record.
	 * @return why it is not saved, {@code null} when it is
	 */
	@Nullable String save(Credential record, long expectedGeneration) {
		try {
			return uninterrupted(() -> this.store.save(record, expectedGeneration)) ? null
					: "something else was written at the same time";
		}
		catch (RuntimeException ex) {
			return String.valueOf(ex.getMessage());
		}
	}

	/** Removes the record of a client, and not of its successor. */
	void remove(CredentialId id, String clientId) {
		try {
			uninterrupted(() -> {
				Credential record = this.store.load(id);
				return record != null && record.origin().clientId().equals(clientId)
						&& this.store.remove(id, record.generation());
			});
		}
		catch (RuntimeException ex) {
			// The server refuses this client once more, and it is removed then.
		}
	}

	/**
	 * Keeps other processes from registering at the same time.
	 * @throws LockTimeoutException when one of them takes too long
	 */
	TokenStore.Lock lock(CredentialId id, Duration timeout) {
		try {
			return this.store.lock(id, timeout);
		}
		catch (LockTimeoutException ex) {
			throw ex;
		}
		catch (RuntimeException ex) {
			return () -> {
			};
		}
	}

	/** An interrupt closes the files that it meets. */
	private static <T extends @Nullable Object> T uninterrupted(Supplier<T> work) {
		boolean interrupted = Thread.interrupted();
		try {
			return work.get();
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

}
