package io.github.oauth2pkce.refresh;

import java.util.concurrent.ThreadLocalRandom;

/**
 * When a record is read that nobody asks for, so that health and meters of an idle
 * process know what others have done: half a minute after it was last read, and seldomer
 * while the store fails. Thread-safe.
 */
final class IdleLooks {

	/** Others have 35 seconds to learn of a change; the rest is for looking. */
	private static final long PERIOD_MILLIS = 30_000;

	/** A store that is down has enough to do. */
	private static final int MOST_DOUBLINGS = 2;

	/** A fleet does not look at the same moment. */
	private final long early = ThreadLocalRandom.current().nextLong(PERIOD_MILLIS / 5);

	private volatile long lastRead;

	private volatile int failures;

	/**
	 * Creates the looks.
	 * @param now by the steady clock, in milliseconds
	 */
	IdleLooks(long now) {
		this.lastRead = now;
	}

	/** The record is being read, for whatever reason. */
	void wasRead(long now) {
		this.lastRead = now;
	}

	/**
	 * Whether it is time.
	 * @param shortest the least time since the last one
	 * @param failing whether the last reading failed, whoever has read
	 */
	boolean isDue(long now, long shortest, boolean failing) {
		int doublings = failing ? Math.min(this.failures, MOST_DOUBLINGS) : 0;
		long period = Math.max(PERIOD_MILLIS - this.early, shortest) << doublings;
		return now - this.lastRead >= period;
	}

	void looked(long now, boolean failed) {
		this.lastRead = now;
		this.failures = failed ? this.failures + 1 : 0;
	}

}
