package io.github.oauth2pkce.testing;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

@Timeout(30)
class FakeAuthorizationServerTests {

	/** RFC 7636 Appendix B. */
	private static final String VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

	private static final String CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

	private static final String OTHER_VERIFIER = "a".repeat(43);

	private static final String DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

	private static final Duration SOON = Duration.ofSeconds(5);

	private final MovableClock clock = new MovableClock(Instant.parse("2026-11-01T12:00:00Z"));

	private final HttpClient http = HttpClient.newHttpClient();

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start("", this.clock);

	@BeforeEach
	void registerClients() {
		this.server.register(FakeClient.publicClient("cli").requirePkce());
		this.server.register(FakeClient.publicClient("lax"));
		this.server.register(FakeClient.confidential("a client:1", "s3cret+/ %:word"));
	}

	@AfterEach
	void stopServer() {
		this.server.close();
	}

	@Test
	void userOfADeviceLoginDoesWhatTheTestSays() {
		JsonNode device = json(beginDeviceLogin("scope", "openid"), 200);
		FakeDeviceLogin login = this.server.deviceLogin();
		assertThat(login.userCode()).isEqualTo(device.path("user_code").asString());
		String deviceCode = device.path("device_code").asString();
		login.slowDown(1);
		assertError(poll(deviceCode, VERIFIER), 400, "slow_down", "Slow down");
		login.approveAs("bob");
		String token = json(poll(deviceCode, VERIFIER), 200).path("access_token").asString();
		assertThat(callApi(token).body()).contains("bob");
	}

	@Test
	void nextAnswersAreGivenInTheirOrderAndOnce() {
		this.server.nextTokenAnswer().status(503);
		this.server.nextTokenAnswer().error("invalid_grant");
		assertThat(poll("unknown", VERIFIER).statusCode()).isEqualTo(503);
		assertThat(json(poll("unknown", VERIFIER), 400).path("error").asString()).isEqualTo("invalid_grant");
		assertError(poll("unknown", VERIFIER), 400, "invalid_grant", "Device code not valid");
	}

	@Test
	void takesAnyClientThatNobodyHasRegisteredIfToldSo() {
		assertError(post(Endpoint.DEVICE_AUTHORIZATION, "client_id", "unknown"), 401, "invalid_client",
				"Invalid client or Invalid client credentials");
		this.server.acceptAnyClient();
		json(post(Endpoint.DEVICE_AUTHORIZATION, "client_id", "unknown"), 200);
		json(post(Endpoint.TOKEN, "client_id", "unknown", "client_secret", "any", "grant_type", "client_credentials"),
				200);
	}

	@Test
	void remembersNothingAfterAReset() {
		String issuer = this.server.issuer();
		this.server.device().interval(Duration.ofSeconds(9));
		this.server.nextTokenAnswer().status(503);
		String deviceCode = json(beginDeviceLogin(), 200).path("device_code").asString();
		this.server.stop();
		this.server.reset();
		assertThat(this.server.issuer()).isEqualTo(issuer);
		assertThat(this.server.requests()).isEmpty();
		registerClients();
		assertError(poll(deviceCode, VERIFIER), 400, "invalid_grant", "Device code not valid");
		assertThat(json(beginDeviceLogin(), 200).path("interval").asInt()).isEqualTo(1);
	}

