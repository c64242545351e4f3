package io.github.oauth2pkce.spring;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.login.LoginCompletedEvent;
import io.github.oauth2pkce.login.LoginFailedEvent;
import io.github.oauth2pkce.login.LoginOutcome;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Browser;
import io.github.oauth2pkce.testing.Endpoint;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;

/** How logins by Spring Security's filters end, as operators and listeners see it. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AbstractWebLoginsTests {

	private static final String PROVIDER = "public-true";

	private static final CredentialId NOBODY = new CredentialId(PROVIDER, "anonymousUser");

	private final WebApplicationType type;

	private WebLoginWorld application;

	private final Browser browser = new Browser();

	AbstractWebLoginsTests(WebApplicationType type) {
		this.type = type;
	}

	@BeforeAll
	void start() {
		this.application = new WebLoginWorld(this.type, Application.class,
				"oauth2.pkce.providers.public-true.scope=profile models",
				"oauth2.pkce.providers.public-true.accepted-token-types=BearerToken",
				"oauth2.pkce.providers.public-false.pushed-authorization-requests=always");
	}

	@AfterAll
	void stop() {
		this.application.close();
	}

	@AfterEach
	void succeedAgain() {
		this.application.server().authorization().succeed();
		this.application.server().answerAlways(Endpoint.API, Answer.normally());
		assertThat(events()).isEmpty();
	}

	private BlockingQueue<Object> events() {
		return this.application.bean(Application.class).events;
	}

	/** The log has heard of it, too. */
	private Object event() throws InterruptedException {
		Object event = events().poll(10, TimeUnit.SECONDS);
		assertThat(this.application.bean(Credentials.class).awaitListeners(Duration.ofSeconds(20))).isTrue();
		assertThat(this.application.bean(Logins.class).awaitListeners(Duration.ofSeconds(20))).isTrue();
		return event;
	}

	private Timer timer(LoginOutcome outcome) {
		return timer(PROVIDER, outcome);
	}

	private Timer timer(String provider, LoginOutcome outcome) {
		return this.application.bean(MeterRegistry.class)
			.get("oauth2.pkce.login")
			.tags("provider", provider, "grant", "authorization_code", "outcome", outcome.tag())
			.timer();
	}

	private URI answer() {
		return this.browser.redirect(this.application.page(this.browser, PROVIDER));
	}

	private void verifyFailed(URI answer, LoginOutcome outcome, String errorCode) throws InterruptedException {
		long before = timer(outcome).count();
		verifyRefused(answer);
		assertThat(event()).isEqualTo(new LoginFailedEvent(NOBODY, outcome, errorCode));
		assertThat(timer(outcome).count()).isEqualTo(before + 1);
	}

	private void verifyRefused(URI answer) {
		HttpResponse<String> response = this.browser.get(answer);
		assertThat(response.statusCode() + response.headers().firstValue("Location").orElse("")).containsAnyOf("error",
				"500");
	}

	/** With something invisible in it, which only the reader of the log does not see. */
	private static String disguised(String secret) {
		return secret.substring(0, 3) + '\u200B' + secret.substring(3);
	}

	private static String encoded(String text) {
		return URLEncoder.encode(text, StandardCharsets.UTF_8);
	}

	@Test
	void successIsTimedAndTold(CapturedOutput output) throws Exception {
		long before = timer(LoginOutcome.SUCCESS).count();
		URI answer = answer();
		this.browser.redirect(answer);
		assertThat(event()).isEqualTo(new LoginCompletedEvent(new CredentialId(PROVIDER, "alice"), true));
		assertThat(timer(LoginOutcome.SUCCESS).count()).isEqualTo(before + 1);
		assertThat(timer(LoginOutcome.SUCCESS).totalTime(TimeUnit.MINUTES)).isLessThan(2);
		assertThat(output).contains("Logged in to 'public-true'");
		// The same answer once more is to nothing that is pending.
		this.browser.window().get(answer);
		assertThat(events()).isEmpty();
	}

	@Test
	void denialIsNoFailure(CapturedOutput output) throws Exception {
		this.application.server().authorization().fail("access_denied", "<b>no\u001b[2J");
		verifyFailed(answer(), LoginOutcome.DENIED, "access_denied");
		assertThat(output).contains("Not logged in to 'public-true': The login was denied").doesNotContain("\u001b[2J");
	}

	/** RFC 9126: the browser is not sent away. */
	@Test
	void requestThatCannotBePushedIsAFailedLogin(CapturedOutput output) throws Exception {
		long before = timer("public-false", LoginOutcome.FAILED).count();
		this.application.server()
			.enqueue(Endpoint.PUSHED_AUTHORIZATION_REQUEST, Answer.error(400, "invalid_request", "Not like this"));
		HttpResponse<String> response = this.browser.get(this.application.uri("/oauth2/authorization/public-false"));
		assertThat(response.headers().firstValue("Location").orElse("")).doesNotContain("/authorize");
		assertThat(event()).isEqualTo(new LoginFailedEvent(new CredentialId("public-false", "anonymousUser"),
				LoginOutcome.FAILED, "invalid_request"));
		assertThat(timer("public-false", LoginOutcome.FAILED).count()).isEqualTo(before + 1);
		assertThat(output).contains("Not logged in to 'public-false'", "Not like this");
	}

	@Test
	void errorOfTheAuthorizationEndpointIsToldWithoutWhatItReflects(CapturedOutput output) throws Exception {
		URI answer = answer();
		String state = Browser.query(answer).get("state");
		URI error = Browser.with(answer, "error=server_error&error_description=%1B%5B2Jstate+" + state + "&state="
				+ state + "&iss=" + this.application.server().issuer());
		verifyFailed(error, LoginOutcome.FAILED, "server_error");
		assertThat(output).contains("The authorization server answered server_error: [2Jstate ***")
			.doesNotContain("\u001b[2J", state);
	}

	@Test
	void errorOfWhichNothingCanBeShownIsOneAllTheSame() throws Exception {
		URI answer = answer();
		String rest = "&state=" + Browser.query(answer).get("state") + "&iss=" + this.application.server().issuer();
		verifyFailed(Browser.with(answer, "error=%1B" + rest), LoginOutcome.FAILED, "unknown_error");
	}

	@Test
	void codeThatCannotBeRedeemedIsToldWithoutIt(CapturedOutput output) throws Exception {
		URI answer = answer();
		String code = Browser.query(answer).get("code");
		this.application.server()
			.enqueue(Endpoint.TOKEN, Answer.error(400, "invalid_grant", "Code " + code + " not\u001b valid"));
		verifyFailed(answer, LoginOutcome.FAILED, "invalid_grant");
		assertThat(output).contains("The code could not be redeemed: invalid_grant: Code *** not valid")
			.doesNotContain("\u001b valid", "Code " + code);
	}

	@Test
	void secretsThatTheServerRepeatsNeverShow(CapturedOutput output) throws Exception {
		String clientSecret = "s3cret+/ %:word";
		URI answer = this.browser.redirect(this.application.page(this.browser, "confidential-true"));
		String state = Browser.query(answer).get("state");
		verifyRefused(Browser.with(answer,
				"error=" + encoded("no " + disguised(state)) + "&error_description="
						+ encoded("You are " + clientSecret + " or " + disguised(clientSecret)) + "&state="
						+ encoded(state) + "&iss=" + this.application.server().issuer()));
		assertThat(event()).isInstanceOf(LoginFailedEvent.class);
		assertThat(output).contains("answered no ***: You are *** or ***");
		answer = this.browser.redirect(this.application.page(this.browser, "confidential-true"));
		String code = Browser.query(answer).get("code");
		this.application.server()
			.enqueue(Endpoint.TOKEN, Answer.error(400, "invalid_grant",
					"You sent " + disguised(code) + " as " + clientSecret + " or " + disguised(clientSecret)));
		verifyRefused(answer);
		assertThat(event()).isInstanceOf(LoginFailedEvent.class);
		assertThat(output).contains("invalid_grant: You sent *** as *** or ***")
			.doesNotContain(state, code, clientSecret);
	}

	/**
	 * RFC 6749 section 7.1: a client MUST NOT use a token whose type it does not
	 * understand.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "DPoP", "mac", "N_A" })
	void tokenOfAnotherTypeIsRefused(String type, CapturedOutput output) throws Exception {
		URI answer = answer();
		this.application.server().tokens().answer().put("token_type", type).put("access_token", "secret-" + type);
		try {
			verifyRefused(answer);
		}
		finally {
			this.application.server().tokens().answer().reset().put("token_type", "bEARER");
		}
		assertThat(event()).isInstanceOf(LoginFailedEvent.class);
		assertThat(output).doesNotContain("secret-" + type);
		// Types ignore case.
		this.browser.redirect(answer());
		assertThat(event()).isInstanceOf(LoginCompletedEvent.class);
		this.application.server().tokens().answer().reset();
	}

	/** As logins that are our own. */
	@ParameterizedTest
	@ValueSource(strings = { "Bearer ", "", "BearerToken" })
	void whatTheServerCallsABearerIsOne(String type) throws Exception {
		this.application.server().tokens().answer().put("token_type", type).put("error", "").put("expires_in", "300 ");
		this.browser.redirect(answer());
		assertThat(event()).isInstanceOf(LoginCompletedEvent.class);
		this.application.server().tokens().answer().reset();
	}

	@Test
	void serverThatDoesNotAnswerTheExchangeIsToldSo() throws Exception {
		this.application.server().enqueue(Endpoint.TOKEN, Answer.connectionClosed(), Answer.connectionClosed());
		verifyFailed(answer(), LoginOutcome.FAILED, "unreachable");
		this.application.server().answerAlways(Endpoint.TOKEN, Answer.normally());
	}

	@Test
	void loginThatTheApplicationRefusesAfterTheExchangeHasFailed() throws Exception {
		this.application.server().answerAlways(Endpoint.API, Answer.status(500));
		verifyFailed(answer(), LoginOutcome.FAILED, "login_refused");
	}

	@Test
	void answersThatAreNotAcceptedEndNothing() throws Exception {
		URI answer = answer();
		this.browser.get(URI.create(answer.toString().replaceFirst("iss=[^&]*", "iss=https://other.test")));
		this.browser.window().get(URI.create(answer.toString().replaceFirst("state=[^&]*", "state=other")));
		new Browser().get(answer);
		assertThat(events()).isEmpty();
		// A wrong state does not burn the login either.
		this.browser.redirect(answer);
		assertThat(event()).isInstanceOf(LoginCompletedEvent.class);
	}

	@Test
	void narrowedScopesAreToldOnce(CapturedOutput output) throws Exception {
		this.application.server().tokens().grantedScope("openid");
		this.browser.redirect(answer());
		event();
		this.application.server().tokens().grantedScope(null);
		assertThat(output.getOut().lines().filter((line) -> line.contains("missing: profile models"))).hasSize(1);
		this.browser.redirect(answer());
		event();
		assertThat(output.getOut().lines().filter((line) -> line.contains("missing: profile models"))).hasSize(1);
	}

	@Test
	void timeIsCountedFromTheRedirect() throws Exception {
		double before = timer(LoginOutcome.SUCCESS).totalTime(TimeUnit.NANOSECONDS);
		URI page = this.application.page(this.browser, PROVIDER);
		long redirected = System.nanoTime();
		URI answer = this.browser.redirect(page);
		long answered = System.nanoTime();
		this.browser.redirect(answer);
		event();
		double told = timer(LoginOutcome.SUCCESS).totalTime(TimeUnit.NANOSECONDS) - before;
		// By clocks of different grain.
		assertThat(told).isGreaterThan(answered - redirected - Duration.ofMillis(2).toNanos());
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();

		@EventListener({ LoginCompletedEvent.class, LoginFailedEvent.class })
		void on(Object event) {
			this.events.add(event);
		}

	}

}
