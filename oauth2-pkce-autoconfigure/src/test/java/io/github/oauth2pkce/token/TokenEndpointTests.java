package io.github.oauth2pkce.token;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ProviderBuilder;
import io.github.oauth2pkce.refresh.ClientCredentialsGrant;
import io.github.oauth2pkce.refresh.PresentedTokens;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

@Timeout(30)
@ExtendWith(OutputCaptureExtension.class)
class TokenEndpointTests {

	private static final String ODD = "s3cret+/ %:w\u00F6rd&=";

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final URI uri = this.server.uri(Endpoint.TOKEN);

	private final TokenEndpoint endpoint = new TokenEndpoint(TestLogins.client(Duration.ofSeconds(10)));

	private final Provider publicClient = TestProviders.device(this.server).build();

	@AfterEach
	void close() {
		this.server.close();
	}

	// What is sent.

	@Test
	void refreshSendsTheTokenAndTheClientAndNothingElse() {
		String refreshToken = refreshToken(this.publicClient);
		this.endpoint.refresh(this.publicClient, this.uri, refreshToken);
		RecordedRequest request = last();
		assertThat(request.form()).containsOnlyKeys("grant_type", "refresh_token", "client_id");
		assertThat(request.parameter("grant_type")).isEqualTo("refresh_token");
		assertThat(request.parameter("refresh_token")).isEqualTo(refreshToken);
		assertThat(request.parameter("client_id")).isEqualTo("cli");
		assertThat(request.authorization()).isNull();
		assertThat(request.header("Accept")).contains("application/json");
	}

	@Test
	void refreshSendsNoScopeEvenIfOneIsConfigured() {
		Provider provider = TestProviders.device(this.server).scopes(List.of("openid", "email")).build();
		this.endpoint.refresh(provider, this.uri, refreshToken(provider));
		assertThat(last().hasParameter("scope")).isFalse();
	}

	@Test
	void basicAuthenticationIsFormEncodedFirst() {
		Provider provider = confidential(null);
		this.endpoint.refresh(provider, this.uri, refreshToken(provider));
		String basic = last().authorization();
		assertThat(basic).startsWith("Basic ");
		assertThat(new String(Base64.getDecoder().decode(basic.substring(6)), StandardCharsets.US_ASCII))
			.isEqualTo("a+client%3A1:s3cret%2B%2F+%25%3Aw%C3%B6rd%26%3D");
		assertThat(last().form()).containsOnlyKeys("grant_type", "refresh_token");
	}

	@Test
	void postAuthenticationIsInTheFormOnly() {
		Provider provider = confidential(ClientAuthenticationMethod.CLIENT_SECRET_POST);
		this.endpoint.refresh(provider, this.uri, refreshToken(provider));
		assertThat(last().authorization()).isNull();
		assertThat(last().parameter("client_id")).isEqualTo("a client:1");
		assertThat(last().parameter("client_secret")).isEqualTo(ODD);
	}

	@ParameterizedTest
	@ValueSource(strings = { "client_secret_basic", "client_secret_post", "none" })
	void clientWithoutSecretNeverSendsOne(String method) {
		Provider provider = TestProviders.device(this.server)
			.clientAuthenticationMethod(new ClientAuthenticationMethod(method))
			.build();
		this.endpoint.refresh(provider, this.uri, refreshToken(provider));
		assertThat(last().authorization()).isNull();
		assertThat(last().hasParameter("client_secret")).isFalse();
		assertThat(last().parameter("client_id")).isEqualTo("cli");
	}

	@Test
	void firstResourceIsAskedFor() {
		Provider provider = TestProviders.device(this.server)
			.resources(List.of("https://api.example/a", "https://api.example/b"))
			.build();
		this.endpoint.refresh(provider, this.uri, refreshToken(provider));
		assertThat(last().parameters("resource")).containsExactly("https://api.example/a");
	}

