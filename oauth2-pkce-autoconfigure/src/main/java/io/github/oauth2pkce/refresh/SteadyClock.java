package io.github.oauth2pkce.refresh;

import java.time.Instant;
import java.time.InstantSource;

/**
 * A clock that nobody can set: it began with the wall clock and then only counts. What is
 * in memory ends by this one, so that a wall clock which jumps by an hour neither loses a
 * token nor brings an ended one back. Not meant for stamps: it knows nothing of
 * corrections, and on most systems stands still while the machine sleeps. Thread-safe.
 */
public final class SteadyClock implements InstantSource {

	private final long startMillis = System.currentTimeMillis();

	private final long startNanos = System.nanoTime();

	/** Creates a clock that begins with the time of the wall clock. */
	public SteadyClock() {
	}

	@Override
	public long millis() {
		return this.startMillis + (System.nanoTime() - this.startNanos) / 1_000_000;
	}

	@Override
	public Instant instant() {
		return Instant.ofEpochMilli(millis());
	}

}
