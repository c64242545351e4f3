package io.github.oauth2pkce.terminal;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class SystemFeaturesTests {

	private static final Palette COLORS = (tone, text) -> "<" + text + ">";

	@Test
	void withoutATerminalThereIsOnlyText() {
		assertThat(features(false, Map.of("TERM", "xterm", "COLUMNS", "200"), StandardCharsets.UTF_8))
			.isEqualTo(Features.PIPE);
	}

	@Test
	void terminalThatCallsItselfDumbIsTakenAtItsWord() {
		assertThat(features(true, Map.of("TERM", "dumb"), StandardCharsets.UTF_8)).isEqualTo(Features.PLAIN);
	}

	@ParameterizedTest
	@CsvSource({ "1, false", "0, false", "anything, false", "'', true", ", true" })
	void noColorIsHonouredWhateverItsValueUnlessEmpty(String value, boolean colored) {
		Map<String, String> environment = (value != null) ? Map.of("NO_COLOR", value) : Map.of();
		Features features = features(true, environment, StandardCharsets.UTF_8);
		assertThat(features.colored()).isEqualTo(colored);
		assertThat(features.live()).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "120, 100, 120", ", 100, 100", "0, 100, 100", "wide, 100, 100", ", 0, 80", "-1, 0, 80" })
	void columnsAreThoseOfTheEnvironmentElseOfTheTerminalElseTheUsual(String given, int asked, int columns) {
		Map<String, String> environment = (given != null) ? Map.of("COLUMNS", given) : Map.of();
		assertThat(SystemFeatures.of(true, environment, StandardCharsets.UTF_8, () -> asked, COLORS).columns())
			.isEqualTo(columns);
	}

	@ParameterizedTest
	@CsvSource({ "UTF-8, true", "US-ASCII, false", "ISO-8859-1, false", "windows-1252, false" })
	void blocksNeedACharsetThatHasThem(String charset, boolean blocks) {
		assertThat(features(true, Map.of(), Charset.forName(charset)).blocks()).isEqualTo(blocks);
	}

	private static Features features(boolean terminal, Map<String, String> environment, Charset charset) {
		return SystemFeatures.of(terminal, environment, charset, () -> 80, COLORS);
	}

}