	@Test
	void deviceLoginWithPkceSucceedsOnceTheUserApproves() {
		JsonNode device = json(beginDeviceLogin("scope", "openid"), 200);
		assertThat(device.path("user_code").asString()).matches("[A-Z]{4}-[A-Z]{4}");
		assertThat(device.path("verification_uri").asString()).isEqualTo(this.server.issuer() + "/device");
		assertThat(device.path("verification_uri_complete").asString())
			.isEqualTo(this.server.issuer() + "/device?user_code=" + device.path("user_code").asString());
		assertThat(device.path("expires_in").asInt()).isEqualTo(600);
		assertThat(device.path("interval").asInt()).isEqualTo(1);
		String deviceCode = device.path("device_code").asString();
		assertError(poll(deviceCode, VERIFIER), 400, "authorization_pending",
				"The authorization request is still pending");
		String userCode = this.server.takeUserCode(SOON);
		assertThat(userCode).isEqualTo(device.path("user_code").asString());
		this.server.approve(userCode);
		JsonNode token = json(poll(deviceCode, VERIFIER), 200);
		assertThat(token.path("token_type").asString()).isEqualTo("Bearer");
		assertThat(token.path("expires_in").isNumber()).isTrue();
		assertThat(token.path("scope").asString()).isEqualTo("openid");
		assertThat(callApi(token.path("access_token").asString()).statusCode()).isEqualTo(200);
		assertError(poll(deviceCode, VERIFIER), 400, "invalid_grant", "Device code not valid");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			                         |       | Missing parameter: code_challenge_method
			E9Melhoa2OwvFrEMTJgu-hao |       | Missing parameter: code_challenge_method
			                         | S256  | Missing parameter: code_challenge
			E9Melhoa2OwvFrEMTJgu-hao | S256  | Invalid parameter: code_challenge
			E9Melhoa2OwvFrEMTJgu-hao | plain \
			| Invalid parameter: code challenge method is not matching the configured one
			""")
	void enforcingClientMustSendAnS256Challenge(String challenge, String method, String description) {
		List<String> form = new ArrayList<>(List.of("client_id", "cli"));
		if (challenge != null) {
			form.addAll(List.of("code_challenge", challenge));
		}
		if (method != null) {
			form.addAll(List.of("code_challenge_method", method));
		}
		assertError(post(Endpoint.DEVICE_AUTHORIZATION, form.toArray(String[]::new)), 400, "invalid_request",
				description);
	}

	@Test
	void deviceEndpointRefusesAsKeycloakDoes() {
		this.server.register(FakeClient.publicClient("no-device").withoutDeviceGrant());
		assertError(post(Endpoint.DEVICE_AUTHORIZATION, "client_id", "no-device"), 400, "unauthorized_client",
				"Client is not allowed to initiate OAuth 2.0 Device Authorization Grant."
						+ " The flow is disabled for the client.");
		assertError(post(Endpoint.DEVICE_AUTHORIZATION, "client_id", "nobody"), 401, "invalid_client",
				"Invalid client or Invalid client credentials");
		assertError(post(Endpoint.DEVICE_AUTHORIZATION), 401, "invalid_client",
				"Invalid client or Invalid client credentials");
		assertError(post(Endpoint.DEVICE_AUTHORIZATION, "client_id", "lax", "scope", "a", "scope", "b"), 400,
				"invalid_grant", "duplicated parameter");
	}

	@Test
	void wrongVerifierIsRefusedButDoesNotUseUpTheDeviceCode() {
		String deviceCode = approvedDeviceCode();
		assertError(poll(deviceCode, OTHER_VERIFIER), 400, "invalid_grant", "PKCE verification failed: Code mismatch");
		assertError(poll(deviceCode, null), 400, "invalid_grant", "PKCE code verifier not specified");
		assertError(poll(deviceCode, "short"), 400, "invalid_grant", "PKCE verification failed: Invalid code verifier");
		assertThat(poll(deviceCode, VERIFIER).statusCode()).isEqualTo(200);
	}

	@Test
	void unsolicitedVerifierIsRefused() {
		this.server.device().approveAtOnce();
		String deviceCode = json(post(Endpoint.DEVICE_AUTHORIZATION, "client_id", "lax"), 200).path("device_code")
			.asString();
		assertError(
				post(Endpoint.TOKEN, "grant_type", DEVICE_CODE, "client_id", "lax", "device_code", deviceCode,
						"code_verifier", VERIFIER),
				400, "invalid_grant", "PKCE code verifier specified but challenge not present in authorization");
	}

	@Test
	void pollsEndAsTheUserOrTheClockDecides() {
		String denied = json(beginDeviceLogin(), 200).path("device_code").asString();
		this.server.deny(this.server.takeUserCode(SOON));
		for (int poll = 0; poll < 2; poll++) {
			assertError(poll(denied, VERIFIER), 400, "access_denied", "The end user denied the authorization request");
		}
		String expired = json(beginDeviceLogin(), 200).path("device_code").asString();
		this.server.expire(this.server.takeUserCode(SOON));
		assertError(poll(expired, VERIFIER), 400, "expired_token", "Device code is expired");
		String slow = json(beginDeviceLogin(), 200).path("device_code").asString();
		this.server.slowDown(this.server.takeUserCode(SOON), 1);
		assertError(poll(slow, VERIFIER), 400, "slow_down", "Slow down");
		assertError(poll(slow, VERIFIER), 400, "authorization_pending", "The authorization request is still pending");
		this.clock.advance(Duration.ofMinutes(10));
		assertError(poll(slow, VERIFIER), 400, "expired_token", "Device code is expired");
	}

	@Test
	void enforcedIntervalAnswersSlowDownToEagerPolls() {
		this.server.device().interval(Duration.ofSeconds(2)).enforceInterval();
		String deviceCode = approvedDeviceCode();
		this.clock.advance(Duration.ofSeconds(1));
		assertError(poll(deviceCode, VERIFIER), 400, "slow_down", "Slow down");
		this.clock.advance(Duration.ofSeconds(2));
		assertThat(poll(deviceCode, VERIFIER).statusCode()).isEqualTo(200);
	}

	@Test
	void otherTokenRequestErrorsAreThoseOfKeycloak() {
		String deviceCode = approvedDeviceCode();
		assertError(post(Endpoint.TOKEN, "grant_type", DEVICE_CODE, "client_id", "cli"), 400, "invalid_request",
				"Missing parameter: device_code");
		assertError(post(Endpoint.TOKEN, "grant_type", DEVICE_CODE, "client_id", "lax", "device_code", deviceCode), 400,
				"invalid_grant", "unauthorized client");
		assertError(post(Endpoint.TOKEN, "grant_type", "password", "client_id", "cli"), 400, "unsupported_grant_type",
				"Unsupported grant_type");
		assertError(post(Endpoint.TOKEN, "client_id", "cli"), 400, "invalid_request",
				"Missing form parameter: grant_type");
		assertError(refresh("garbage"), 400, "invalid_grant", "Invalid refresh token");
	}

	@Test
	void reusedRefreshTokenEndsTheLogin() {
		JsonNode first = login();
		JsonNode second = json(refresh(refreshToken(first)), 200);
		assertThat(refreshToken(second)).isNotEqualTo(refreshToken(first));
		assertError(refresh(refreshToken(first)), 400, "invalid_grant", "Maximum allowed refresh token reuse exceeded");
		assertError(refresh(refreshToken(second)), 400, "invalid_grant", "Session doesn't have required client");
		assertThat(callApi(second.path("access_token").asString()).statusCode()).isEqualTo(401);
		assertThat(this.server.refreshRequests()).isEqualTo(3);
		assertThat(this.server.refreshesGranted()).isEqualTo(1);
	}

	@Test
	void oneTimeRotationRefusesReuseAndSparesTheSuccessor() {
		this.server.tokens().rotation(RefreshTokenRotation.ONE_TIME);
		JsonNode first = login();
		JsonNode second = json(refresh(refreshToken(first)), 200);
		assertError(refresh(refreshToken(first)), 400, "invalid_grant", "Maximum allowed refresh token reuse exceeded");
		assertThat(refresh(refreshToken(second)).statusCode()).isEqualTo(200);
	}

	@Test
	void staticRefreshTokenIsRepeated() {
		this.server.tokens().rotation(RefreshTokenRotation.STATIC);
		JsonNode first = login();
		JsonNode second = json(refresh(refreshToken(first)), 200);
		assertThat(refreshToken(second)).isEqualTo(refreshToken(first));
		assertThat(second.path("access_token")).isNotEqualTo(first.path("access_token"));
	}

	@Test
	void refreshAnswerWithoutRefreshTokenLeavesTheUsedOneValid() {
		this.server.tokens().refreshTokenOnRefresh(false);
		JsonNode first = login();
		assertThat(json(refresh(refreshToken(first)), 200).has("refresh_token")).isFalse();
		assertThat(refresh(refreshToken(first)).statusCode()).isEqualTo(200);
	}

	@Test
	void onlyOneOfManyParallelRefreshesIsGranted() {
		String refreshToken = refreshToken(login());
		List<CompletableFuture<HttpResponse<String>>> calls = IntStream.range(0, 8)
			.mapToObj((index) -> this.http.sendAsync(form(Endpoint.TOKEN, "grant_type", "refresh_token", "client_id",
					"cli", "refresh_token", refreshToken), BodyHandlers.ofString()))
			.toList();
		List<Integer> statuses = calls.stream().map((call) -> call.join().statusCode()).sorted().toList();
		assertThat(statuses).containsExactly(200, 400, 400, 400, 400, 400, 400, 400);
		assertThat(this.server.refreshesGranted()).isEqualTo(1);
	}

	@Test
	void tokenAnswersCanBeBent() {
		this.server.tokens().expiresInAsString().refreshTokenLifetime(Duration.ofMinutes(30)).grantedScope("read");
		JsonNode token = login();
		assertThat(token.path("expires_in").isString()).isTrue();
		assertThat(token.path("refresh_expires_in").asInt()).isEqualTo(1800);
		assertThat(token.path("scope").asString()).isEqualTo("read");
		this.clock.advance(Duration.ofMinutes(30));
		assertError(refresh(refreshToken(token)), 400, "invalid_grant", "Token is not active");
		this.server.tokens().answer().remove("expires_in").put("token_type", "DPoP");
		this.server.tokens().refreshTokenOnLogin(false);
		JsonNode bent = login();
		assertThat(bent.has("expires_in")).isFalse();
		assertThat(bent.has("refresh_token")).isFalse();
		assertThat(bent.path("token_type").asString()).isEqualTo("DPoP");
	}

	@Test
	void deviceAnswerMembersCanBeAnyJson() {
		this.server.device()
			.answer()
			.remove("verification_uri")
			.put("verification_url", "https://example.com/device")
			.put("expires_in", "1800")
			.putRaw("interval", "1e400");
		assertThat(beginDeviceLogin().body()).contains("\"verification_url\":\"https://example.com/device\"")
			.contains("\"expires_in\":\"1800\"")
			.contains("\"interval\":1e400")
			.doesNotContain("\"verification_uri\":");
	}

	@Test
	void droppedAnswerIsProcessedAllTheSame() {
		String refreshToken = refreshToken(login());
		this.server.enqueue(Endpoint.TOKEN, Answer.normally().dropped());
		assertThatIOException().isThrownBy(() -> send(form(Endpoint.TOKEN, "grant_type", "refresh_token", "client_id",
				"cli", "refresh_token", refreshToken)));
		assertThat(this.server.refreshesGranted()).isEqualTo(1);
		assertError(refresh(refreshToken), 400, "invalid_grant", "Maximum allowed refresh token reuse exceeded");
	}

	@Test
	void droppedRequestIsRecordedButNotProcessed() {
		String refreshToken = refreshToken(login());
		this.server.enqueue(Endpoint.TOKEN, Answer.connectionClosed());
		assertThatIOException().isThrownBy(() -> send(form(Endpoint.TOKEN, "grant_type", "refresh_token", "client_id",
				"cli", "refresh_token", refreshToken)));
		assertThat(this.server.refreshRequests()).isEqualTo(1);
		assertThat(this.server.refreshesGranted()).isZero();
		assertThat(refresh(refreshToken).statusCode()).isEqualTo(200);
	}

	@Test
	void answerCutInTheBodyIsAnIoError() {
		this.server.enqueue(Endpoint.DISCOVERY, Answer.normally().cutInBody());
		URI document = this.server.uri("/.well-known/openid-configuration");
		assertThatIOException().isThrownBy(() -> send(HttpRequest.newBuilder(document).build()))
			.withMessageContaining("bytes received");
		assertThat(get(document).statusCode()).isEqualTo(200);
	}

	@Test
	void scriptedAnswersComeFirstAndInOrder() {
		this.server.answerAlways(Endpoint.TOKEN, Answer.status(500));
		this.server.enqueue(Endpoint.TOKEN, Answer.status(503).withHeader("Retry-After", "7"),
				Answer.error(429, "slow_down", null));
		HttpResponse<String> first = refresh("x");
		assertThat(first.statusCode()).isEqualTo(503);
		assertThat(first.headers().firstValue("Retry-After")).hasValue("7");
		assertThat(refresh("x").body()).isEqualTo("{\"error\":\"slow_down\"}");
		assertThat(refresh("x").statusCode()).isEqualTo(500);
		this.server.answerAlways(Endpoint.TOKEN, Answer.normally());
		assertThat(refresh("x").statusCode()).isEqualTo(400);
	}

	@Test
	void heldRequestIsNotProcessedBeforeItsLatchOpensAndHoldsBackNoOther() throws Exception {
		String refreshToken = refreshToken(login());
		CountDownLatch latch = new CountDownLatch(1);
		this.server.enqueue(Endpoint.TOKEN, Answer.normally().processedAfter(latch));
		CompletableFuture<HttpResponse<String>> held = this.http.sendAsync(
				form(Endpoint.TOKEN, "grant_type", "refresh_token", "client_id", "cli", "refresh_token", refreshToken),
				BodyHandlers.ofString());
		assertThat(takeRefresh().parameter("refresh_token")).isEqualTo(refreshToken);
		assertThat(refresh("other").statusCode()).isEqualTo(400);
		assertThat(held).isNotDone();
		assertThat(this.server.refreshesGranted()).isZero();
		latch.countDown();
		assertThat(held.get(5, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
	}

	@Test
	void heldAnswerIsAlreadyProcessed() throws Exception {
		String refreshToken = refreshToken(login());
		CountDownLatch latch = new CountDownLatch(1);
		this.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(latch));
		CompletableFuture<HttpResponse<String>> held = this.http.sendAsync(
				form(Endpoint.TOKEN, "grant_type", "refresh_token", "client_id", "cli", "refresh_token", refreshToken),
				BodyHandlers.ofString());
		Awaitility.await().atMost(SOON).until(() -> this.server.refreshesGranted() == 1);
		assertThat(held).isNotDone();
		latch.countDown();
		assertThat(held.get(5, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
	}

	@Test
	void stoppingWakesHeldRequestsAndRefusesConnections() throws Exception {
		String refreshToken = refreshToken(login());
		String issuer = this.server.issuer();
		this.server.enqueue(Endpoint.API, Answer.normally().processedAfter(new CountDownLatch(1)));
		CompletableFuture<HttpResponse<String>> held = this.http
			.sendAsync(HttpRequest.newBuilder(this.server.uri("/api/x")).build(), BodyHandlers.ofString());
		this.server.takeRequest(Endpoint.API, SOON);
		this.server.stop();
		assertThat(held).failsWithin(SOON);
		assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> send(form(Endpoint.TOKEN)));
		this.server.restartOnSamePort();
		assertThat(this.server.issuer()).isEqualTo(issuer);
		assertThat(refresh(refreshToken).statusCode()).isEqualTo(200);
	}

	@Test
	void servesDiscoveryAtTheThreeFormsUnlessToldOtherwise() {
		try (FakeAuthorizationServer realm = FakeAuthorizationServer.start("/realms/demo")) {
			URI appended = realm.uri("/realms/demo/.well-known/openid-configuration");
			URI inserted = realm.uri("/.well-known/openid-configuration/realms/demo");
			URI oauth = realm.uri("/.well-known/oauth-authorization-server/realms/demo");
			for (URI uri : List.of(appended, inserted, oauth)) {
				JsonNode document = json(get(uri), 200);
				assertThat(document.path("issuer").asString()).isEqualTo(realm.issuer()).endsWith("/realms/demo");
				assertThat(document.path("token_endpoint").asString()).isEqualTo(realm.uri(Endpoint.TOKEN).toString());
			}
			assertThat(get(realm.uri("/.well-known/openid-configuration")).statusCode()).isEqualTo(404);
			realm.discovery().serveOnly(WellKnown.OAUTH_AUTHORIZATION_SERVER).issuer("https://evil.example");
			realm.discovery().document().remove("device_authorization_endpoint").put("extra", List.of(1));
			assertThat(get(appended).statusCode()).isEqualTo(404);
			assertThat(get(inserted).statusCode()).isEqualTo(404);
			JsonNode document = json(get(oauth), 200);
			assertThat(document.path("issuer").asString()).isEqualTo("https://evil.example");
			assertThat(document.has("device_authorization_endpoint")).isFalse();
			assertThat(document.path("extra").path(0).asInt()).isEqualTo(1);
		}
	}

	@Test
	void basicCredentialsAreFormDecoded() {
		HttpResponse<String> response = postBasic("a+client%3A1", "s3cret%2B%2F+%25%3Aword");
		JsonNode token = json(response, 200);
		assertThat(token.has("refresh_token")).isFalse();
		assertThat(callApi(token.path("access_token").asString()).body()).contains("\"subject\":\"a client:1\"");
		assertError(postBasic("a+client%3A1", "wrong"), 401, "unauthorized_client",
				"Invalid client or Invalid client credentials");
	}

	@Test
	void emptyBasicSecretIsRefused() {
		for (String clientId : List.of("cli", "a+client%3A1")) {
			HttpResponse<String> response = postBasic(clientId, "");
			assertError(response, 401, "invalid_client", "Invalid client or Invalid client credentials");
			assertThat(response.headers().firstValue("WWW-Authenticate")).hasValue("Basic realm=\"demo\"");
		}
	}

	@Test
	void secretIsTakenOnlyTheWayTheClientIsRegistered() {
		String[] inForm = { "grant_type", "client_credentials", "client_id", "a client:1", "client_secret",
				"s3cret+/ %:word" };
		assertThat(post(Endpoint.TOKEN, inForm).statusCode()).isEqualTo(200);
		FakeClient client = FakeClient.confidential("a client:1", "s3cret+/ %:word");
		this.server.register(client.authenticatingWith("client_secret_basic"));
		assertThat(post(Endpoint.TOKEN, inForm).statusCode()).isEqualTo(401);
		assertThat(postBasic("a+client%3A1", "s3cret%2B%2F+%25%3Aword").statusCode()).isEqualTo(200);
		this.server.register(client.authenticatingWith("client_secret_post"));
		assertThat(post(Endpoint.TOKEN, inForm).statusCode()).isEqualTo(200);
		assertThat(postBasic("a+client%3A1", "s3cret%2B%2F+%25%3Aword").statusCode()).isEqualTo(401);
	}

	@Test
	void authorizationCodeIsGoodForOneExchange() {
		Map<String, List<String>> redirect = authorize("code_challenge", CHALLENGE, "code_challenge_method", "S256");
		assertThat(redirect).containsEntry("state", List.of("xyz/+ state"))
			.containsEntry("iss", List.of(this.server.issuer()));
		String code = redirect.getOrDefault("code", List.of()).get(0);
		JsonNode token = json(exchange(code, VERIFIER), 200);
		String accessToken = token.path("access_token").asString();
		assertThat(callApi(accessToken).statusCode()).isEqualTo(200);
		assertError(exchange(code, VERIFIER), 400, "invalid_grant", "Code not valid");
		assertThat(callApi(accessToken).statusCode()).isEqualTo(401);
	}

	@Test
	void codeExchangeChecksTheVerifier() {
		String[] pkce = { "code_challenge", CHALLENGE, "code_challenge_method", "S256" };
		assertError(exchange(code(authorize(pkce)), OTHER_VERIFIER), 400, "invalid_grant",
				"PKCE verification failed: Code mismatch");
		assertError(exchange(code(authorize(pkce)), null), 400, "invalid_grant", "PKCE code verifier not specified");
	}

	@Test
	void authorizationErrorsAreRedirected() {
		assertThat(authorize()).containsEntry("error", List.of("invalid_request"))
			.containsEntry("error_description", List.of("Missing parameter: code_challenge_method"))
			.containsEntry("state", List.of("xyz/+ state"))
			.doesNotContainKey("code");
		this.server.authorization().fail("access_denied", null).sendIss(false);
		assertThat(authorize("code_challenge", CHALLENGE, "code_challenge_method", "S256"))
			.containsOnlyKeys("error", "state")
			.containsEntry("error", List.of("access_denied"));
		this.server.authorization().succeed().sendIss(true).iss("https://evil.example");
		assertThat(authorize("code_challenge", CHALLENGE, "code_challenge_method", "S256"))
			.containsEntry("iss", List.of("https://evil.example"))
			.containsKey("code");
	}

	@Test
	void protectedResourceWantsACurrentlyValidToken() {
		String accessToken = login().path("access_token").asString();
		assertThat(callApi(accessToken).body()).contains("\"subject\":\"alice\"");
		assertThat(get(this.server.uri("/api/things")).headers().firstValue("WWW-Authenticate")).isEmpty();
		assertThat(get(this.server.uri("/api/things")).statusCode()).isEqualTo(401);
		this.clock.advance(Duration.ofMinutes(5));
		HttpResponse<String> expired = callApi(accessToken);
		assertThat(expired.statusCode()).isEqualTo(401);
		assertThat(expired.headers().firstValue("WWW-Authenticate"))
			.hasValue("Bearer realm=\"demo\", error=\"invalid_token\"");
		assertThat(this.server.requests(Endpoint.API)).extracting(RecordedRequest::authorization)
			.containsExactly("Bearer " + accessToken, null, null, "Bearer " + accessToken);
	}

	@Test
	void accessTokensCanBeInvalidatedWithoutTheRefreshToken() {
		JsonNode token = login();
		this.server.invalidateAccessTokens();
		assertThat(callApi(token.path("access_token").asString()).statusCode()).isEqualTo(401);
		JsonNode next = json(refresh(refreshToken(token)), 200);
		assertThat(callApi(next.path("access_token").asString()).statusCode()).isEqualTo(200);
		this.server.endSessions();
		assertThat(callApi(next.path("access_token").asString()).statusCode()).isEqualTo(401);
		assertError(refresh(refreshToken(next)), 400, "invalid_grant", "Session not active");
	}

	@Test
	void revokedRefreshTokenEndsTheLogin() {
		JsonNode token = login();
		assertError(post(Endpoint.REVOCATION, "client_id", "lax", "token", refreshToken(token)), 400, "invalid_request",
				"Unmatching clients");
		HttpResponse<String> revoked = post(Endpoint.REVOCATION, "client_id", "cli", "token", refreshToken(token),
				"token_type_hint", "refresh_token");
		assertThat(revoked.statusCode()).isEqualTo(200);
		assertThat(revoked.body()).isEmpty();
		assertError(refresh(refreshToken(token)), 400, "invalid_grant", "Session not active");
		assertThat(callApi(token.path("access_token").asString()).statusCode()).isEqualTo(401);
		assertError(post(Endpoint.REVOCATION, "client_id", "cli", "token", "unknown"), 200, "invalid_token",
				"Invalid token");
	}

	@Test
	void recordsRequestsWithDuplicatesInOrder() {
		beginDeviceLogin("resource", "https://a.example", "resource", "https://b.example");
		get(this.server.uri("/api/x?q=1&q=2"));
		RecordedRequest device = this.server.takeRequest(Endpoint.DEVICE_AUTHORIZATION, SOON);
		assertThat(device.form()).containsEntry("resource", List.of("https://a.example", "https://b.example"));
		assertThat(device.body()).startsWith("client_id=cli&");
		assertThat(device.receivedAt()).isEqualTo(this.clock.instant());
		RecordedRequest api = this.server.takeRequest(Endpoint.API, SOON);
		assertThat(api.parameters("q")).containsExactly("1", "2");
		assertThat(api.header("HOST")).startsWith("127.0.0.1:");
		assertThat(this.server.requests()).containsExactly(device, api);
		assertThat(this.server.requests()).extracting(RecordedRequest::order).containsExactly(1L, 2L);
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> this.server.takeRequest(Endpoint.API, Duration.ofMillis(1)));
	}

	@Test
	void knowsEverySecretThatWasIssuedOrSeen() {
		JsonNode token = login();
		this.server.enqueue(Endpoint.TOKEN, Answer.json(200, "{\"access_token\":\"scripted-token\"}"));
		RecordedRequest poll = this.server.requests(Endpoint.TOKEN).get(0);
		assertThat(this.server.issuedSecrets()).contains(token.path("access_token").asString(), refreshToken(token),
				poll.parameters("device_code").get(0), VERIFIER, "scripted-token", "s3cret+/ %:word");
	}

	private HttpResponse<String> beginDeviceLogin(String... more) {
		List<String> form = new ArrayList<>(
				List.of("client_id", "cli", "code_challenge", CHALLENGE, "code_challenge_method", "S256"));
		form.addAll(List.of(more));
		return post(Endpoint.DEVICE_AUTHORIZATION, form.toArray(String[]::new));
	}

	private String approvedDeviceCode() {
		String deviceCode = json(beginDeviceLogin(), 200).path("device_code").asString();
		this.server.approve(this.server.takeUserCode(SOON));
		return deviceCode;
	}

	private JsonNode login() {
		return json(poll(approvedDeviceCode(), VERIFIER), 200);
	}

	private HttpResponse<String> poll(String deviceCode, String verifier) {
		List<String> form = new ArrayList<>(
				List.of("grant_type", DEVICE_CODE, "client_id", "cli", "device_code", deviceCode));
		if (verifier != null) {
			form.addAll(List.of("code_verifier", verifier));
		}
		return post(Endpoint.TOKEN, form.toArray(String[]::new));
	}

	private HttpResponse<String> refresh(String refreshToken) {
		return post(Endpoint.TOKEN, "grant_type", "refresh_token", "client_id", "cli", "refresh_token", refreshToken);
	}

	private RecordedRequest takeRefresh() {
		RecordedRequest request = this.server.takeRequest(Endpoint.TOKEN, SOON);
		return request.hasParameter("refresh_token") ? request : takeRefresh();
	}

	private static String refreshToken(JsonNode token) {
		return token.path("refresh_token").asString();
	}

	private Map<String, List<String>> authorize(String... more) {
		Map<String, String> query = new LinkedHashMap<>(Map.of("response_type", "code", "client_id", "cli",
				"redirect_uri", "http://127.0.0.1:1/cb", "state", "xyz/+ state"));
		for (int index = 0; index < more.length; index += 2) {
			query.put(more[index], more[index + 1]);
		}
		HttpResponse<String> response = get(this.server.uri("/authorize?" + Parameters.format(query)));
		assertThat(response.statusCode()).isEqualTo(302);
		URI location = URI.create(response.headers().firstValue("Location").orElseThrow());
		assertThat(location.getPort()).isEqualTo(1);
		return Parameters.parse(location.getRawQuery());
	}

	private static String code(Map<String, List<String>> redirect) {
		return redirect.getOrDefault("code", List.of()).get(0);
	}

	private HttpResponse<String> exchange(String code, String verifier) {
		List<String> form = new ArrayList<>(List.of("grant_type", "authorization_code", "client_id", "cli", "code",
				code, "redirect_uri", "http://127.0.0.1:1/cb"));
		if (verifier != null) {
			form.addAll(List.of("code_verifier", verifier));
		}
		return post(Endpoint.TOKEN, form.toArray(String[]::new));
	}

	private HttpResponse<String> postBasic(String clientId, String secret) {
		String credentials = Base64.getEncoder()
			.encodeToString((clientId + ":" + secret).getBytes(StandardCharsets.UTF_8));
		return sendUnchecked(
				HttpRequest.newBuilder(form(Endpoint.TOKEN, "grant_type", "client_credentials"), (name, value) -> true)
					.header("Authorization", "Basic " + credentials)
					.build());
	}

	private HttpResponse<String> callApi(String accessToken) {
		return sendUnchecked(HttpRequest.newBuilder(this.server.uri("/api/things"))
			.header("Authorization", "Bearer " + accessToken)
			.build());
	}

	private HttpResponse<String> post(Endpoint endpoint, String... form) {
		return sendUnchecked(form(endpoint, form));
	}

	private HttpRequest form(Endpoint endpoint, String... form) {
		List<String> pairs = new ArrayList<>();
		for (int index = 0; index < form.length; index += 2) {
			pairs.add(Parameters.format(Map.of(form[index], form[index + 1])));
		}
		return HttpRequest.newBuilder(this.server.uri(endpoint))
			.header("Content-Type", "application/x-www-form-urlencoded")
			.POST(HttpRequest.BodyPublishers.ofString(String.join("&", pairs)))
			.build();
	}

	private HttpResponse<String> get(URI uri) {
		return sendUnchecked(HttpRequest.newBuilder(uri).build());
	}

	private HttpResponse<String> sendUnchecked(HttpRequest request) {
		try {
			return send(request);
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	private HttpResponse<String> send(HttpRequest request) throws IOException {
		try {
			return this.http.send(request, BodyHandlers.ofString());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new AssertionError(ex);
		}
	}

	private static JsonNode json(HttpResponse<String> response, int status) {
		assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
		assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
		return Json.readLeniently(response.body());
	}

	private static void assertError(HttpResponse<String> response, int status, String error, String description) {
		JsonNode body = json(response, status);
		assertThat(body.path("error").asString()).isEqualTo(error);
		assertThat(body.path("error_description").asString()).isEqualTo(description);
	}

}
