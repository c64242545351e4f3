package io.github.oauth2pkce;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class ServerTextTests {

	@Test
	void escapeSequencesLoseTheirEscape() {
		assertThat(ServerText.printable("\u001B[2J\u001B]0;title\u0007red\u009B31m")).isEqualTo("[2J]0;titlered31m");
	}

	@ParameterizedTest
	@ValueSource(strings = { "\r", "\n", "\t", "\u0000", "\u0007", "\u0008", "\u007F", "\u0085", "\u009B", "\u2028",
			"\u2029", "\u200B", "\u200E", "\u202A", "\u202E", "\u2066", "\u2069", "\uFEFF", "\u00AD", "\uE000",
			"\uD800", "\uDBFF\uDFFD", "\uDB40\uDC41" })
	void whatCannotBeSeenIsDropped(String invisible) {
		assertThat(ServerText.printable("a" + invisible + "b")).isEqualTo("ab");
	}

	@Test
	void lettersOfAllPeopleStay() {
		String text = "Zug\u00E4nge \u4E2D\u6587 \u0639\u0631\u0628\u064A \uD83D\uDE00 (100 %) <b>";
		assertThat(ServerText.printable(text)).isEqualTo(text);
	}

	@Test
	void lengthIsCapped() {
		assertThat(ServerText.printable("x".repeat(100_000))).hasSize(200);
		assertThat(ServerText.printable("x".repeat(100), 7)).hasSize(7);
		assertThat(ServerText.printable("\n".repeat(500) + "end")).isEqualTo("end");
	}

	@Test
	void capNeverCutsACharacterInHalf() {
		assertThat(ServerText.printable("\uD83D\uDE00".repeat(10), 3)).isEqualTo("\uD83D\uDE00".repeat(3));
	}

	@Test
	void nothingStaysNothing() {
		assertThat(ServerText.printable(null)).isNull();
		assertThat(ServerText.printable("")).isEmpty();
	}

}
