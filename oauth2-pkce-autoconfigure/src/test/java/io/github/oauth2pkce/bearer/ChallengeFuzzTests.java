package io.github.oauth2pkce.bearer;

import java.util.List;
import java.util.Locale;
import java.util.Random;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Seeded, so that a failure can be repeated. */
class ChallengeFuzzTests {

	private static final int ROUNDS = 100_000;

	private static final List<String> CHALLENGE_PARTS = List.of("Bearer", "bearer", "Basic", " ", "\t", ",", ";", "=",
			"\"", "\\", "\\\"", "error", "ERROR", "scope", "realm", "invalid_token", "\"invalid_token\"",
			"\"insufficient_scope\"", "\"a b\"", "a", "abc==", "\u00e9", "\u0000", "\u2028", "error=\"invalid_token\"",
			"Bearer error=\"invalid_token\"", ", ", "\n", "max_age=", "7", "acr_values=", "claims=", "\"eyJhIjoxfQ==\"",
			"resource_metadata=");

	@Test
	void theChallengeParserNeverThrowsAndReadsOnlyWhatIsThere() {
		Random random = new Random(6750);
		for (int i = 0; i < ROUNDS; i++) {
			String value = random(random, CHALLENGE_PARTS, 14);
			for (BearerChallenge challenge : BearerChallenge.parse(List.of(value))) {
				assertThat(value.toLowerCase(Locale.ROOT)).contains("bearer");
				if (challenge.error() != null) {
					assertThat(challenge.error()).matches("[\\x20-\\x7e]+");
				}
				assertThat(challenge.demand().acrValues())
					.matches((acr) -> acr == null || acr.matches("[\\x20-\\x7e]+"));
				assertThat(challenge.demand().claims())
					.matches((claims) -> claims == null || claims.equals("{\"a\":1}"));
				assertThat(challenge.demand().scopes())
					.allMatch((scope) -> scope.matches("[\\x21\\x23-\\x5b\\x5d-\\x7e]+"));
			}
		}
	}

	private static String random(Random random, List<String> parts, int length) {
		StringBuilder text = new StringBuilder();
		for (int i = random.nextInt(length) + 1; i > 0; i--) {
			text.append(parts.get(random.nextInt(parts.size())));
		}
		return text.toString();
	}

}
