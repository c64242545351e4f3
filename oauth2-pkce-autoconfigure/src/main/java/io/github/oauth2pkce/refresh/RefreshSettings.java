package io.github.oauth2pkce.refresh;

import java.time.Duration;

/**
 * Limits of a refresh.
 *
 * @param requestTimeout the longest that the token request may take
 * @param lockTimeout the longest to wait for another process's refresh
 */
public record RefreshSettings(Duration requestTimeout, Duration lockTimeout) {

	/**
	 * How long a caller waits for a flight: longer than the flight's own limits allow, so
	 * that only a store that hangs is ever cut off.
	 * @return the time
	 */
	public Duration callerDeadline() {
		return this.lockTimeout.plus(this.requestTimeout).plusSeconds(15);
	}

}
