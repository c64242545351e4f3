package io.github.oauth2pkce.terminal;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Made by one library and read by another. */
class QrCodeTests {

	private static final String PAGE = "https://login.example.com/realms/main/device?user_code=WDJB-MJHT";

	private final NayukiQrEncoder encoder = new NayukiQrEncoder();

	@ParameterizedTest
	@ValueSource(strings = { "https://a.example/d", PAGE, "https://login.example.com/d%C3%A9vice?user_code=ÄÖ-ß" })
	void isReadableAsInkOnPaperAndAsLightOnADarkTerminal(String text) {
		QrCode code = Objects.requireNonNull(this.encoder.encode(text));
		assertThat(QrReader.read(printed(code.lines(true)), false)).isEqualTo(text);
		assertThat(QrReader.read(printed(code.lines(false)), true)).isEqualTo(text);
	}

	@Test
	void longestThatIsDrawnIsReadableAndALongerOneIsNotDrawn() {
		String longest = PAGE + "x".repeat(271 - PAGE.length());
		QrCode code = Objects.requireNonNull(this.encoder.encode(longest));
		assertThat(code.columns()).isEqualTo(57 + 8);
		assertThat(QrReader.read(printed(code.lines(true)), false)).isEqualTo(longest);
		assertThat(this.encoder.encode(longest + "x")).isNull();
	}

	@Test
	void hasAQuietZoneOfFourModulesOnEverySide() {
		List<String> lines = Objects.requireNonNull(this.encoder.encode(PAGE)).lines(true);
		int columns = lines.get(0).length();
		assertThat(lines).hasSize((columns + 1) / 2).allMatch((line) -> line.length() == columns);
		assertThat(lines.subList(0, 2)).allMatch(String::isBlank);
		// The last line has an upper half only; the quiet zone's rows 2 to 4 are blank.
		assertThat(lines.subList(lines.size() - 2, lines.size())).allMatch(String::isBlank);
		assertThat(lines).allMatch((line) -> line.startsWith("    ") && line.endsWith("    "));
	}

	private static String printed(List<String> lines) {
		return lines.stream().map((line) -> "  " + line).collect(Collectors.joining("\n"));
	}

}