	@Test
	void additionalParametersGoWithTheMachineGrantAndNotWithRefreshes() {
		Map<String, String> parameters = Map.of("audience", "https://api.example/");
		clientCredentials(TestProviders.machine(this.server).additionalParameters(parameters).build(), this.uri);
		assertThat(last().parameters("audience")).containsExactly("https://api.example/");
		Provider person = TestProviders.device(this.server).additionalParameters(parameters).build();
		this.endpoint.refresh(person, this.uri, refreshToken(person));
		assertThat(last().hasParameter("audience")).isFalse();
	}

	@Test
	void machineAsksForItsScopes() {
		Provider provider = TestProviders.machine(this.server).scopes(List.of("read", "write")).build();
		assertThat(clientCredentials(provider, this.uri).accessToken()).isNotBlank();
		assertThat(last().form()).containsOnlyKeys("grant_type", "scope");
		assertThat(last().parameter("scope")).isEqualTo("read write");
	}

	@Test
	void machineWithoutScopesSendsNone() {
		clientCredentials(TestProviders.machine(this.server).build(), this.uri);
		assertThat(last().hasParameter("scope")).isFalse();
	}

	/** RFC 6749 section 3.2. */
	@Test
	void queryOfTheEndpointIsRetained() {
		this.endpoint.refresh(this.publicClient, URI.create(this.uri + "?tenant=a%20b"),
				refreshToken(this.publicClient));
		assertThat(last().query()).containsExactly(Map.entry("tenant", List.of("a b")));
		assertThat(last().form()).containsOnlyKeys("grant_type", "refresh_token", "client_id");
	}

	/** RFC 6749 section 2.3.1. */
	@Test
	void nothingOfTheFormIsInTheUri() {
		Provider provider = confidential(ClientAuthenticationMethod.CLIENT_SECRET_POST);
		this.endpoint.refresh(provider, this.uri, refreshToken(provider));
		assertThat(last().method()).isEqualTo("POST");
		assertThat(last().query()).isEmpty();
	}

	@Test
	void formOfTheCallerStaysAsItWas() {
		MultiValueMap<String, String> form = new LinkedMultiValueMap<>();
		form.add("refresh_token", refreshToken(this.publicClient));
		this.endpoint.request(this.publicClient, this.uri, AuthorizationGrantType.REFRESH_TOKEN, form);
		assertThat(form).containsOnlyKeys("refresh_token");
	}

	// What is understood.

	@Test
	void readsAllMembers() {
		answer("""
				{"access_token":"at-1234567890","token_type":"bearer","expires_in":"299.5","refresh_token":"rt-1234567890",
				"refresh_expires_in":1800,"scope":"openid,email","unknown":{"a":[1]}}""");
		TokenResponse response = refresh();
		assertThat(response.accessToken()).isEqualTo("at-1234567890");
		assertThat(response.expiresIn()).isEqualTo(Duration.ofSeconds(300));
		assertThat(response.refreshToken()).isEqualTo("rt-1234567890");
		assertThat(response.refreshExpiresIn()).isEqualTo(Duration.ofMinutes(30));
		assertThat(response.scopes()).containsExactly("openid", "email");
		assertThat(response.toString()).doesNotContain("1234567890");
	}

	@Test
	void endOfTheRefreshTokenHasAnotherNameAtGitHub() {
		answer("{\"access_token\":\"at\",\"refresh_token\":\"rt\",\"refresh_token_expires_in\":15897600}");
		assertThat(refresh().refreshExpiresIn()).isEqualTo(Duration.ofDays(184));
	}

	@Test
	void emptyAccessTokenIsKeptWithItsRefreshToken() {
		answer("{\"access_token\":\"\",\"refresh_token\":\"rt-new\"}");
		TokenResponse response = refresh();
		assertThat(response.accessToken()).isEmpty();
		assertThat(response.refreshToken()).isEqualTo("rt-new");
	}

	/** Its refresh token may be new, and the old one spent. */
	@ParameterizedTest
	@ValueSource(strings = { "a\\r\\nSet-Cookie: b", "a\\u0000", "a\\u007f", "t\\u00f6ken" })
	void accessTokenThatNoHeaderCanHoldIsAsGoodAsNone(String json) {
		answer("{\"access_token\":\"" + json + "\",\"refresh_token\":\"rt-new\"}");
		TokenResponse response = refresh();
		assertThat(response.accessToken()).isEmpty();
		assertThat(response.refreshToken()).isEqualTo("rt-new");
	}

