package io.github.oauth2pkce.login;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * How often requests may ask a person, whatever resources answer: three times a minute in
 * all, and the same again a minute after the last login has ended, then two, four, and so
 * on, up to an hour. Only a login that was good for a while makes that a minute again.
 * Thread-safe.
 */
final class PromptLimits {

	private static final Duration PAUSE = Duration.ofMinutes(1);

	private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

	private static final int MOST = 3;

	private final InstantSource clock;

	private final Map<Object, Asked> asked = new HashMap<>();

	private final Deque<Instant> lastMinute = new ArrayDeque<>();

	/**
	 * Creates the limits of one provider.
	 * @param clock a clock that nobody can set
	 */
	PromptLimits(InstantSource clock) {
		this.clock = clock;
	}

	/**
	 * A person is about to be asked.
	 * @param question what a login would ask for
	 * @param loggedOut whether nothing is stored: after a login that brought tokens,
	 * somebody has removed them, and no resource has refused them
	 * @return {@code false} when it is too early
	 */
	synchronized boolean ask(Object question, boolean loggedOut) {
		Instant now = this.clock.instant();
		this.asked.values().removeIf((asked) -> asked.isForgotten(now));
		Asked last = this.asked.get(question);
		if (last != null && last.success() && loggedOut) {
			last = null;
		}
		this.lastMinute.removeIf((at) -> !now.isBefore(at.plus(PAUSE)));
		if (this.lastMinute.size() >= MOST || (last != null && now.isBefore(last.end().plus(last.pause())))) {
			return false;
		}
		this.lastMinute.add(now);
		this.asked.put(question, new Asked(now, (last != null) ? last.next(now) : PAUSE, false));
		return true;
	}

	/**
	 * The login has ended, with tokens or without.
	 * @param question what it asked for
	 */
	synchronized void ended(Object question, boolean success) {
		Asked running = this.asked.get(question);
		if (running != null) {
			this.asked.put(question, new Asked(this.clock.instant(), running.pause(), success));
		}
	}

	/**
	 * That a person was asked.
	 *
	 * @param end when the login ended, until then when it began
	 * @param pause how long after that they are not asked the same again
	 * @param success whether there were tokens
	 */
	private record Asked(Instant end, Duration pause, boolean success) {

		Duration next(Instant now) {
			Duration twice = this.pause.multipliedBy(2);
			if (this.success && !now.isBefore(this.end.plus(twice))) {
				return PAUSE;
			}
			return (twice.compareTo(LONGEST_PAUSE) < 0) ? twice : LONGEST_PAUSE;
		}

		boolean isForgotten(Instant now) {
			return !now.isBefore(this.end.plus(LONGEST_PAUSE.multipliedBy(2)));
		}

	}

}
