package io.github.oauth2pkce.token;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

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
		assertThat(this.secrets).hasToString("SentSecrets");
	}

	/** As an error page repeats a request's headers and form. */
	@Test
	void findsSecretsInTheFormsInWhichTheyWereSent() {
		String secret = "s3cr&t+k/y\"~ \u00e9=";
		Provider provider = Provider.withId("demo", "s vc:1").clientSecret(secret).build();
		SentSecrets sent = SentSecrets.of(provider, "rt+1/2==");
		for (String form : List.of(secret, "s3cr%26t%2Bk%2Fy%22%7E+%C3%A9%3D", "s3cr%26t%2bk%2fy%22%7e+%c3%a9%3d",
				"s3cr%26t%2Bk%2Fy%22%7E%20%C3%A9%3D", "s3cr%26t%2Bk%2Fy%22~%20%C3%A9%3D", "rt%2B1%2F2%3D%3D",
				"rt%2b1%2f2%3d%3d", "rt\\u002b1\\u002f2\\u003d\\u003d", "rt+1\\/2==", "rt%252B1%252F2%253D%253D",
				base64(secret), base64("s vc:1:" + secret), base64("s+vc%3A1:s3cr%26t%2Bk%2Fy%22%7E+%C3%A9%3D"),
				base64("rt+1/2=="), "s3cr&amp;t+k/y&quot;~ &eacute;=")) {
			assertThat(sent.hideIn("Not this: [" + form + "]")).matches("Not this: \\[[*]{3}=*]");
		}
	}

	private static String base64(String text) {
		return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
	}

}
