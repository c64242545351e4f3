package io.github.oauth2pkce.device;

import java.net.URI;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.SocketEffect;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Endpoints;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.source.ForeignTokenException;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.token.AuthorizationDeniedException;
import io.github.oauth2pkce.token.AuthorizationExpiredException;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.ClientAuthentication;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenRequestException;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.util.MultiValueMap;
import org.springframework.util.unit.DataSize;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** RFC 8628 section 3.5, poll by poll. */
@Timeout(30)
@ExtendWith(OutputCaptureExtension.class)
class DevicePollingTests {

	private static final Answer PENDING = Answer.error(400, "authorization_pending", "Not yet");

	private static final Answer SLOW_DOWN = Answer.error(400, "slow_down", "Slow down");

	private final DeviceWorld world = new DeviceWorld();

	@AfterEach
	void close() {
		this.world.close();
	}

	// The interval.

	@Test
	void waitsTheServersIntervalBeforeEachPoll() throws Exception {
		this.world.server.device().enforceInterval();
		this.world.approveDuringWait(3);
		this.world.login();
		assertThat(this.world.time.seconds()).containsExactly(3L, 3L, 3L);
		assertThat(this.world.polls).containsExactly(PollResult.PENDING, PollResult.PENDING, PollResult.SUCCESS);
	}

	@Test
	void waitsFiveSecondsWhenTheServerNamesNoInterval() throws Exception {
		this.world.server.device().answer().remove("interval");
		this.world.approveDuringWait(2);
		this.world.login();
		assertThat(this.world.time.seconds()).containsExactly(5L, 5L);
	}

	@Test
	void slowDownAddsFiveSecondsForGood() throws Exception {
		this.world.time.onWait((wait) -> {
			if (wait == 1) {
				this.world.server.slowDown(this.world.userCode(), 1);
			}
			if (wait == 3) {
				this.world.server.approve(this.world.userCode());
			}
		});
		this.world.login();
		assertThat(this.world.time.seconds()).containsExactly(3L, 8L, 8L);
		assertThat(this.world.polls).containsExactly(PollResult.SLOW_DOWN, PollResult.PENDING, PollResult.SUCCESS);
	}

	@Test
	void eachSlowDownAddsFiveSeconds() throws Exception {
		this.world.server.device().approveAtOnce();
		this.world.server.enqueue(Endpoint.TOKEN, SLOW_DOWN, SLOW_DOWN, PENDING);
		this.world.login();
		assertThat(this.world.time.seconds()).containsExactly(3L, 8L, 13L, 13L);
	}

