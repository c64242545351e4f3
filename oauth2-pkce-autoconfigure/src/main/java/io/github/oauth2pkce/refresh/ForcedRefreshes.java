package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * How often resources may have a token refreshed that has not ended. One that answers 401
 * to everything must not burn refresh tokens, so after one refresh there is a pause; one
 * that then takes the new token was right, and is believed a few times more before it.
 * Thread-safe.
 */
final class ForcedRefreshes {

	private static final Duration PAUSE = Duration.ofSeconds(10);

	/** A part of an API may answer 401 to everything, and another one not. */
	private static final int IN_A_ROW = 3;

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

	/**
	 * The token that came of it was taken by the resource that rejected the other one.
	 */
	synchronized void helped() {
		this.inDoubt = false;
	}

	/** A new login starts with a clean slate. */
	synchronized void forgive() {
		this.last = null;
	}

	private boolean isOver(Instant now) {
		return this.last == null || !now.isBefore(this.last.plus(PAUSE));
	}

}