	/** A server that sees the old one again ends the login. */
	@ParameterizedTest
	@ValueSource(strings = { "", "\"access_token\":null,", "\"access_token\":{},", "\"token_type\":\"Bearer\"," })
	void refreshTokenWithoutAnAccessTokenIsKept(String members) {
		answer("{" + members + "\"refresh_token\":\"rt-new\"}");
		TokenResponse response = refresh();
		assertThat(response.accessToken()).isEmpty();
		assertThat(response.refreshToken()).isEqualTo("rt-new");
	}

	@Test
	void refreshTokenBesideATokenOfAnotherTypeIsKeptAndThatTokenIsNot(CapturedOutput output) {
		answer("{\"access_token\":\"at-1234567890\",\"token_type\":\"DPoP\\u001b[2J\",\"refresh_token\":\"rt-new\"}");
		TokenResponse response = refresh();
		assertThat(response.accessToken()).isEmpty();
		assertThat(response.refreshToken()).isEqualTo("rt-new");
		assertThat(output).contains("unsupported_token_type: The server issued a token of type 'DPoP[2J'")
			.doesNotContain("at-1234567890", "rt-new");
	}

	/** Nothing is at stake: there is no login yet. */
	@Test
	void loginByATokenOfAnotherTypeIsRefusedWithItsRefreshToken() {
		MultiValueMap<String, String> form = new LinkedMultiValueMap<>();
		form.add("code", "a-code");
		answer("{\"access_token\":\"at\",\"token_type\":\"DPoP\",\"refresh_token\":\"rt-new\"}");
		assertThatExceptionOfType(TokenRequestException.class)
			.isThrownBy(() -> this.endpoint.request(this.publicClient, this.uri,
					AuthorizationGrantType.AUTHORIZATION_CODE, form))
			.satisfies((failure) -> assertThat(failure.errorCode()).isEqualTo("unsupported_token_type"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "{}", "{\"status\":\"UP\"}", "{\"refresh_token\":\" \"}", "{\"refresh_token\":true}",
			"{\"token_type\":\"DPoP\"}", "[{\"refresh_token\":\"rt\"}]", "\"rt\"" })
	void documentWithoutAnyTokenIsNoSuccess(String json) {
		answer(json);
		assertThat(failure().errorCode()).isEqualTo(Problem.INVALID_TOKEN_RESPONSE.code());
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"\"", "\" \"", "null", "7" })
	void refreshTokenThatIsNoneIsAbsent(String json) {
		answer("{\"access_token\":\"at\",\"refresh_token\":" + json + "}");
		assertThat(refresh().refreshToken()).isNull();
	}

	@Test
	void missingTokenTypeIsBearer() {
		answer("{\"access_token\":\"at\"}");
		assertThat(refresh().accessToken()).isEqualTo("at");
	}

	@ParameterizedTest
	@ValueSource(strings = { "application/json", "application/json;charset=utf-8", "text/html", "text/plain",
			"application/octet-stream", "json", "application/json;;;", "*" })
	void contentTypeThatIsWrongCostsNoToken(String contentType) {
		this.server.enqueue(Endpoint.TOKEN,
				Answer.text(200, contentType, "{\"access_token\":\"at\",\"refresh_token\":\"rt-rotated\"}"));
		assertThat(refresh().refreshToken()).isEqualTo("rt-rotated");
	}

	/** Apigee's name for it. */
	@ParameterizedTest
	@ValueSource(strings = { "BearerToken", " bearertoken ", "Bearer", "bearer", "" })
	void tokenOfATypeThatIsConfiguredIsABearer(String type) {
		Provider provider = TestProviders.device(this.server).acceptedTokenTypes(List.of("BearerToken")).build();
		answer("{\"access_token\":\"at\",\"token_type\":\"" + type + "\"}");
		assertThat(this.endpoint.refresh(provider, this.uri, "rt").accessToken()).isEqualTo("at");
		answer("{\"access_token\":\"at\",\"token_type\":\"" + type + "\"}");
		assertThat(clientCredentials(provider, this.uri).accessToken()).isEqualTo("at");
	}

