package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.TokenStore;

/**
 * Keeps the other threads of this process out. Not for ever: a thread that is stuck in a
 * store which never answers loses it to the next one, and learns so from
 * {@link Hold#isHeld()}. Generations keep the store right even then. Thread-safe; not
 * reentrant.
 */
final class LocalLock {

	private final Duration longestHold;

	private @Nullable Hold holder;

	LocalLock(Duration longestHold) {
		this.longestHold = longestHold;
	}

	/**
	 * Takes the lock.
	 * @param patience how long to wait for another holder
	 * @return the lock, {@code null} when it was not to be had in time
	 */
	synchronized @Nullable Hold acquire(Duration patience) throws InterruptedException {
		long deadline = System.nanoTime() + patience.toNanos();
		for (Hold other = this.holder; other != null && !other.isStuck(); other = this.holder) {
			long left = deadline - System.nanoTime();
			if (left <= 0) {
				return null;
			}
			TimeUnit.NANOSECONDS.timedWait(this, Math.min(left, other.untilStuck()));
		}
		this.holder = new Hold();
		return this.holder;
	}

	/** The held lock; may be closed by any thread. */
	final class Hold implements TokenStore.Lock {

		private final long since = System.nanoTime();

		private boolean isStuck() {
			return untilStuck() <= 0;
		}

		private long untilStuck() {
			return LocalLock.this.longestHold.toNanos() - (System.nanoTime() - this.since);
		}

		@Override
		public boolean isHeld() {
			synchronized (LocalLock.this) {
				return LocalLock.this.holder == this;
			}
		}

		@Override
		public void close() {
			synchronized (LocalLock.this) {
				if (LocalLock.this.holder == this) {
					LocalLock.this.holder = null;
					LocalLock.this.notifyAll();
				}
			}
		}

	}

}
