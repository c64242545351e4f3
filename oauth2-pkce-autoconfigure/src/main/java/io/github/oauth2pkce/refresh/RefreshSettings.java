package io.github.oauth2pkce.refresh;

import java.time.Duration;

/**
 * Limits of a refresh.
 *
 * @param requestTimeout the longest that the token request may take
 * @param lockTimeout the longest to wait for a lock: this process's own, then the store's
 * @param margin what a refresh may take beside these two: discovery, and the store
 */
public record RefreshSettings(Duration requestTimeout, Duration lockTimeout, Duration margin) {

	private static final Duration USUAL_MARGIN = Duration.ofSeconds(15);

	/** The defaults of the properties: 45 s for a request, 60 s for a lock. */
	public static final RefreshSettings DEFAULTS = new RefreshSettings(Duration.ofSeconds(45), Duration.ofSeconds(60));

	/**
	 * Creates limits with the usual margin.
	 * @param requestTimeout the longest that the token request may take
	 * @param lockTimeout the longest to wait for a lock
	 */
	public RefreshSettings(Duration requestTimeout, Duration lockTimeout) {
		this(requestTimeout, lockTimeout, USUAL_MARGIN);
	}

	/**
	 * How long a caller waits for a flight. A flight that takes longer goes on in the
	 * background, and nobody joins it any more.
	 * @return the time
	 */
	public Duration callerDeadline() {
		return this.lockTimeout.plus(this.requestTimeout).plus(this.margin);
	}

}
