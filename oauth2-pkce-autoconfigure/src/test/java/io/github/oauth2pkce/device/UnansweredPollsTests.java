package io.github.oauth2pkce.device;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.TimeoutException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.SentSecrets;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class UnansweredPollsTests {

	private static final URI ENDPOINT = URI.create("https://auth.example/token?tenant=t");

	private final UnansweredPolls polls = new UnansweredPolls("demo",
			SentSecrets.of(Provider.withId("demo", "cli").build(), "s3cret-device-code"));

	@Test
	void nothingIsUnansweredAtFirstAndAfterAnAnswer() {
		assertThat(this.polls.sentence()).isNull();
		this.polls.add("HTTP 404");
		assertThat(this.polls.sentence()).isNotNull();
		this.polls.answered();
		assertThat(this.polls.sentence()).isNull();
	}

	/** What is below it may quote an answer, tokens included. */
	@Test
	void saysWhatTheFailureSaysAndNothingBelowIt() {
		this.polls.add(new AuthorizationServerUnreachableException(ENDPOINT,
				"SSLHandshakeException: No trusted certificate", new IOException("garbage: access-token")));
		assertThat(this.polls.sentence()).isEqualTo("The code expired; the last poll of the token endpoint had no"
				+ " usable answer: https://auth.example/token: SSLHandshakeException: No trusted certificate");
	}

	@Test
	void timeoutExplainsItself() {
		this.polls.add(new AuthorizationServerUnreachableException(ENDPOINT, "no complete answer within 20 s",
				new TimeoutException("Did not observe any item")));
		assertThat(this.polls.sentence()).endsWith("https://auth.example/token: no complete answer within 20 s");
	}

	@Test
	void showsNoSecretThatTheServerReflected(CapturedOutput output) {
		this.polls.add("garbage: \u001B[2Js3cret-\u200Bdevice-code " + "x".repeat(1000));
		assertThat(this.polls.sentence()).contains("garbage: [2J*** xxx").hasSizeLessThan(300);
		assertThat(output).contains("garbage: [2J*** xxx").doesNotContain("device-code", "\u001B[2J");
	}

}
