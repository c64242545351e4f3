package io.github.oauth2pkce.terminal;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class CountdownTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			PT10M     | less than 10 minutes left | PT1M
			PT9M59.9S | less than 10 minutes left | PT59.9S
			PT9M      | less than 9 minutes left  | PT1M
			PT1M0.1S  | less than 2 minutes left  | PT0.1S
			PT1M      | less than a minute left   | PT10S
			PT50.5S   | less than a minute left   | PT0.5S
			PT50S     | less than 50 seconds left | PT10S
			PT3S      | less than 10 seconds left | PT3S
			PT0S      | less than 10 seconds left | PT0S
			""")
	void isToldQuietlyAndNeverPromisesMoreThanThereIs(Duration time, String text, Duration untilNext) {
		Countdown countdown = Countdown.of(time, 7);
		assertThat(countdown.text(7)).isEqualTo(text);
		assertThat(countdown.untilNext(7)).isEqualTo(untilNext);
	}

	@Test
	void endsWhenItsTimeIsOver() {
		Countdown countdown = Countdown.of(Duration.ofSeconds(1), Long.MAX_VALUE - 5);
		assertThat(countdown.isOver(Long.MAX_VALUE)).as("across an overflow of the clock").isFalse();
		assertThat(countdown.isOver(Long.MAX_VALUE + 1_000_000_000L)).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "PT0.2S, 1 second", "PT1S, 1 second", "PT59S, 59 seconds", "PT60S, 1 minute",
			"PT119S, 1 minute 59 seconds", "PT61S, 1 minute 1 second", "PT100.9S, 1 minute 40 seconds",
			"PT30M, 30 minutes" })
	void wordsAreRoundedDownButNeverZero(Duration time, String words) {
		assertThat(Countdown.words(time)).isEqualTo(words);
	}

}
