package io.github.oauth2pkce.sample.client.page;

import java.time.Duration;
import java.util.stream.Stream;

import io.github.oauth2pkce.bearer.SkipReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How the page says things.
 */
class WordsTests {

	@ParameterizedTest
	@CsvSource({ "PT-5S, 0 s", "PT0S, 0 s", "PT59.9S, 59 s", "PT60S, 1 min 0 s", "PT4M10S, 4 min 10 s",
			"PT59M59S, 59 min 59 s", "PT1H, 1 h 0 min", "PT23H59M59S, 23 h 59 min", "P1D, 1 d 0 h",
			"P30DT5H, 30 d 5 h" })
	void saysWhatIsLeftInTwoUnits(Duration left, String words) {
		assertThat(Words.left(left)).isEqualTo(words);
	}

	@Test
	void hasASentenceOfItsOwnForEachReason() {
		assertThat(Stream.of(SkipReason.values()).map(Words::why)).doesNotHaveDuplicates()
			.allSatisfy((why) -> assertThat(why).isNotBlank());
	}

	@ParameterizedTest
	@CsvSource({ "unreachable, the login server does not answer", "timeout, the login server does not answer",
			"invalid_client, the login server refuses this application's client id",
			"some_code, the login server says some_code" })
	void saysWhatAnErrorCodeMeans(String errorCode, String words) {
		assertThat(Words.why(errorCode)).isEqualTo(words);
	}

}
