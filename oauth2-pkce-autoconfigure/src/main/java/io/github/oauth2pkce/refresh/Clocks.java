package io.github.oauth2pkce.refresh;

import java.time.Instant;
import java.time.InstantSource;

/**
 * The two clocks of this process: one for the times that are stored, and one that
 * measures how long something has lasted. Thread-safe.
 *
 * @param wall the wall clock, which somebody may set
 * @param steady a clock that nobody can set
 */
record Clocks(InstantSource wall, InstantSource steady) {

	/** Tokens that have come are worth more than the exact time of their arrival. */
	Instant now() {
		try {
			return this.wall.instant();
		}
		catch (RuntimeException | Error ex) {
			return Instant.now();
		}
	}

	Instant steadyNow() {
		return this.steady.instant();
	}

	long steadyMillis() {
		return this.steady.millis();
	}

}