	@Test
	void typeThatIsNotAcceptedIsNamedWithTheProperty() {
		answer("{\"access_token\":\"at-1234567890\",\"token_type\":\"BearerToken\"}");
		assertThat(failure()).hasMessageContaining("'BearerToken'")
			.hasMessageContaining("oauth2.pkce.providers.demo.accepted-token-types");
	}

	/** RFC 6750 section 2.1: a b64token has no space, and a header no line break. */
	@ParameterizedTest
	@ValueSource(strings = { "a b", "a\\r\\nX-Injected: 1", "\\u00e9", "a\\tb", "" })
	void accessTokenThatNoHeaderCanHoldIsNone(String token) {
		answer("{\"access_token\":\"" + token + "\",\"refresh_token\":\"rt-new\"}");
		TokenResponse response = refresh();
		assertThat(response.accessToken()).isEmpty();
		assertThat(response.refreshToken()).isEqualTo("rt-new");
	}

	@Test
	void tokenOfAnotherTypeIsRefused() {
		answer("{\"access_token\":\"at-1234567890\",\"token_type\":\"DPoP\"}");
		TokenRequestException failure = failure();
		assertThat(failure.errorCode()).isEqualTo("unsupported_token_type");
		assertThat(failure.kind()).isEqualTo(FailureKind.MISCONFIGURED);
		assertThat(failure).hasMessageContaining("DPoP").hasMessageNotContaining("at-1234567890");
	}

	// Errors.

	/** GitHub's code for a dead refresh token, with status 200. */
	@ParameterizedTest
	@CsvSource({ "invalid_grant, UNCLEAR", "bad_refresh_token, REJECTED" })
	void deadRefreshTokenIsWhatTheProviderCallsSo(String configured, FailureKind kind) {
		Provider provider = TestProviders.device(this.server).rejectedErrorCodes(List.of(configured)).build();
		this.server.enqueue(Endpoint.TOKEN,
				Answer.error(200, "bad_refresh_token", "The refresh token passed is incorrect or expired."));
		assertThatExceptionOfType(TokenRequestException.class)
			.isThrownBy(() -> this.endpoint.refresh(provider, this.uri, "ghr_x"))
			.satisfies((failure) -> assertThat(failure.kind()).isEqualTo(kind));
	}

	@ParameterizedTest
	@CsvSource({ "200, REJECTED", "400, REJECTED", "401, REJECTED", "403, REJECTED", "428, REJECTED",
			"503, TRANSIENT" })
	void errorIsReadWhateverTheStatus(int status, FailureKind kind) {
		this.server.enqueue(Endpoint.TOKEN, Answer.error(status, "invalid_grant", "Token is not active"));
		TokenRequestException failure = failure();
		assertThat(failure.errorCode()).isEqualTo("invalid_grant");
		assertThat(failure.status()).isEqualTo(status);
		assertThat(failure.kind()).isEqualTo(kind);
		assertThat(failure.isProtocolError()).isTrue();
		assertThat(failure).hasMessageContaining("Token is not active");
	}

	@Test
	void longDescriptionIsReadWholeAndShownShort() {
		this.server.enqueue(Endpoint.TOKEN, Answer.error(400, "invalid_grant", "x".repeat(100_000)));
		TokenRequestException failure = failure();
		assertThat(failure.kind()).isEqualTo(FailureKind.REJECTED);
		assertThat(failure.getMessage()).hasSizeLessThan(300);
	}

	@Test
	void descriptionIsPrintable() {
		this.server.enqueue(Endpoint.TOKEN,
				Answer.error(400, "invalid_grant\u001B[2J", "red \u001B[31m and \u202E reversed\r\nnext"));
		assertThat(failure().getMessage()).doesNotContain("\u001B", "\u202E", "\r", "\n");
	}

