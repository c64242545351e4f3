package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.LockTimeoutException;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;

/**
 * The two locks of one credential, in the order in which they are taken: this process's,
 * which keeps other writers out from reading to publishing, and the store's, which keeps
 * other processes out. Thread-safe.
 */
final class CredentialLocks {

	/** A person with a token in hand does not wait for a process that hangs. */
	private static final Duration PATIENCE_OF_PERSONS = Duration.ofSeconds(5);

	private final CredentialId id;

	private final GuardedStore store;

	private final RecordMemory memory;

	private final Duration timeout;

	private final LocalLock local;

	CredentialLocks(CredentialId id, GuardedStore store, RecordMemory memory, RefreshSettings settings) {
		this.id = id;
		this.store = store;
		this.memory = memory;
		this.timeout = settings.lockTimeout();
		this.local = new LocalLock(settings.callerDeadline());
	}

	/**
	 * Takes the lock of this process.
	 * @throws LockTimeoutException when another thread keeps it
	 */
	Held here() {
		return new Held(lockHere(this.timeout), null);
	}

	/**
	 * Takes the lock of this process if it is free, or will be soon.
	 * @param patience how long to wait
	 * @throws LockTimeoutException when another thread keeps it
	 */
	Held here(Duration patience) {
		return new Held(lockHere(patience), null);
	}

	/**
	 * Takes both locks.
	 * @throws LockTimeoutException when another thread or process keeps one
	 * @throws TokenStoreException when the store's cannot be used
	 */
	Held both() {
		LocalLock.Hold here = lockHere(this.timeout);
		try {
			return new Held(here, this.store.lock(this.timeout));
		}
		catch (RuntimeException | Error ex) {
			here.close();
			throw ex;
		}
	}

	/**
	 * Takes each lock if it is to be had: a person does not lose to a process that hangs.
	 * The generation protects what the lock does not.
	 */
	Held forPerson() {
		Duration patience = (this.timeout.compareTo(PATIENCE_OF_PERSONS) < 0) ? this.timeout : PATIENCE_OF_PERSONS;
		return new Held(orNone(() -> lockHere(patience)), orNone(() -> this.store.lock(patience)));
	}

	private static <T> @Nullable T orNone(Supplier<T> lock) {
		try {
			return lock.get();
		}
		catch (LockTimeoutException | TokenStoreException | InterruptedFlightException ex) {
			return null;
		}
	}

	private LocalLock.Hold lockHere(Duration patience) {
		LocalLock.Hold hold;
		try {
			hold = this.local.acquire(patience);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new InterruptedFlightException();
		}
		if (hold == null) {
			throw new LockTimeoutException(this.id, patience);
		}
		this.memory.takeOver();
		return hold;
	}

	/** The locks that are held; to be closed. */
	static final class Held implements AutoCloseable {

		private final LocalLock.@Nullable Hold here;

		private final TokenStore.@Nullable Lock there;

		private Held(LocalLock.@Nullable Hold here, TokenStore.@Nullable Lock there) {
			this.here = here;
			this.there = there;
		}

		/**
		 * Whether no other thread of this process has taken over: if not, it publishes.
		 */
		boolean isHeldHere() {
			return this.here != null && this.here.isHeld();
		}

		/**
		 * Whether no other thread and no other process has taken over.
		 * @throws TokenStoreException when that cannot be known
		 */
		boolean isHeld() {
			return (this.there == null || this.there.isHeld()) && isHeldHere();
		}

		@Override
		public void close() {
			if (this.there != null) {
				this.there.close();
			}
			if (this.here != null) {
				this.here.close();
			}
		}

	}

}
