package io.github.oauth2pkce.sample.client.page;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A sentence that may have a countdown in it.
 *
 * @param before what comes before the countdown
 * @param countdown the countdown; {@code null} if there is none
 * @param after what comes after it
 */
record Sentence(String before, @Nullable Countdown countdown, String after) {

	static Sentence of(String text) {
		return new Sentence(text, null, "");
	}

	static Sentence of(String before, Instant now, Instant until, String after) {
		return new Sentence(before, new Countdown(until.toEpochMilli(), Words.left(Duration.between(now, until))),
				after);
	}

	/**
	 * A countdown.
	 *
	 * @param until the end, in milliseconds since 1970
	 * @param left what was left when the page was made
	 */
	record Countdown(long until, String left) {

	}

}
