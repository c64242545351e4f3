package io.github.oauth2pkce.store;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Locks between nodes: a lease with an owner's token, renewed while it is held. A dead
 * node's lease runs out. So does a paused one's, which learns it from
 * {@link TokenStore.Lock#isHeld()} before it spends a refresh token, and at the latest
 * when its save finds another generation: the lock saves refresh tokens from being spent
 * twice, and what is stored never depends on it.
 */
public final class LeaseLocks implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(LeaseLocks.class);

	private static final long FIRST_POLL_MILLIS = 10;

	private static final long LAST_POLL_MILLIS = 250;

	/** More than a refresh takes, with everything that may be slow about it. */
	static final Duration LONGEST = Duration.ofMinutes(3);

	private final Leases leases;

	private final Duration lease;

	private final Duration longest;

	private final ScheduledThreadPoolExecutor renewals;

	/**
	 * Creates locks that are renewed for three minutes at most, which is more than a
	 * refresh takes.
	 * @param leases where they are kept
	 * @param lease longer than any token request
	 */
	public LeaseLocks(Leases leases, Duration lease) {
		this(leases, lease, LONGEST);
	}

	/**
	 * Creates the locks.
	 * @param leases where they are kept
	 * @param lease longer than any token request: even a holder that cannot renew it is
	 * alone for as long as one may take
	 * @param longest how long a lease is renewed: a holder that hangs must not keep the
	 * other nodes out for ever
	 */
	public LeaseLocks(Leases leases, Duration lease, Duration longest) {
		this.leases = leases;
		this.lease = lease;
		this.longest = longest;
		this.renewals = new ScheduledThreadPoolExecutor(1, (task) -> {
			Thread thread = new Thread(task, "oauth2-lock-renewal");
			thread.setDaemon(true);
			return thread;
		});
		this.renewals.setRemoveOnCancelPolicy(true);
	}

	/**
	 * Takes the lock of a credential.
	 * @param timeout the longest that the caller waits
	 * @return the lock
	 * @throws LockTimeoutException when somebody else has it for all that time
	 */
	public TokenStore.Lock lock(CredentialId id, Duration timeout) {
		long deadline = System.nanoTime() + timeout.toNanos();
		String key = id.key();
		String owner = UUID.randomUUID().toString();
		long pause = FIRST_POLL_MILLIS;
		while (!acquire(key, owner)) {
			long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
			if (left <= 0) {
				throw new LockTimeoutException(id, timeout);
			}
			if (!pause(Math.min(pause, left))) {
				throw LockTimeoutException.interrupted(id);
			}
			pause = Math.min(2 * pause, LAST_POLL_MILLIS);
		}
		return new Held(id, key, owner);
	}

	/**
	 * Makes sure that leases can be taken and given back.
	 * @throws TokenStoreException when they cannot
	 */
	public void check() {
		String nobody = "check " + UUID.randomUUID().toString().substring(0, 30);
		this.leases.acquire(nobody, nobody, Duration.ofSeconds(1));
		this.leases.release(nobody, nobody);
	}

	private boolean acquire(String key, String owner) {
		try {
			return this.leases.acquire(key, owner, this.lease);
		}
		catch (RuntimeException ex) {
			giveBackLater(key, owner);
			throw ex;
		}
	}

	/**
	 * It may be ours, if only the answer was lost. The caller does not wait for a server
	 * that may be gone.
	 */
	private void giveBackLater(String key, String owner) {
		try {
			this.renewals.execute(() -> giveBack(key, owner));
		}
		catch (RejectedExecutionException ex) {
			logger.debug("A lock that may have been taken runs out by itself", ex);
		}
	}

	private void giveBack(String key, String owner) {
		try {
			this.leases.release(key, owner);
		}
		catch (RuntimeException ex) {
			// It runs out by itself.
			logger.debug("A lock could not be given back", ex);
		}
	}

	/** Jittered: nodes that wait for one lock must not ask in step. */
	private static boolean pause(long millis) {
		try {
			TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextLong(millis / 2, millis + 1));
			return true;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	/** Stops renewing; whoever holds a lock can still give it back. */
	@Override
	public void close() {
		this.renewals.shutdownNow();
	}

	/** A lease that is renewed until it is given back, or has been held for too long. */
	private final class Held implements TokenStore.Lock {

		private final CredentialId id;

		private final long started = System.nanoTime();

		private final String key;

		private final String owner;

		private final @Nullable Future<?> renewal;

		Held(CredentialId id, String key, String owner) {
			this.id = id;
			this.key = key;
			this.owner = owner;
			this.renewal = startRenewal();
		}

		private @Nullable Future<?> startRenewal() {
			long period = LeaseLocks.this.lease.dividedBy(3).toMillis();
			try {
				return LeaseLocks.this.renewals.scheduleWithFixedDelay(this::renew, period, period,
						TimeUnit.MILLISECONDS);
			}
			catch (RejectedExecutionException ex) {
				// Stopping: the first lease is long enough for what still runs.
				return null;
			}
		}

		private void renew() {
			if (isTooOld()) {
				logger
					.warn("Something has kept the credential of {} locked for {} s and seems to hang: other nodes go on"
							+ " without it", this.id, LeaseLocks.this.longest.toSeconds());
				stopRenewal();
				return;
			}
			try {
				isHeld();
			}
			catch (RuntimeException ex) {
				// An exception would end the renewals; the next one may work.
				logger.debug("A lock could not be renewed", ex);
			}
		}

		/** Asks the server: clocks of this node stand still while it is suspended. */
		@Override
		public boolean isHeld() {
			return !isTooOld() && LeaseLocks.this.leases.renew(this.key, this.owner, LeaseLocks.this.lease);
		}

		private boolean isTooOld() {
			return System.nanoTime() - this.started > LeaseLocks.this.longest.toNanos();
		}

		private void stopRenewal() {
			Future<?> renewal = this.renewal;
			if (renewal != null) {
				renewal.cancel(false);
			}
		}

		@Override
		public void close() {
			stopRenewal();
			giveBack(this.key, this.owner);
		}

	}

}
