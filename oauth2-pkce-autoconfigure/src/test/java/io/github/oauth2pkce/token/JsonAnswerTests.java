package io.github.oauth2pkce.token;

import java.time.Duration;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(10)
class JsonAnswerTests {

	private static final long TEN_YEARS = Duration.ofDays(3650).toSeconds();

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			300                  | 300
			"300"                | 300
			" 300 "              | 300
			299.2                | 300
			"299.2"              | 300
			3.6e3                | 3600
			"3.6E3"              | 3600
			0.001                | 1
			"1e-400"             | 1
			"1e-999999999"       | 1
			999999999            | 315360000
			315360001            | 315360000
			99999999999999999999 | 315360000
			"99999999999999999"  | 315360000
			1e400                | 315360000
			1e999999999          | 315360000
			"1e999999999"        | 315360000
			"1e2147483647"       | 315360000
			1000000000000000000000000000000000000000000000000000 | 315360000
			""")
	void secondsAreReadFromAnythingThatIsANumber(String json, long seconds) {
		assertThat(expiresIn(json)).isEqualTo(Duration.ofSeconds(seconds)).isLessThanOrEqualTo(Duration.ofDays(3650));
		assertThat(TEN_YEARS).isEqualTo(315360000);
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "0.0", "\"0\"", "-1", "\"-1\"", "-0", "1e-400", "-1e400", "-1e999999999",
			"\"-1e999999999\"", "-1000000000000000000000000000000000000000000000000000", "\"\"", "\" \"", "\"soon\"",
			"\"NaN\"", "\"Infinity\"", "\"1e99999999999\"", "null", "true", "{}", "[300]",
			"\"1000000000000000000000000000000000000000000000000000\"" })
	void secondsThatMakeNoSenseAreUnknown(String json) {
		assertThat(expiresIn(json)).isNull();
	}

	@Test
	void absentSecondsAreUnknown() {
		assertThat(parse("{}").seconds("expires_in")).isNull();
	}

	private static @Nullable Duration expiresIn(String json) {
		return parse("{\"expires_in\":" + json + "}").seconds("expires_in");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			"a b"         | a b
			"a,b"         | a b
			"a, b"        | a b
			"  a   b  "   | a b
			"a a"         | a
			["a","b"]     | a b
			["a",1,"b"]   | a b
			"api:/x y.z"  | api:/x y.z
			""")
	void listsComeInThreeForms(String json, String values) {
		assertThat(parse("{\"scope\":" + json + "}").list("scope")).containsExactly(values.split(" "));
	}

	@Test
	void listWithoutValuesIsAnAbsentOne() {
		for (String none : List.of("\"\"", "\" \"", "[]", "[\"\"]", "null", "7")) {
			assertThat(parse("{\"scope\":" + none + "}").list("scope")).as(none).isNull();
		}
		assertThat(parse("{}").list("scope")).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "null", "[]", "\"text\"", "7", "<html>", "{\"a\":", "{a:1}" })
	void anythingButAnObjectIsNoAnswer(String body) {
		assertThat(JsonAnswer.parse(body)).isNull();
	}

	@Test
	void nestingBombIsNoAnswer() {
		assertThat(JsonAnswer.parse("{\"a\":" + "[".repeat(100_000))).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "[%s]", "{\"code\":%s}", "[[0.%s]]", "%s" })
	void numbersOfAnyLengthAreReadInNoTimeWhereverTheyAre(String value) {
		String digits = "9".repeat(900_000);
		JsonAnswer answer = JsonAnswer
			.parseCut("{\"x\":1,\"error\":" + value.formatted(digits) + ",\"access_token\":\"at-1\"}");
		assertThat(answer).isNotNull();
		assertThat(answer.error(Set.of("listed"))).isNull();
		assertThat(answer.accessToken()).isEqualTo("at-1");
		assertThat(answer.toMap()).containsEntry("x", 1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "[],", "{\"a\":[]},", "9", "\"a\"," })
	void nothingButTokensIsKeptOfAnAnswerThatIsVeryLarge(String repeated) {
		String value = repeated.repeat(1_500_000);
		value = repeated.endsWith(",") ? "[" + value + "1]" : value;
		JsonAnswer answer = JsonAnswer
			.parseCut("{\"x\":" + value + ",\"error\":" + value + ",\"access_token\":\"at-1\",\"y\":1}");
		assertThat(answer).isNotNull();
		assertThat(answer.accessToken()).isEqualTo("at-1");
		assertThat(answer.names()).isSubsetOf("access_token", "error");
	}

	@Test
	void textIsOnlyWhatIsText() {
		JsonAnswer json = parse("{\"a\":\"x\",\"b\":1,\"c\":null,\"d\":\"\"}");
		assertThat(json.text("a")).isEqualTo("x");
		assertThat(json.text("b")).isNull();
		assertThat(json.text("c")).isNull();
		assertThat(json.text("d")).isEmpty();
		assertThat(json.text("e")).isNull();
	}

	@Test
	void textShowsNamesAndNoValues() {
		assertThat(parse("{\"access_token\":\"at-secret\"}").toString()).contains("access_token")
			.doesNotContain("at-secret");
	}

	private static JsonAnswer parse(String body) {
		JsonAnswer json = JsonAnswer.parse(body);
		assertThat(json).isNotNull();
		return json;
	}

}
