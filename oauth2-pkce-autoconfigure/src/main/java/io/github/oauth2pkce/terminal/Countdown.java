package io.github.oauth2pkce.terminal;

import java.time.Duration;

/**
 * The time that is left, told quietly: by minutes, and in the last one by tens of
 * seconds. It never promises more than there is.
 *
 * @param endsAt monotonic time of the end, in nanoseconds
 */
record Countdown(long endsAt) {

	private static final Duration MINUTE = Duration.ofMinutes(1);

	private static final Duration STEP = Duration.ofSeconds(10);

	static Countdown of(Duration time, long now) {
		return new Countdown(now + time.toNanos());
	}

	private Duration remaining(long now) {
		return Duration.ofNanos(Math.max(0, this.endsAt - now));
	}

	boolean isOver(long now) {
		return remaining(now).isZero();
	}

	/** How long until the text is another one. */
	Duration untilNext(long now) {
		Duration remaining = remaining(now);
		Duration step = step(remaining);
		return remaining.minus(step.multipliedBy(stepsUp(remaining, step) - 1));
	}

	String text(long now) {
		Duration remaining = remaining(now);
		Duration step = step(remaining);
		long steps = stepsUp(remaining, step);
		if (step == MINUTE) {
			return "less than " + steps + " minutes left";
		}
		return (steps == 6) ? "less than a minute left" : "less than " + steps * STEP.toSeconds() + " seconds left";
	}

	private static Duration step(Duration remaining) {
		return (remaining.compareTo(MINUTE) > 0) ? MINUTE : STEP;
	}

	private static long stepsUp(Duration remaining, Duration step) {
		return Math.max(1, remaining.plus(step).minusNanos(1).dividedBy(step));
	}

	/**
	 * A whole time in words, rounded down to seconds.
	 * @param time the time
	 * @return such as {@code 10 minutes} or {@code 1 minute 40 seconds}
	 */
	static String words(Duration time) {
		long minutes = time.toMinutes();
		long seconds = (minutes > 0) ? time.toSecondsPart() : Math.max(1, time.toSeconds());
		if (minutes == 0) {
			return count(seconds, "second");
		}
		return count(minutes, "minute") + ((seconds > 0) ? " " + count(seconds, "second") : "");
	}

	private static String count(long number, String unit) {
		return number + " " + unit + ((number == 1) ? "" : "s");
	}

}
