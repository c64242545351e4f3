package io.github.oauth2pkce.store;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Records of before there were namespaces. The first application that finds one of its
 * own moves it to its namespace, once, under the lock of before: a node of an earlier
 * version that refreshes it just now comes first, and everybody else finds the record
 * where it was moved to. Blocking; thread-safe.
 */
final class TakenOver implements AutoCloseable {

	private final Namespace namespace;

	private final Before before;

	private final LeaseLocks locks;

	TakenOver(Namespace namespace, Before before, LeaseLocks locks) {
		this.namespace = namespace;
		this.before = before;
		this.locks = locks;
	}

	/**
	 * Moves a record here, unless an earlier version uses it just now.
	 * @return what is still where it was; {@code null} when there is nothing, or nothing
	 * more, to be moved
	 * @throws TokenStoreException when it cannot be read: it may be this application's
	 */
	@Nullable Credential take(CredentialId id) {
		Credential found = find(id);
		if (found == null) {
			return null;
		}
		try {
			move(id, Duration.ZERO);
			return find(id);
		}
		catch (LockTimeoutException ex) {
			return found;
		}
	}

	/**
	 * The same, waiting for an earlier version: before the record is refreshed.
	 * @throws LockTimeoutException when it takes too long
	 * @throws TokenStoreException when nobody knows whether it is free
	 */
	void takeWhenFree(CredentialId id, Duration timeout) {
		if (isReadable(id)) {
			move(id, timeout);
		}
	}

	private boolean isReadable(CredentialId id) {
		try {
			return find(id) != null;
		}
		catch (TokenStoreException ex) {
			// Whoever reads it hears of it.
			return false;
		}
	}

	private void move(CredentialId id, Duration timeout) {
		try (TokenStore.Lock lock = this.locks.lock(id, timeout)) {
			Credential found = find(id);
			if (found != null) {
				this.before.move(found);
			}
		}
	}

	private @Nullable Credential find(CredentialId id) {
		if (this.namespace.isNone() || id.isOfLogin()) {
			return null;
		}
		Credential found = this.before.find(id);
		return (found != null && this.namespace.takes(found)) ? found : null;
	}

	/**
	 * A logout during the roll-out of a version with namespaces.
	 * @return {@code false} when something else is there
	 */
	boolean remove(CredentialId id, long expectedGeneration) {
		Credential found = find(id);
		return found != null && found.generation() == expectedGeneration && this.before.remove(found);
	}

	@Override
	public void close() {
		this.locks.close();
	}

	/** What a store has outside of namespaces. */
	interface Before {

		/** Reads a record. */
		@Nullable Credential find(CredentialId id);

		/**
		 * Moves a record to the namespace in one step, unless it was changed, or there is
		 * one.
		 */
		void move(Credential found);

		/**
		 * Removes a record.
		 * @return {@code false} when it was changed
		 */
		boolean remove(Credential found);

	}

}
