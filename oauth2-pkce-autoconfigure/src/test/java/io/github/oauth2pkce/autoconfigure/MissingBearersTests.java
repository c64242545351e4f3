package io.github.oauth2pkce.autoconfigure;

import java.time.Duration;
import java.util.List;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.bearer.AuthenticationRequiredException;
import io.github.oauth2pkce.bearer.BearerListeners;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.LogCapture;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.HttpHeaders;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** The API answers 401, and the log says what that means, once. */
@Timeout(60)
class MissingBearersTests {

	private static final Duration WAIT = Duration.ofSeconds(20);

	private static final CredentialId ACME = CredentialId.ofApplication("acme");

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("app").requirePkce());

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void firstRequestWithoutABearerIsAWarningWithAWayOut() {
		try (LogCapture log = LogCapture.ofEvents(Level.INFO);
				ConfigurableApplicationContext context = application(log).run()) {
			call(context);
			call(context);
			assertThat(missing(log)).singleElement().satisfies((event) -> {
				assertThat(event.getLevel()).isEqualTo(Level.WARN);
				assertThat(LogCapture.pairs(event)).containsEntry("provider", "acme")
					.containsEntry("reason", "no_token")
					.containsEntry("remedy", "Log in: restart with oauth2.pkce.login.on-startup=always");
				assertThat(event.getFormattedMessage())
					.startsWith("A request was sent without a bearer for 'acme' (no_token). Log in");
			});
		}
	}

	@Test
	void requestThatWasNotSentIsNotSaidToBe() {
		try (LogCapture log = LogCapture.ofEvents(Level.INFO);
				ConfigurableApplicationContext context = application(log)
					.with("oauth2.pkce.providers.acme.on-missing-token=fail")
					.run()) {
			assertThatExceptionOfType(AuthenticationRequiredException.class).isThrownBy(() -> call(context));
			assertThat(missing(log)).singleElement()
				.extracting(ILoggingEvent::getFormattedMessage, InstanceOfAssertFactories.STRING)
				.startsWith("A request failed without a bearer for 'acme' (no_token). Log in");
		}
	}

	@Test
	void itIsSaidAgainWhenTheStateHasChangedAndAgainForAnotherReason() {
		try (LogCapture log = LogCapture.ofEvents(Level.INFO);
				ConfigurableApplicationContext context = application(log).run()) {
			call(context);
			this.server.device().approveAtOnce();
			context.getBean(Logins.class).logIn("acme");
			context.getBean(Logout.class).forget(ACME);
			assertThat(context.getBean(Logins.class).awaitListeners(WAIT)).isTrue();
			call(context);
			call(context);
			BearerListeners listeners = context.getBean(BearerListeners.class);
			listeners.skipped("acme", SkipReason.ORIGIN_NOT_ALLOWED);
			listeners.skipped("acme", SkipReason.ORIGIN_NOT_ALLOWED);
			assertThat(missing(log)).extracting((event) -> LogCapture.pairs(event).get("reason"))
				.containsExactly("no_token", "no_token", "origin_not_allowed");
		}
	}

	@Test
	void nothingIsMissingWhereTheCallerHasItsOwn() {
		try (LogCapture log = LogCapture.ofEvents(Level.INFO);
				ConfigurableApplicationContext context = application(log).run()) {
			client(context).get()
				.uri(this.server.uri("/api/models"))
				.header(HttpHeaders.AUTHORIZATION, "Basic eA==")
				.exchangeToMono((response) -> response.toBodilessEntity())
				.block(WAIT);
			assertThat(missing(log)).isEmpty();
		}
	}

	private static List<ILoggingEvent> missing(LogCapture log) {
		return log.events("oauth2_bearer_missing");
	}

	private static WebClient client(ConfigurableApplicationContext context) {
		return context.getBean(WebClient.Builder.class).build();
	}

	private void call(ConfigurableApplicationContext context) {
		client(context).get()
			.uri(this.server.uri("/api/models"))
			.exchangeToMono((response) -> response.toBodilessEntity())
			.block(WAIT);
	}

	private TestApplication application(LogCapture log) {
		this.server.device().interval(Duration.ofSeconds(1));
		return TestApplication.of(WebApplicationType.NONE)
			.with(log)
			.with("oauth2.pkce.providers.acme.client-id=app",
					"oauth2.pkce.providers.acme.issuer-uri=" + this.server.issuer(),
					"oauth2.pkce.providers.acme.base-urls=" + this.server.uri("/api"));
	}

}
