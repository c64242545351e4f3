package io.github.oauth2pkce.token;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.Provider;

import static org.assertj.core.api.Assertions.assertThat;

class SentSecretsTests {

	private final Provider provider = Provider.withId("demo", "cli").clientSecret("client-secret").build();

	private final SentSecrets secrets = SentSecrets.of(this.provider, "s3cret", null, "", " ", "s3cret-and-more");

	@ParameterizedTest
	@ValueSource(strings = { "s3cret", "s3\u200Bcret", "s3cret-and-more", "\u202Es3cret-and\n-more", "client-secret",
			"client-\u001Bsecret" })
	void hidesWhatWasSentWhateverIsInIt(String reflected) {
		assertThat(this.secrets.hideIn("You sent " + reflected + ", did you?")).isEqualTo("You sent ***, did you?");
	}

	@Test
	void hidesASecretThatIsNotPrintableItself() {
		assertThat(SentSecrets.of(this.provider, "s3\tcret").hideIn("You sent s3\tcret")).isEqualTo("You sent ***");
	}

	@Test
	void leavesOtherTextAlone() {
		assertThat(this.secrets.hideIn("No  such user")).isEqualTo("No  such user");
	}

	@Test
	void showsNoSecretItself() {
		assertThat(this.secrets).hasToString("SentSecrets[3]");
	}

}