	@Test
	void transientFailureNeverShortensALongInterval() throws Exception {
		this.world.server.device().interval(Duration.ofSeconds(90)).approveAtOnce();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.connectionClosed(), Answer.status(503));
		this.world.login();
		assertThat(this.world.time.seconds()).containsExactly(90L, 90L, 90L);
	}

	@Test
	void intervalBeyondTheLifetimeMeansOnePollAtTheEnd() throws Exception {
		this.world.server.device().answer().put("interval", 1_000_000_000);
		this.world.approveDuringWait(1);
		this.world.login();
		assertThat(this.world.time.waited()).isEqualTo(Duration.ofSeconds(599));
	}

	// Silence.

	@Test
	void assertionThatCannotBeReadJustNowEndsNoLogin() throws Exception {
		assertThat(pollWithFailing(Problem.SUBJECT_TOKEN_UNAVAILABLE).accessToken()).isNotBlank();
		assertThat(this.world.polls).containsExactly(PollResult.TRANSIENT, PollResult.SUCCESS);
	}

	@Test
	void assertionThatIsMissingEndsTheLogin() {
		assertThatExceptionOfType(ForeignTokenException.class)
			.isThrownBy(() -> pollWithFailing(Problem.SUBJECT_TOKEN_MISSING));
	}

	private TokenResponse pollWithFailing(Problem problem) throws InterruptedException {
		this.world.server.device().approveAtOnce();
		ForeignToken token = new ForeignToken(Source.BEAN, "platform", ForeignToken.JWT, "client-assertion.bean");
		AtomicBoolean failed = new AtomicBoolean();
		ClientAuthentication failing = new ClientAuthentication() {

			@Override
			public ClientAuthenticationMethod method() {
				return ClientAuthenticationMethod.PRIVATE_KEY_JWT;
			}

			@Override
			public void authenticate(Provider provider, URI endpoint, HttpHeaders headers,
					MultiValueMap<String, String> form) {
				if (failed.compareAndSet(false, true)) {
					throw new ForeignTokenException(problem, token, "it failed", null);
				}
				form.set("client_id", provider.client().id());
			}

		};
		WebClient webClient = WebClient.create();
		AuthorizationServerClient client = new AuthorizationServerClient((provider) -> webClient, List.of(failing),
				Duration.ofSeconds(20), DataSize.ofMegabytes(1));
		Provider provider = this.world.provider()
			.clientAuthenticationMethod(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
			.build();
		DeviceCeremony ceremony = new DeviceCeremony(CredentialId.ofApplication("demo"), provider,
				this.world.server.uri(Endpoint.TOKEN), this.world.authorize(), Credential.NONE, false);
		return new DevicePolling(new TokenEndpoint(client), this.world.time, ceremony, Turns.ALONE,
				this.world.polls::add)
			.poll();
	}

	static Stream<Answer> nothings() {
		return Stream.of(Answer.connectionClosed(), Answer.status(408), Answer.status(425), Answer.status(429),
				Answer.error(429, "rate_limited", "Too many requests"), Answer.status(500),
				Answer.text(502, "text/html", "<html>Bad gateway</html>"),
				Answer.error(503, "temporarily_unavailable", null), Answer.error(400, "server_error", null),
				Answer.error(503, "access_denied", "Said by a gateway in trouble"),
				Answer.error(500, "invalid_grant", "Said by a server in trouble"),
				Answer.text(200, "text/html", "<html>Captive portal</html>"), Answer.text(400, "text/html", "<html>"),
				Answer.status(200), Answer.json(200, "{}"), Answer.json(200, "[]"),
				Answer.json(200, Map.of("token_type", "Bearer", "expires_in", 300)),
				Answer.json(200, Map.of("access_token", "", "token_type", "Bearer")),
				Answer.redirect("https://elsewhere.example/"));
	}

	@ParameterizedTest
	@MethodSource("nothings")
	void answerThatSaysNothingBacksOffAndTheLoginGoesOn(Answer nothing) throws Exception {
		this.world.server.enqueue(Endpoint.TOKEN, nothing);
		this.world.approveDuringWait(3);
		this.world.login();
		assertThat(this.world.polls).containsExactly(PollResult.TRANSIENT, PollResult.PENDING, PollResult.SUCCESS);
		assertThat(this.world.time.seconds()).containsExactly(3L, 6L, 3L);
		assertThat(this.world.pollRequests()).as("no poll is sent twice").hasSize(3);
	}

	@Test
	void refusedConnectionBacksOffAndTheLoginGoesOn() throws Exception {
		this.world.server.device().approveAtOnce();
		this.world.time.onWait((wait) -> {
			if (wait == 1) {
				this.world.server.stop();
			}
			if (wait == 3) {
				this.world.server.restartOnSamePort();
			}
		});
		this.world.login();
		assertThat(this.world.polls).containsExactly(PollResult.TRANSIENT, PollResult.TRANSIENT, PollResult.SUCCESS);
		assertThat(this.world.time.seconds()).containsExactly(3L, 6L, 12L);
	}

	@Test
	void exchangeThatTakesTooLongBacksOffAndTheLoginGoesOn() throws Exception {
		this.world.exchangeTimeout = Duration.ofMillis(500);
		CountDownLatch never = new CountDownLatch(1);
		this.world.server.device().approveAtOnce();
		this.world.server.enqueue(Endpoint.TOKEN, PENDING.answeredAfter(never));
		this.world.login();
		assertThat(this.world.polls).containsExactly(PollResult.TRANSIENT, PollResult.SUCCESS);
		assertThat(this.world.time.seconds()).containsExactly(3L, 6L);
	}

	@Test
	void socketFaultsBackOffAndTheLoginGoesOn() throws Exception {
		try (MockWebServer sockets = new MockWebServer()) {
			MockResponse token = new MockResponse.Builder().addHeader("Content-Type", "application/json")
				.body("{\"access_token\":\"mock-access-token\",\"token_type\":\"bearer\"}")
				.build();
			sockets.enqueue(token.newBuilder().onRequestStart(new SocketEffect.CloseSocket()).build());
			sockets.enqueue(token.newBuilder().onRequestBody(new SocketEffect.CloseSocket()).build());
			sockets.enqueue(token.newBuilder().onResponseStart(new SocketEffect.CloseSocket()).build());
			sockets.enqueue(token.newBuilder().onResponseBody(new SocketEffect.CloseSocket()).build());
			sockets.enqueue(token.newBuilder().status("garbage").build());
			sockets.enqueue(token);
			sockets.start();
			this.world.login(this.world.provider()
				.endpoints(new Endpoints(null, this.world.server.uri(Endpoint.DEVICE_AUTHORIZATION),
						sockets.url("/token").uri(), null))
				.build());
			assertThat(this.world.polls.get(this.world.polls.size() - 1)).isEqualTo(PollResult.SUCCESS);
			assertThat(this.world.polls).filteredOn(PollResult.TRANSIENT::equals)
				.hasSizeGreaterThanOrEqualTo(4)
				.hasSize(this.world.polls.size() - 1);
		}
	}

	@Test
	void tenFailuresInARowStillSucceedWithABackoffCappedAtOneMinute() throws Exception {
		this.world.server.device().lifetime(Duration.ofMinutes(20)).approveAtOnce();
		this.world.server.enqueue(Endpoint.TOKEN, Collections.nCopies(10, Answer.status(503)).toArray(Answer[]::new));
		this.world.login();
		assertThat(this.world.time.seconds()).containsExactly(3L, 6L, 12L, 24L, 48L, 60L, 60L, 60L, 60L, 60L, 60L);
		assertThat(this.world.polls).hasSize(11).endsWith(PollResult.SUCCESS);
	}

	@Test
	void backoffIsGoneWithTheFirstAnswerAndTheIntervalStays() throws Exception {
		this.world.server.device().approveAtOnce();
		this.world.server.enqueue(Endpoint.TOKEN, SLOW_DOWN, Answer.status(500), Answer.status(500), PENDING,
				Answer.status(500));
		this.world.login();
		assertThat(this.world.time.seconds()).containsExactly(3L, 8L, 16L, 32L, 8L, 16L);
	}

	@Test
	void backoffLeavesOneLastPollBeforeTheEnd() throws Exception {
		this.world.server.device().lifetime(Duration.ofSeconds(60));
		this.world.server.enqueue(Endpoint.TOKEN, Collections.nCopies(4, Answer.status(503)).toArray(Answer[]::new));
		this.world.approveDuringWait(5);
		this.world.login();
		assertThat(this.world.time.seconds()).containsExactly(3L, 6L, 12L, 24L, 14L);
	}

	// Retry-After.

	@ParameterizedTest
	@CsvSource(textBlock = """
			30,     30
			4,      6
			0,      6
			-5,     6
			later,  6
			100,    100
			""")
	void retryAfterIsHonouredWhenItIsLonger(String header, long seconds) throws Exception {
		this.world.server.device().approveAtOnce();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.status(429).withHeader("Retry-After", header));
		this.world.login();
		assertThat(this.world.time.seconds()).containsExactly(3L, seconds);
	}

	@Test
	void retryAfterMayBeADate() throws Exception {
		this.world.server.device().approveAtOnce();
		String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(90));
		this.world.server.enqueue(Endpoint.TOKEN, Answer.status(503).withHeader("Retry-After", date));
		this.world.login();
		assertThat(this.world.time.seconds().get(1)).isBetween(60L, 90L);
	}

	@Test
	void retryAfterBesideAnOAuthErrorHoldsForOneWait() throws Exception {
		this.world.server.device().approveAtOnce();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.error(429, "slow_down", null).withHeader("Retry-After", "20"),
				PENDING, Answer.error(429, "authorization_pending", null).withHeader("Retry-After", "40"), PENDING);
		this.world.login();
		assertThat(this.world.time.seconds()).containsExactly(3L, 20L, 8L, 40L, 8L);
	}

	@Test
	void retryAfterDoesNotStartTheBackoffAtItsValue() throws Exception {
		this.world.server.device().approveAtOnce();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.status(429).withHeader("Retry-After", "50"),
				Answer.status(503));
		this.world.login();
		assertThat(this.world.time.seconds()).containsExactly(3L, 50L, 12L);
	}

	@Test
	void retryAfterBeyondTheEndMeansOneLastPoll() throws Exception {
		this.world.server.enqueue(Endpoint.TOKEN, Answer.status(429).withHeader("Retry-After", "3600"));
		this.world.approveDuringWait(2);
		this.world.login();
		assertThat(this.world.time.seconds()).containsExactly(3L, 596L);
	}

	// Answers.

	@ParameterizedTest
	@ValueSource(ints = { 200, 400, 401, 403, 428, 429 })
	void errorsAreReadUnderAnyStatus(int status) {
		this.world.server.enqueue(Endpoint.TOKEN, Answer.error(status, "authorization_pending", null),
				Answer.error(status, "slow_down", null), Answer.error(status, "access_denied", null));
		assertThatExceptionOfType(AuthorizationDeniedException.class).isThrownBy(this.world::login);
		assertThat(this.world.polls).containsExactly(PollResult.PENDING, PollResult.SLOW_DOWN, PollResult.FAILED);
		assertThat(this.world.time.seconds()).containsExactly(3L, 3L, 8L);
	}

	@ParameterizedTest
	@ValueSource(ints = { 200, 400, 401, 403, 428, 429 })
	void expiryIsReadUnderAnyStatus(int status) {
		this.world.server.enqueue(Endpoint.TOKEN, Answer.error(status, "expired_token", null));
		assertThatExceptionOfType(AuthorizationExpiredException.class).isThrownBy(this.world::login);
		assertThat(this.world.polls).containsExactly(PollResult.FAILED);
	}

	@Test
	void errorsAreReadAtAnyLengthAndTheirTextIsCut() {
		String description = "AADSTS70016: pending. ".repeat(1000);
		assertThat(description).hasSizeGreaterThan(20_000);
		this.world.server.enqueue(Endpoint.TOKEN, Answer.error(400, "authorization_pending", description),
				Answer.error(400, "slow_down", description), Answer.error(400, "bad_verification_code", description));
		assertThatExceptionOfType(TokenRequestException.class).isThrownBy(this.world::login)
			.satisfies((ex) -> assertThat(ex.errorCode()).isEqualTo("bad_verification_code"))
			.satisfies((ex) -> assertThat(ex.getMessage()).hasSizeLessThan(300));
		assertThat(this.world.polls).containsExactly(PollResult.PENDING, PollResult.SLOW_DOWN, PollResult.FAILED);
	}

	@ParameterizedTest
	@ValueSource(strings = { "access_denied", "authorization_declined" })
	void denialIsFinalAndHasItsOwnException(String error) {
		this.world.server.enqueue(Endpoint.TOKEN, PENDING,
				Answer.error(400, error, "The end user denied the authorization request"));
		assertThatExceptionOfType(AuthorizationDeniedException.class).isThrownBy(this.world::login)
			.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo(error));
		assertThat(this.world.polls).containsExactly(PollResult.PENDING, PollResult.FAILED);
		assertThat(this.world.pollRequests()).hasSize(2);
	}

	@ParameterizedTest
	@ValueSource(strings = { "expired_token", "code_expired" })
	void expiryIsFinalAndHasItsOwnException(String error) {
		this.world.server.enqueue(Endpoint.TOKEN, Answer.error(400, error, "Device code is expired"));
		assertThatExceptionOfType(AuthorizationExpiredException.class).isThrownBy(this.world::login)
			.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("expired_token"));
		assertThat(this.world.pollRequests()).hasSize(1);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			400 | invalid_grant       | Device code not valid
			400 | invalid_grant       | PKCE verification failed: Code mismatch
			400 | invalid_grant       | PKCE code verifier not specified
			400 | invalid_request     | Missing parameter: device_code
			401 | invalid_client      | Invalid client or Invalid client credentials
			400 | unsupported_grant_type | Unsupported grant_type
			200 | incorrect_device_code  | The device_code provided is not valid.
			400 | something_new       | Never heard of
			""")
	void everyOtherErrorIsFinalAndSaysWhatTheServerSaid(int status, String error, String description) {
		this.world.server.enqueue(Endpoint.TOKEN, PENDING, Answer.error(status, error, description));
		assertThatExceptionOfType(TokenRequestException.class).isThrownBy(this.world::login).satisfies((ex) -> {
			assertThat(ex.errorCode()).isEqualTo(error);
			assertThat(ex.status()).isEqualTo(status);
			assertThat(ex.getError().getDescription()).isEqualTo(description);
		});
		assertThat(this.world.polls).containsExactly(PollResult.PENDING, PollResult.FAILED);
	}

	@Test
	void tokenOfAnUnknownTypeIsNotUsed() {
		this.world.server.device().approveAtOnce();
		this.world.server.tokens().answer().put("token_type", "DPoP");
		assertThatExceptionOfType(TokenRequestException.class).isThrownBy(this.world::login)
			.satisfies((ex) -> assertThat(ex.errorCode()).isEqualTo("unsupported_token_type"));
		assertThat(this.world.polls).containsExactly(PollResult.FAILED);
	}

	@Test
	void tokenAnswerThatIsLostCostsTheLoginBecauseTheCodeIsUsedUp() {
		this.world.server.device().approveAtOnce();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().dropped());
		assertThatExceptionOfType(OAuth2AuthorizationException.class).isThrownBy(this.world::login)
			.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("invalid_grant"))
			.withMessageContaining("its tokens were lost with that answer: log in again");
		assertThat(this.world.polls).containsExactly(PollResult.TRANSIENT, PollResult.FAILED);
	}

	/** Glewlwyd and CAS call a code so that they have redeemed. */
	@ParameterizedTest
	@ValueSource(strings = { "access_denied", "authorization_declined" })
	void nobodyIsToldOfADenialThatMayBeALostAnswer(String error) {
		this.world.server.device().approveAtOnce();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().dropped(), Answer.error(400, error, null));
		assertThatExceptionOfType(OAuth2AuthorizationException.class).isThrownBy(this.world::login)
			.isNotInstanceOf(AuthorizationDeniedException.class)
			.withMessageStartingWith("The server said " + error + ", and the poll before had no usable answer (POST ")
			.withMessageContaining("If you have approved the login");
	}

	@Test
	void denialAfterAnAnswerIsADenial() {
		this.world.server.enqueue(Endpoint.TOKEN, Answer.connectionClosed(), PENDING,
				Answer.error(400, "access_denied", null));
		assertThatExceptionOfType(AuthorizationDeniedException.class).isThrownBy(this.world::login);
	}

	@Test
	void expiryAfterALostAnswerSaysSo() {
		this.world.server.enqueue(Endpoint.TOKEN, Answer.connectionClosed(), Answer.error(400, "expired_token", null));
		assertThatExceptionOfType(AuthorizationExpiredException.class).isThrownBy(this.world::login)
			.withMessageContaining("the poll before had no usable answer");
	}

	/** Better-auth wants JSON: it will not change its mind in ten minutes. */
	@Test
	void refusalThatIsNoOAuthErrorEndsTheLoginAfterThree() {
		this.world.server.answerAlways(Endpoint.TOKEN, Answer.json(415,
				Map.of("code", "UNSUPPORTED_MEDIA_TYPE", "message", "Content-Type \"x\" is not allowed")));
		assertThatExceptionOfType(TokenRequestException.class).isThrownBy(this.world::login)
			.withMessage("HTTP 415: not an OAuth 2.0 answer, but"
					+ " 'UNSUPPORTED_MEDIA_TYPE: Content-Type \"x\" is not allowed'");
		assertThat(this.world.polls).containsExactly(PollResult.TRANSIENT, PollResult.TRANSIENT, PollResult.FAILED);
	}

	@ParameterizedTest
	@ValueSource(ints = { 408, 425, 429, 500, 503 })
	void whatPassesEndsNoLogin(int status) throws Exception {
		this.world.server.enqueue(Endpoint.TOKEN,
				Collections.nCopies(4, Answer.text(status, "text/html", "<html>")).toArray(Answer[]::new));
		this.world.server.device().approveAtOnce();
		this.world.login();
	}

	@Test
	void refusalsCountInARow() throws Exception {
		Answer refusal = Answer.text(403, "text/html", "<html>");
		this.world.server.device().approveAtOnce();
		this.world.server.enqueue(Endpoint.TOKEN, refusal, refusal, PENDING, refusal, refusal);
		this.world.login();
	}

	/** The code is redeemed, so no further poll can help. */
	@Test
	void answerWithAnIdTokenOnlyEndsTheLoginAndSaysSo() {
		this.world.server.enqueue(Endpoint.TOKEN,
				Answer.json(200, Map.of("id_token", "eyJ.secret.x", "token_type", "Bearer")));
		assertThatExceptionOfType(TokenRequestException.class).isThrownBy(this.world::login)
			.withMessageContaining("an ID token and no access token: ")
			.withMessageNotContaining("eyJ");
		assertThat(this.world.pollRequests()).hasSize(1);
	}

	/** RFC 6749 section 3.1: a parameter without a value counts as omitted. */
	@ParameterizedTest
	@ValueSource(strings = { "", " ", "\u0007", "\u202e" })
	void errorThatIsNoneCostsNoLogin(String error) throws Exception {
		this.world.server.device().approveAtOnce();
		for (int status : new int[] { 503, 400, 200 }) {
			this.world.server.enqueue(Endpoint.TOKEN, Answer.json(status, Map.of("error", error)));
		}
		this.world.server.tokens().answer().put("error", error);
		this.world.login();
		assertThat(this.world.polls).hasSize(4).endsWith(PollResult.SUCCESS);
	}

	// The end.

	@Test
	void pollsToTheEndOfTheCodeAndNotBeyondIt() {
		this.world.server.device().lifetime(Duration.ofSeconds(60)).interval(Duration.ofSeconds(7));
		assertThatExceptionOfType(AuthorizationExpiredException.class).isThrownBy(this.world::login)
			.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("expired_token"));
		// The last one at 59 s, whatever the interval.
		assertThat(this.world.pollRequests()).hasSize(9);
		assertThat(this.world.time.waited()).isEqualTo(Duration.ofSeconds(60));
	}

	/** Between the last poll of the interval and the end of the code. */
	@Test
	void whoApprovesLateIsFoundByOneLastPoll() throws Exception {
		this.world.server.device().lifetime(Duration.ofSeconds(12)).interval(Duration.ofSeconds(5));
		this.world.approveDuringWait(3);
		this.world.login();
		assertThat(this.world.time.seconds()).containsExactly(5L, 5L, 1L);
	}

	@ParameterizedTest
	@MethodSource("nothings")
	void answerThatSaysNothingNearTheEndLeavesTheLastPoll(Answer nothing) throws Exception {
		this.world.server.device().lifetime(Duration.ofSeconds(12)).interval(Duration.ofSeconds(5));
		this.world.server.enqueue(Endpoint.TOKEN, PENDING, nothing);
		this.world.approveDuringWait(3);
		this.world.login();
		assertThat(this.world.time.seconds()).containsExactly(5L, 5L, 1L);
	}

	@Test
	void lastPollIsTheLast() {
		this.world.server.device().lifetime(Duration.ofSeconds(12)).interval(Duration.ofSeconds(5));
		this.world.server.enqueue(Endpoint.TOKEN, PENDING, PENDING, SLOW_DOWN);
		assertThatExceptionOfType(AuthorizationExpiredException.class).isThrownBy(this.world::login);
		assertThat(this.world.time.seconds()).containsExactly(5L, 5L, 1L, 1L);
		assertThat(this.world.pollRequests()).hasSize(3);
	}

	@Test
	void silenceDoesNotEndALoginBeforeItsCode() {
		this.world.server.answerAlways(Endpoint.TOKEN, Answer.connectionClosed());
		assertThatExceptionOfType(AuthorizationExpiredException.class).isThrownBy(this.world::login);
		assertThat(this.world.time.waited()).isEqualTo(Duration.ofMinutes(10));
		assertThat(this.world.polls).hasSizeGreaterThan(10).containsOnly(PollResult.TRANSIENT);
	}

	/** Otherwise the person, who has approved, is told that nobody did. */
	@Test
	void endSaysThatTheTokenEndpointNeverAnswered(CapturedOutput output) {
		this.world.server.answerAlways(Endpoint.TOKEN, Answer.text(502, "text/html", "<html>Not here</html>"));
		assertThatExceptionOfType(AuthorizationExpiredException.class).isThrownBy(this.world::login)
			.withMessage("The code expired; the last %d polls of the token endpoint had no usable answer: HTTP 502:"
					+ " not an OAuth 2.0 answer, but text/html", this.world.pollRequests().size())
			.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("expired_token"));
		assertThat(output.getAll().lines().filter((line) -> line.contains("had no usable answer"))).singleElement()
			.asString()
			.contains("WARN", "A poll for the login of 'demo' had no usable answer, and polling goes on: HTTP 502");
	}

	@Test
	void endSaysWhyTheTokenEndpointCouldNotBeReached() {
		this.world.time.onWait((wait) -> {
			if (wait == 1) {
				this.world.server.stop();
			}
		});
		assertThatExceptionOfType(AuthorizationExpiredException.class).isThrownBy(this.world::login)
			.withMessageStartingWith("The code expired; the last ")
			.withMessageContaining("POST " + this.world.server.uri(Endpoint.TOKEN) + ": Connection refused");
	}

	@Test
	void endTellsOfTheLastPolls() {
		this.world.server.enqueue(Endpoint.TOKEN, PENDING, Answer.status(429).withHeader("Retry-After", "3600"),
				Answer.status(503));
		assertThatExceptionOfType(AuthorizationExpiredException.class).isThrownBy(this.world::login)
			.withMessageStartingWith(
					"The code expired; the last 2 polls of the token endpoint had no usable answer: HTTP 503");
	}

	@Test
	void silenceThatIsOverIsNotWhyNobodyCame() {
		this.world.server.enqueue(Endpoint.TOKEN, Answer.status(503), Answer.connectionClosed());
		assertThatExceptionOfType(AuthorizationExpiredException.class).isThrownBy(this.world::login)
			.withMessage("Nobody finished the login in time");
	}

	@Test
	void timeIsMonotonicSoThatASetClockChangesNothing() {
		this.world.server.answerAlways(Endpoint.TOKEN, PENDING);
		this.world.server.device().lifetime(Duration.ofSeconds(30)).interval(Duration.ofSeconds(10));
		this.world.time.onWait((wait) -> this.world.clock.advance(Duration.ofDays((wait == 1) ? 1 : -2)));
		assertThatExceptionOfType(AuthorizationExpiredException.class).isThrownBy(this.world::login);
		assertThat(this.world.time.seconds()).containsExactly(10L, 10L, 9L, 1L);
		assertThat(this.world.pollRequests()).hasSize(3);
	}

	@Test
	void timeThatThePromptTakesCounts() throws Exception {
		this.world.server.device().approveAtOnce();
		this.world.login(this.world.provider().build(), (userCode) -> this.world.time.pass(Duration.ofSeconds(596)));
		assertThat(this.world.time.seconds()).containsExactly(3L);
	}

	@Test
	void promptThatOutlastsTheCodeEndsTheLoginAtOnce() {
		assertThatExceptionOfType(AuthorizationExpiredException.class).isThrownBy(() -> this.world
			.login(this.world.provider().build(), (userCode) -> this.world.time.pass(Duration.ofHours(1))));
		assertThat(this.world.time.waits()).isEmpty();
		assertThat(this.world.pollRequests()).isEmpty();
	}

	// Cancelling.

	@Test
	void interruptDuringAWaitEndsThePolling() {
		this.world.time.onWait((wait) -> {
			throw new InterruptedException();
		});
		assertThatExceptionOfType(InterruptedException.class).isThrownBy(this.world::login);
		assertThat(this.world.pollRequests()).isEmpty();
	}

	@Test
	void interruptDuringAPollEndsThePolling() throws Exception {
		CountDownLatch never = new CountDownLatch(1);
		this.world.server.answerAlways(Endpoint.TOKEN, PENDING.answeredAfter(never));
		AtomicReference<Throwable> end = new AtomicReference<>();
		Thread thread = new Thread(() -> {
			try {
				this.world.login();
			}
			catch (InterruptedException | OAuth2AuthorizationException ex) {
				end.set(ex);
			}
		});
		thread.start();
		this.world.server.takeRequest(Endpoint.TOKEN, Duration.ofSeconds(10));
		thread.interrupt();
		thread.join(10_000);
		assertThat(end.get()).isInstanceOf(InterruptedException.class);
		assertThat(this.world.polls).isEmpty();
	}

	@Test
	void loginsDoNotDisturbEachOther() {
		this.world.server.device().approveAtOnce();
		List<CompletableFuture<Void>> logins = Stream.generate(() -> CompletableFuture.runAsync(() -> {
			try {
				this.world.login();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		})).limit(8).toList();
		CompletableFuture.allOf(logins.toArray(CompletableFuture[]::new)).join();
		assertThat(this.world.pollRequests()).extracting((poll) -> poll.parameter("device_code"))
			.doesNotHaveDuplicates()
			.hasSize(8);
	}

}
