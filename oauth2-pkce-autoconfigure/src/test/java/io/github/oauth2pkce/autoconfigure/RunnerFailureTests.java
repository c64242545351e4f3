package io.github.oauth2pkce.autoconfigure;

import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.security.oauth2.client.web.ClientAttributes;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What a program's runner throws ends the program with a sentence and what to do, where
 * we know both; no stack trace buries them.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class RunnerFailureTests {

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start("/realms/demo")
		.register(FakeClient.publicClient("app").requirePkce());

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void aRequestThatWasNotSentIsASentence(CapturedOutput output) {
		fails(Calling.class, "oauth2.pkce.providers.acme.on-missing-token=fail");
		assertSentence(output,
				"A request was not sent: it had no bearer of provider 'acme', because nobody is logged in"
						+ " (no_token).",
				"Log in: restart with oauth2.pkce.login.on-startup=always");
	}

	@Test
	void a401ToARequestWithoutABearerIsASentence(CapturedOutput output) {
		fails(Calling.class);
		assertSentence(output, "401 Unauthorized from GET " + this.server.uri("/api/models")
				+ ": it had no bearer of provider 'acme', because nobody is logged in (no_token).", "Log in: ");
	}

	@Test
	void a401AfterALoginThatFailedSaysThatItFailed(CapturedOutput output) {
		this.server.enqueue(Endpoint.DEVICE_AUTHORIZATION, Answer.error(400, "invalid_scope", "No such scope"));
		fails(Calling.class, "oauth2.pkce.login.on-startup=always");
		assertSentence(output, "because nobody is logged in (no_token)", "The last login failed (invalid_scope)");
	}

	/** No terminal would help. */
	@Test
	void a401AfterADiscoveryThatFailedNamesTheProperty(CapturedOutput output) {
		fails(Calling.class, "oauth2.pkce.login.on-startup=always",
				"oauth2.pkce.providers.acme.issuer-uri=" + this.server.issuer() + "/");
		assertSentence(output, "The last login failed (discovery_failed)",
				"Check oauth2.pkce.providers.acme.issuer-uri: what was found there cannot be used.");
	}

	/** Nothing is known about it that the API does not say. */
	@Test
	void a401ToTheCallersOwnCredentialStaysWhatItIs(CapturedOutput output) {
		fails(Calling.class, "test.authorization=Basic abc");
		assertThat(output).contains("401 Unauthorized from GET", "\tat ").doesNotContain("it had no bearer");
	}

	@Test
	void a401ToABearerStaysWhatItIs(CapturedOutput output) {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		this.server.enqueue(Endpoint.API, Answer.status(401));
		fails(Calling.class, "oauth2.pkce.login.on-startup=always");
		assertThat(output).contains("401 Unauthorized from GET", "\tat ").doesNotContain("it had no bearer");
	}

	@Test
	void aRequestToAnotherOriginSaysWhatToAllow(CapturedOutput output) {
		fails(Calling.class, "oauth2.pkce.providers.acme.base-urls=https://api.example.com", "test.named=true");
		assertSentence(output, "(origin_not_allowed)",
				"Add the origin of the request to oauth2.pkce.providers.acme.base-urls.");
	}

	@Test
	void aRequestBesideTheBaseUrlsSaysWhereTheyAre(CapturedOutput output) {
		fails(Calling.class, "oauth2.pkce.providers.acme.base-urls=" + this.server.uri("/v2"));
		assertSentence(output,
				"it had no bearer, because it is below no base URL of one provider. On this host there are {"
						+ this.server.uri("/v2") + "=[acme]}.",
				"Compare scheme, host, port and path with base-urls");
	}

	@Test
	void aRequestToAnotherHostIsNoneOfOurBusiness(CapturedOutput output) {
		fails(Calling.class, "oauth2.pkce.providers.acme.base-urls=https://api.example.com");
		assertThat(output).contains("401 Unauthorized from GET", "\tat ").doesNotContain("it had no bearer");
	}

	@Test
	void aLoginThatTheServerRefusesNamesTheProperty(CapturedOutput output) {
		this.server.enqueue(Endpoint.DEVICE_AUTHORIZATION,
				Answer.error(401, "invalid_client", "Invalid client or Invalid client credentials"));
		fails(LoggingIn.class);
		assertSentence(output, "did not get one: HTTP 401 invalid_client: Invalid client or Invalid client credentials;"
				+ " check oauth2.pkce.providers.acme.client-id = \"app\"", "Remove the cause");
	}

	@Test
	void aLoginWithoutPkceWhereItIsDemandedNamesTheProperty(CapturedOutput output) {
		this.server.enqueue(Endpoint.DEVICE_AUTHORIZATION,
				Answer.error(400, "invalid_request", "Missing parameter: code_challenge_method"));
		fails(LoggingIn.class, "oauth2.pkce.providers.acme.pkce=false");
		assertSentence(output, "this server demands PKCE: remove oauth2.pkce.providers.acme.pkce=false", "Action:");
	}

	@Test
	void anIssuerThatDoesNotMatchSaysWhatToSet(CapturedOutput output) {
		fails(LoggingIn.class, "oauth2.pkce.providers.acme.issuer-uri=" + this.server.issuer() + "/");
		assertSentence(output, "is of issuer '" + this.server.issuer() + "'",
				"; set oauth2.pkce.providers.acme.issuer-uri to that");
	}

	private static void assertSentence(CapturedOutput output, String description, String action) {
		assertThat(output).contains("APPLICATION FAILED TO START", description, action).doesNotContain("\tat ");
	}

	private void fails(Class<?> runner, String... properties) {
		assertThatException().isThrownBy(() -> TestApplication.of(WebApplicationType.NONE)
			.with("oauth2.pkce.providers.acme.client-id=app",
					"oauth2.pkce.providers.acme.issuer-uri=" + this.server.issuer(),
					"oauth2.pkce.providers.acme.base-urls=" + this.server.uri("/api"),
					"test.uri=" + this.server.uri("/api/models"))
			.with(properties)
			.with(runner)
			.run()
			.close());
	}

	@Configuration(proxyBeanMethods = false)
	static class Calling {

		@Bean
		CommandLineRunner calling(WebClient.Builder builder, Environment environment) {
			return (arguments) -> builder.build()
				.get()
				.uri(environment.getRequiredProperty("test.uri"))
				.headers((headers) -> {
					if (environment.containsProperty("test.authorization")) {
						headers.set("Authorization", environment.getRequiredProperty("test.authorization"));
					}
				})
				.attributes((attributes) -> {
					if (environment.containsProperty("test.named")) {
						ClientAttributes.clientRegistrationId("acme").accept(attributes);
					}
				})
				.retrieve()
				.bodyToMono(String.class)
				.block(Duration.ofSeconds(20));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LoggingIn {

		@Bean
		CommandLineRunner loggingIn(Logins logins) {
			return (arguments) -> logins.logInIfNeeded("acme");
		}

	}

}
