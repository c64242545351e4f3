package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.LockTimeoutException;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;

/**
 * One credential's place in the token store. Listeners are told of everything that the
 * store throws, including {@code Error}s and the checked exceptions of other languages;
 * callers get it as a {@link TokenStoreException}. Thread-safe.
 */
final class GuardedStore {

	private static final String LOAD = "load";

	private static final String SAVE = "save";

	private static final String REMOVE = "remove";

	private static final String LOCK = "lock";

	/** Most outages of a store are short, such as one broken connection. */
	private static final long[] SAVE_PAUSES = { 100, 400, 1000 };

	/** The lock is held while saving is tried again, and callers wait. */
	private static final Duration LONGEST_SAVING = Duration.ofSeconds(2);

	private final CredentialId id;

	private final TokenStore store;

	private final Events events;

	GuardedStore(CredentialId id, TokenStore store, Events events) {
		this.id = id;
		this.store = store;
		this.events = events;
	}

	@Nullable Credential load() {
		return call(LOAD, () -> this.store.load(this.id));
	}

	/** Reads without telling anybody that it failed, who knows already. */
	@Nullable Credential loadQuietly() {
		try {
			return this.store.load(this.id);
		}
		catch (Throwable ex) {
			throw translated(ex);
		}
	}

	/** Reads in order to save. */
	@Nullable Credential loadForSave() {
		return call(SAVE, () -> uninterrupted(() -> this.store.load(this.id)));
	}

	void checkWritable() {
		call(SAVE, () -> {
			this.store.checkWritable(this.id);
			return true;
		});
	}

	boolean save(Credential next, long expectedGeneration) {
		return call(SAVE, () -> uninterrupted(() -> this.store.save(next, expectedGeneration)));
	}

	/** Saves, more than once if the store fails; not if it hangs. */
	boolean saveRepeatedly(Credential next, long expectedGeneration) {
		long deadline = System.nanoTime() + LONGEST_SAVING.toNanos();
		for (long pause : SAVE_PAUSES) {
			try {
				return uninterrupted(() -> this.store.save(next, expectedGeneration));
			}
			catch (Throwable ex) {
				long nanos = TimeUnit.MILLISECONDS.toNanos(pause);
				if (System.nanoTime() + nanos > deadline) {
					throw failure(SAVE, ex);
				}
				uninterrupted(() -> {
					LockSupport.parkNanos(nanos);
					return true;
				});
			}
		}
		return save(next, expectedGeneration);
	}

	/**
	 * Removes one record, and not its successor.
	 * @return {@code false} when something else is stored
	 */
	boolean remove(Credential seen) {
		return call(REMOVE, () -> this.store.remove(this.id, seen.generation()));
	}

	/**
	 * Removes whatever is stored.
	 * @param seen what was stored when it was read
	 * @return what was removed in the end
	 */
	@Nullable Credential removeAny(@Nullable Credential seen) {
		return call(REMOVE, () -> {
			Credential current = seen;
			while (current != null && !this.store.remove(this.id, current.generation())) {
				current = this.store.load(this.id);
			}
			return current;
		});
	}

	/**
	 * Removes what cannot be read: the store sets it aside, and never overwrites it, when
	 * something is written in its place; that is removed again.
	 * @param placeholder what is written
	 * @return {@code false} when there is something that can be read
	 */
	boolean setAside(Credential placeholder) {
		return call(REMOVE, () -> this.store.save(placeholder, Credential.NONE)
				&& this.store.remove(this.id, placeholder.generation()));
	}

	/**
	 * Keeps other processes out.
	 * @return the lock, which keeps the promise never to throw when it is closed
	 * @throws LockTimeoutException when another process kept it for too long
	 */
	TokenStore.Lock lock(Duration patience) {
		try {
			return new GuardedLock(this.store.lock(this.id, patience));
		}
		catch (LockTimeoutException ex) {
			report(LOCK, ex);
			throw ex;
		}
		catch (Throwable ex) {
			throw failure(LOCK, ex);
		}
	}

	private <T extends @Nullable Object> T call(String operation, Supplier<T> work) {
		try {
			return work.get();
		}
		catch (Throwable ex) {
			throw failure(operation, ex);
		}
	}

	private TokenStoreException failure(String operation, Throwable failure) {
		report(operation, failure);
		return translated(failure);
	}

	private void report(String operation, Throwable failure) {
		Exception reported = (failure instanceof Exception exception) ? exception : translated(failure);
		this.events.add((listener) -> listener.storeFailed(this.id, operation, reported));
	}

	private static TokenStoreException translated(Throwable failure) {
		return (failure instanceof TokenStoreException known) ? known
				: new TokenStoreException("The token store failed: " + failure.getClass().getSimpleName(), failure);
	}

	/** A worker that is being stopped still writes down what the server has changed. */
	static <T extends @Nullable Object> T uninterrupted(Supplier<T> work) {
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

	/** A lock of the store; it may fail in its own ways. */
	private final class GuardedLock implements TokenStore.Lock {

		private final TokenStore.Lock lock;

		private GuardedLock(TokenStore.Lock lock) {
			this.lock = lock;
		}

		@Override
		public boolean isHeld() {
			return call(LOCK, this.lock::isHeld);
		}

		@Override
		public void close() {
			try {
				this.lock.close();
			}
			catch (Throwable ex) {
				report(LOCK, ex);
			}
		}

	}

}
