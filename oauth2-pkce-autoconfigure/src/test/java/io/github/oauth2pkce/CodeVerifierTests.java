package io.github.oauth2pkce;

import java.util.HashSet;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class CodeVerifierTests {

	@Test
	void challengeIsTheOneOfRfc7636AppendixB() {
		assertThat(new CodeVerifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").challenge())
			.isEqualTo(new CodeChallenge("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
		assertThat(CodeChallenge.METHOD).isEqualTo("S256");
	}

	@Test
	void generatedOnesAreValidAndNeverTheSame() {
		Set<String> seen = new HashSet<>();
		for (int i = 0; i < 1000; i++) {
			CodeVerifier verifier = CodeVerifier.generate();
			assertThat(verifier.value()).matches("[A-Za-z0-9._~-]{43,128}");
			assertThat(verifier.challenge().value()).matches("[A-Za-z0-9_-]{43}");
			assertThat(seen.add(verifier.value())).isTrue();
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 43, 44, 127, 128 })
	void lengthsOfTheRfcAreAccepted(int length) {
		assertThat(new CodeVerifier("a".repeat(length)).value()).hasSize(length);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 42, 129 })
	void otherLengthsAreRefused(int length) {
		assertThatIllegalArgumentException().isThrownBy(() -> new CodeVerifier("a".repeat(length)));
	}

	@ParameterizedTest
	@ValueSource(strings = { " ", "+", "/", "=", "\u00E4", "\n", "%" })
	void otherCharactersAreRefusedWithoutShowingThem(String odd) {
		String value = "secret-secret-secret-secret-secret-secret-secret" + odd;
		assertThatIllegalArgumentException().isThrownBy(() -> new CodeVerifier(value))
			.withMessageNotContaining("secret");
	}

	@Test
	void textHidesTheValue() {
		CodeVerifier verifier = CodeVerifier.generate();
		assertThat(verifier.toString()).doesNotContain(verifier.value());
	}

}
