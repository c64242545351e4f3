package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * Limits how often a resource's 401 refreshes a token that has not ended. A resource that
 * answers 401 to everything must not burn refresh tokens: after one forced refresh there
 * is a pause, unless the resource accepted the new token. Then a few more are allowed at
 * once. Thread-safe.
 */
final class ForcedRefreshes {

	private static final Duration PAUSE = Duration.ofSeconds(10);

	/**
	 * A part of an API may answer 401 to everything, and another one not: on average, a
	 * refresh a second at most.
	 */
	private static final int IN_A_ROW = 10;

	private @Nullable Instant last;

	private int inARow;

	private boolean inDoubt;

	synchronized boolean areAllowed(Instant now) {
		return isOver(now) || (!this.inDoubt && this.inARow < IN_A_ROW);
	}

	synchronized void started(Instant now) {
		this.inARow = isOver(now) ? 1 : this.inARow + 1;
		this.inDoubt = true;
		this.last = now;
	}

	/** The resource that rejected the old token has accepted the new one. */
	synchronized void confirmed() {
		this.inDoubt = false;
	}

	/** A new login starts with a clean slate. */
	synchronized void reset() {
		this.last = null;
	}

	private boolean isOver(Instant now) {
		return this.last == null || !now.isBefore(this.last.plus(PAUSE));
	}

}