	@ParameterizedTest
	@CsvSource({ "503, TRANSIENT, http_503", "404, TRANSIENT, http_404", "200, TRANSIENT, invalid_token_response",
			"400, UNCLEAR, http_400", "401, UNCLEAR, http_401", "405, MISCONFIGURED, http_405" })
	void answerThatIsNoDocumentIsNamedByItsStatus(int status, FailureKind kind, String code) {
		this.server.enqueue(Endpoint.TOKEN, Answer.text(status, "text/html", "<html>secret-of-a-proxy</html>"));
		TokenRequestException failure = failure();
		assertThat(failure.kind()).isEqualTo(kind);
		assertThat(failure.errorCode()).isEqualTo(code);
		assertThat(failure.isProtocolError()).isFalse();
		assertThat(failure).hasMessageNotContaining("secret-of-a-proxy");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"status\":\"BAD_REFRESH_TOKEN\",\"message\":\"missing or invalid\"}",
			"{\"code\":\"BAD_REFRESH_TOKEN\"}", "{\"error\":{\"code\":\"BAD_REFRESH_TOKEN\"}}",
			"{\"error\":\"invalid_request\",\"suberror\":\"BAD_REFRESH_TOKEN\"}", "{\"code\":20037}" })
	void listedCodeIsFoundWhereTheServerWritesIt(String json) {
		Provider provider = TestProviders.device(this.server)
			.rejectedErrorCodes(List.of("BAD_REFRESH_TOKEN", "20037"))
			.build();
		this.server.enqueue(Endpoint.TOKEN, Answer.json(400, json));
		assertThatExceptionOfType(TokenRequestException.class)
			.isThrownBy(() -> this.endpoint.refresh(provider, this.uri, "rt"))
			.satisfies((failure) -> {
				assertThat(failure.kind()).isEqualTo(FailureKind.REJECTED);
				assertThat(failure.errorCode()).isIn("BAD_REFRESH_TOKEN", "20037");
			});
	}

	@Test
	void codesAreWithoutBlanksAndTheirWordsAreKept() {
		this.server.enqueue(Endpoint.TOKEN, Answer.error(404, "Realm does not exist", null));
		TokenRequestException failure = failure();
		assertThat(failure.errorCode()).isEqualTo("Realm_does_not_exist");
		assertThat(failure).hasMessage("HTTP 404 Realm_does_not_exist: Realm does not exist");
	}

	@ParameterizedTest
	@ValueSource(strings = { "Invalid Request", "Invalid_Request" })
	void codeIsListedAsTheServerWritesItOrAsItShows(String listed) {
		Provider provider = TestProviders.device(this.server).rejectedErrorCodes(List.of(listed)).build();
		this.server.enqueue(Endpoint.TOKEN, Answer.error(400, "Invalid Request", null));
		assertThatExceptionOfType(TokenRequestException.class)
			.isThrownBy(() -> this.endpoint.refresh(provider, this.uri, "rt"))
			.satisfies((failure) -> assertThat(failure.kind()).isEqualTo(FailureKind.REJECTED));
	}

	/** RFC 6749 section 3.1: a parameter without a value counts as omitted. */
	@ParameterizedTest
	@CsvSource({ "400, UNCLEAR", "200, TRANSIENT", "503, TRANSIENT", "404, TRANSIENT" })
	void errorThatIsNoneIsNone(int status, FailureKind kind) {
		for (String error : List.of("\"\"", "\" \"", "\"\\u0007\"", "\"\\u202e\"", "7", "{}", "[]", "null")) {
			this.server.enqueue(Endpoint.TOKEN, Answer.json(status, "{\"error\":" + error + "}"));
			TokenRequestException failure = failure();
			assertThat(failure.kind()).as(error).isEqualTo(kind);
			assertThat(failure.isProtocolError()).as(error).isFalse();
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					application/json | {"code":"BAD","description":"No such thing"} | HTTP 400: not an OAuth 2.0 answer, but 'BAD: No such thing'
					application/json | {"error":{"code":7,"message":"Nested"}}      | HTTP 400: not an OAuth 2.0 answer, but '7: Nested'
					application/json | {"a":1,"b":2}                                | HTTP 400: not an OAuth 2.0 answer, but JSON with a, b
					application/json | {}                                           | HTTP 400: not an OAuth 2.0 answer, but application/json
					application/json | []                                           | HTTP 400: not an OAuth 2.0 answer, but a JSON list instead of an object
					text/html        | <html>Sign in</html>                         | HTTP 400: not an OAuth 2.0 answer, but text/html
					text/html        | ''                                           | HTTP 400: not an OAuth 2.0 answer, but an empty one
					text/plain       | error=bad_thing&error_description=It+is      | HTTP 400 bad_thing: It is
					application/json | {"error":"x","message":"In words"}           | HTTP 400 x: In words
					""")
	void answersInOtherShapesAreQuoted(String type, String body, String message) {
		this.server.enqueue(Endpoint.TOKEN, Answer.text(400, type, body));
		assertThat(failure()).hasMessage(message);
	}

	@Test
	void redirectIsNamedWithoutItsQuery() {
		this.server.enqueue(Endpoint.TOKEN, Answer.redirect("https://u:p@sso.example:8443/login?state=secret#x"));
		assertThat(failure())
			.hasMessage("HTTP 302: not an OAuth 2.0 answer, but a redirect to https://sso.example:8443/login");
	}

	@Test
	void proxyThatWantsAPasswordIsNamed() {
		this.server.enqueue(Endpoint.TOKEN, Answer.text(407, "text/html", "<html>"));
		assertThat(failure()).hasMessageContaining("a proxy that wants a user name and password");
	}

	@Test
	void whatIsQuotedIsCappedAndPrintable() {
		this.server.enqueue(Endpoint.TOKEN,
				Answer.json(400, "{\"message\":\"red \\u001b[31m rt-of-this-test" + "x".repeat(5000) + "\"}"));
		assertThat(failure().getMessage()).contains("red [31m ***").hasSizeLessThan(300);
	}

	@Test
	void codeThatIsNotListedIsNotLookedForElsewhere() {
		this.server.enqueue(Endpoint.TOKEN, Answer.json(400, "{\"status\":\"BAD_REFRESH_TOKEN\"}"));
		assertThat(failure().errorCode()).isEqualTo("http_400");
	}

	@Test
	void redirectIsNotFollowed() {
		this.server.enqueue(Endpoint.TOKEN,
				Answer.status(307).withHeader("Location", this.server.uri("/api").toString()));
		assertThat(failure().kind()).isEqualTo(FailureKind.TRANSIENT);
		assertThat(this.server.requests(Endpoint.API)).isEmpty();
	}

	@Test
	void secretsThatTheServerRepeatsNeverShow() {
		Provider provider = confidential(ClientAuthenticationMethod.CLIENT_SECRET_POST);
		MultiValueMap<String, String> form = new LinkedMultiValueMap<>();
		StringBuilder echo = new StringBuilder("You sent");
		for (String name : List.of("refresh_token", "device_code", "code", "code_verifier", "token")) {
			form.add(name, "secret-" + name);
			echo.append(" secret-").append(name);
		}
		echo.append(' ').append(ODD);
		this.server.enqueue(Endpoint.TOKEN, Answer.error(400, "invalid_request", echo.toString()),
				Answer.error(400, "unknown secret-code_verifier", null),
				Answer.error(400, "invalid_request", "hidden: secret-\u200Bcode_verifier"));
		for (int i = 0; i < 3; i++) {
			TokenRequestException failure = catchThrowableOfType(TokenRequestException.class,
					() -> this.endpoint.request(provider, this.uri, AuthorizationGrantType.AUTHORIZATION_CODE, form));
			assertThat(failure + " " + failure.getError()).doesNotContain("secret-", ODD);
		}
	}

	@Test
	void secretAtTheEdgeOfTheCutDoesNotShowInPart() {
		this.server.enqueue(Endpoint.TOKEN, Answer.error(400, "invalid_grant", "x".repeat(195) + "rt-1234567890"));
		TokenRequestException failure = catchThrowableOfType(TokenRequestException.class,
				() -> this.endpoint.refresh(this.publicClient, this.uri, "rt-1234567890"));
		assertThat(failure.getMessage()).doesNotContain("rt-1");
	}

	// Retry-After.

	@ParameterizedTest
	@CsvSource({ "120, 120", "1, 1", "3600, 3600", "999999999, 3600" })
	void retryAfterInSeconds(String header, long seconds) {
		assertThat(retryAfter(header)).isEqualTo(Duration.ofSeconds(seconds));
	}

	@Test
	void retryAfterAsADate() {
		String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC).plusMinutes(2));
		assertThat(retryAfter(date)).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(120));
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "-5", "soon", "1.5", "Mon, 01 Jan 2001 00:00:00 GMT", "99999999999999" })
	void retryAfterThatMakesNoSenseIsIgnored(String header) {
		assertThat(retryAfter(header)).isNull();
	}

	private Duration retryAfter(String header) {
		this.server.enqueue(Endpoint.TOKEN, Answer.status(503).withHeader("Retry-After", header));
		return failure().retryAfter();
	}

	// Without an answer.

	@Test
	void noAnswerIsNotATokenError() {
		this.server.enqueue(Endpoint.TOKEN, Answer.connectionClosed());
		assertThatExceptionOfType(AuthorizationServerUnreachableException.class).isThrownBy(this::refresh);
	}

	private Provider confidential(ClientAuthenticationMethod method) {
		this.server.register(FakeClient.confidential("a client:1", ODD));
		return Provider.withId("demo", "a client:1").clientSecret(ODD).clientAuthenticationMethod(method).build();
	}

	private String refreshToken(Provider provider) {
		return TestLogins.device(this.server, provider).refreshToken();
	}

	private void answer(String json) {
		this.server.enqueue(Endpoint.TOKEN, Answer.json(200, json));
	}

	private TokenResponse refresh() {
		return this.endpoint.refresh(this.publicClient, this.uri, "rt-of-this-test");
	}

	private TokenRequestException failure() {
		TokenRequestException failure = catchThrowableOfType(TokenRequestException.class, this::refresh);
		assertThat(failure).isNotNull().hasMessageNotContaining("rt-of-this-test");
		return failure;
	}

	private RecordedRequest last() {
		List<RecordedRequest> requests = this.server.requests(Endpoint.TOKEN);
		return requests.get(requests.size() - 1);
	}

	private TokenResponse clientCredentials(Provider provider, URI uri) {
		return new ClientCredentialsGrant(this.endpoint).obtain(provider, uri, PresentedTokens.NONE);
	}

	// Both attempts of a request that is proved.

	private Provider bound(ProviderBuilder builder) {
		return builder.dpop(true).build().withKey(DpopKey.generate());
	}

	private void demandNonceAfter(Duration delay) {
		this.server.enqueue(Endpoint.TOKEN,
				Answer.error(400, "use_dpop_nonce", null).withHeader("DPoP-Nonce", "one").delayed(delay));
	}

	@Test
	void bothAttemptsOfARequestHaveTheTimeOfOne() {
		TokenEndpoint impatient = new TokenEndpoint(TestLogins.client(Duration.ofSeconds(2)));
		demandNonceAfter(Duration.ofMillis(1100));
		this.server.enqueue(Endpoint.TOKEN, Answer.normally().delayed(Duration.ofMinutes(1)));
		long start = System.nanoTime();
		assertThatExceptionOfType(AuthorizationServerUnreachableException.class)
			.isThrownBy(() -> impatient.request(bound(TestProviders.machine(this.server)), this.uri,
					AuthorizationGrantType.CLIENT_CREDENTIALS, new LinkedMultiValueMap<>()));
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(3000));
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(2);
	}

	/** It would be spent, and the answer cut off; and it can wait. */
	@Test
	void refreshTokenIsNotSentAgainToAServerThatTakesLong() {
		TokenEndpoint impatient = new TokenEndpoint(TestLogins.client(Duration.ofSeconds(2)));
		demandNonceAfter(Duration.ofMillis(1100));
		assertThatExceptionOfType(TokenRequestException.class)
			.isThrownBy(() -> impatient.refresh(bound(TestProviders.device(this.server)), this.uri, "a-token"))
			.satisfies((ex) -> assertThat(ex.kind()).isEqualTo(FailureKind.TRANSIENT));
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(1);
	}

}
