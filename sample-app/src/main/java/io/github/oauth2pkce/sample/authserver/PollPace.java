package io.github.oauth2pkce.sample.authserver;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers when each login was last polled. RFC 8628 section 3.5: {@code slow_down}. As
 * with Keycloak, the interval itself stays what it was.
 */
final class PollPace {

	/** Timers of a punctual client may run this much ahead of ours. */
	private static final Duration GRACE = Duration.ofMillis(100);

	private final Map<String, Instant> lastPolls = new ConcurrentHashMap<>();

	private final Clock clock;

	private final Duration interval;

	PollPace(Clock clock, Duration interval) {
		this.clock = clock;
		this.interval = interval;
	}

	Duration interval() {
		return this.interval;
	}

	boolean allows(String login) {
		Instant now = this.clock.instant();
		Instant last = this.lastPolls.put(login, now);
		return last == null || !now.isBefore(last.plus(this.interval).minus(GRACE));
	}

	void forget(String login) {
		this.lastPolls.remove(login);
	}

}
