package io.github.oauth2pkce.keycloak;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * What Keycloak itself does, without a line of the library: the ground on which the other
 * Keycloak tests stand.
 */
@ExtendWith(KeycloakExtension.class)
class KeycloakFixtureIT {

	private static final String DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

	private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

	private final JsonMapper json = new JsonMapper();

	private final String verifier = randomVerifier();

	private final KeycloakServer keycloak;

	private final KeycloakBrowser browser;

	KeycloakFixtureIT(KeycloakServer keycloak, KeycloakBrowser browser) {
		this.keycloak = keycloak;
		this.browser = browser;
	}

	@Test
	void publishesItsEndpoints() {
		Answer discovery = send(
				HttpRequest.newBuilder(URI.create(this.keycloak.issuer() + "/.well-known/openid-configuration")));
		assertThat(discovery.get("issuer")).isEqualTo(this.keycloak.issuer());
		assertThat(discovery.get("authorization_endpoint")).isEqualTo(this.keycloak.authorizationEndpoint());
		assertThat(discovery.get("device_authorization_endpoint"))
			.isEqualTo(this.keycloak.deviceAuthorizationEndpoint());
		assertThat(discovery.get("token_endpoint")).isEqualTo(this.keycloak.tokenEndpoint());
		assertThat(discovery.get("revocation_endpoint")).isEqualTo(this.keycloak.revocationEndpoint());
		assertThat(discovery.get("userinfo_endpoint")).isEqualTo(this.keycloak.userInfoEndpoint());
	}

	@Test
	void refusesDeviceAuthorizationWithoutChallengeWherePkceIsEnforced() {
		Answer answer = post(this.keycloak.deviceAuthorizationEndpoint(), "client_id", "device-pkce", "scope",
				"openid");
		assertThat(answer.status).isEqualTo(400);
		assertThat(answer.body).isEqualTo(this.json.readTree(
				"{\"error\":\"invalid_request\",\"error_description\":\"Missing parameter: code_challenge_method\"}"));
	}

	@Test
	void acceptsDeviceLoginWithoutPkceWhereItIsNotEnforced() {
		Answer device = post(this.keycloak.deviceAuthorizationEndpoint(), "client_id", "device-nopkce", "scope",
				"openid");
		this.browser.approve(device.get("verification_uri_complete"), "bob", "bob-pw");
		Answer tokens = post(this.keycloak.tokenEndpoint(), "client_id", "device-nopkce", "grant_type", DEVICE_GRANT,
				"device_code", device.get("device_code"));
		assertThat(tokens.status).isEqualTo(200);
	}

	@Test
	void keepsDeviceWaitingUntilThePersonAnswers() {
		Answer device = authorizeDevice("device-pkce");
		assertThat(device.get("interval")).isEqualTo("1");
		assertThat(device.get("user_code")).matches("[A-Z]{4}-[A-Z]{4}");
		assertThat(poll("device-pkce", device).error()).isEqualTo("authorization_pending");
	}

	@Test
	void givesTokensForTheVerifierOnceApproved() {
		Answer tokens = logIn();
		assertThat(tokens.status).isEqualTo(200);
		assertThat(tokens.get("token_type")).isEqualTo("Bearer");
		// Keycloak counts whole seconds until the expiry: one that ends while it answers
		// is missing here.
		assertThat(Integer.parseInt(tokens.get("expires_in"))).isBetween(5, 10);
		Answer userInfo = send(HttpRequest.newBuilder(URI.create(this.keycloak.userInfoEndpoint()))
			.header("Authorization", "Bearer " + tokens.get("access_token")));
		assertThat(userInfo.get("preferred_username")).isEqualTo("alice");
	}

	@Test
	void refusesTokensForAnotherVerifier() {
		Answer device = authorizeDevice("device-pkce");
		this.browser.approve(device.get("verification_uri_complete"), "alice", "alice-pw");
		Answer answer = post(this.keycloak.tokenEndpoint(), "client_id", "device-pkce", "grant_type", DEVICE_GRANT,
				"device_code", device.get("device_code"), "code_verifier", randomVerifier());
		assertThat(answer.status).isEqualTo(400);
		assertThat(answer.error()).isEqualTo("invalid_grant");
		assertThat(answer.get("error_description")).isEqualTo("PKCE verification failed: Code mismatch");
	}

	@Test
	void tellsTheDeviceThatThePersonRefused() {
		Answer device = authorizeDevice("device-pkce");
		this.browser.deny(device.get("verification_uri_complete"), "alice", "alice-pw");
		assertThat(poll("device-pkce", device).error()).isEqualTo("access_denied");
	}

	@Test
	void leavesDeviceWaitingWhenThePersonMistypes() {
		Answer device = authorizeDevice("device-pkce");
		assertThatIllegalStateException()
			.isThrownBy(() -> this.browser.approve(device.get("verification_uri_complete"), "alice", "bob-pw"))
			.withMessageContaining("Invalid username or password");
		assertThat(poll("device-pkce", device).error()).isEqualTo("authorization_pending");
	}

	@Test
	void acceptsRefreshTokenOnce() {
		Answer tokens = logIn();
		Answer refreshed = refresh(tokens.get("refresh_token"));
		assertThat(refreshed.status).isEqualTo(200);
		assertThat(refreshed.get("refresh_token")).isNotEqualTo(tokens.get("refresh_token"));
		Answer again = refresh(tokens.get("refresh_token"));
		assertThat(again.status).isEqualTo(400);
		assertThat(again.error()).isEqualTo("invalid_grant");
		assertThat(again.get("error_description")).isEqualTo("Maximum allowed refresh token reuse exceeded");
		// Reuse ends the session: the token that was still good is gone too.
		assertThat(refresh(refreshed.get("refresh_token")).error()).isEqualTo("invalid_grant");
	}

	@Test
	void remembersRefreshTokenAcrossRestart() {
		Answer tokens = logIn();
		String issuer = this.keycloak.issuer();
		this.keycloak.restart();
		assertThat(this.keycloak.issuer()).isEqualTo(issuer);
		assertThat(refresh(tokens.get("refresh_token")).status).isEqualTo(200);
	}

	@Test
	void readsFormEncodedSecret() {
		String credentials = "device-confidential:" + encode("s+e c/r:e%t&");
		String basic = "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.ISO_8859_1));
		Answer device = send(form(this.keycloak.deviceAuthorizationEndpoint(), "scope", "openid", "code_challenge",
				challenge(), "code_challenge_method", "S256")
			.header("Authorization", basic));
		this.browser.approve(device.get("verification_uri_complete"), "alice", "alice-pw");
		Answer tokens = send(form(this.keycloak.tokenEndpoint(), "grant_type", DEVICE_GRANT, "device_code",
				device.get("device_code"), "code_verifier", this.verifier)
			.header("Authorization", basic));
		assertThat(tokens.status).isEqualTo(200);
	}

	@Test
	void issuesShortLivedDeviceCode() {
		assertThat(authorizeDevice("device-short-code").get("expires_in")).isEqualTo("3");
	}

	@Test
	void redirectsCodeLoginToAnyLoopbackPort() {
		String redirectUri = "http://127.0.0.1:49152/callback";
		URI redirect = this.browser.authorize(
				this.keycloak.authorizationEndpoint() + "?"
						+ encode("client_id", "code-pkce", "response_type", "code", "redirect_uri", redirectUri,
								"state", "s1", "code_challenge", challenge(), "code_challenge_method", "S256"),
				"alice", "alice-pw");
		Map<String, String> parameters = parameters(redirect);
		assertThat(redirect.toString()).startsWith(redirectUri + "?");
		assertThat(parameters).containsEntry("state", "s1").containsKey("iss");
		Answer tokens = post(this.keycloak.tokenEndpoint(), "client_id", "code-pkce", "grant_type",
				"authorization_code", "redirect_uri", redirectUri, "code", parameters.get("code"), "code_verifier",
				this.verifier);
		assertThat(tokens.status).isEqualTo(200);
	}

	@Test
	void redirectsCodeLoginWithoutChallengeAsAnError() {
		URI redirect = this.browser
			.authorize(
					this.keycloak.authorizationEndpoint() + "?" + encode("client_id", "code-pkce", "response_type",
							"code", "redirect_uri", "http://127.0.0.1:49152/callback", "state", "s1"),
					"alice", "alice-pw");
		assertThat(parameters(redirect)).containsEntry("error", "invalid_request");
	}

	@Test
	void knowsServiceAccount() {
		Answer tokens = post(this.keycloak.tokenEndpoint(), "client_id", "machine", "client_secret", "machine-secret",
				"grant_type", "client_credentials");
		assertThat(tokens.status).isEqualTo(200);
		assertThat(tokens.body.has("refresh_token")).isFalse();
	}

	private Answer logIn() {
		Answer device = authorizeDevice("device-pkce");
		this.browser.approve(device.get("verification_uri_complete"), "alice", "alice-pw");
		return poll("device-pkce", device);
	}

	private Answer authorizeDevice(String clientId) {
		return post(this.keycloak.deviceAuthorizationEndpoint(), "client_id", clientId, "scope", "openid",
				"code_challenge", challenge(), "code_challenge_method", "S256");
	}

	private Answer poll(String clientId, Answer device) {
		return post(this.keycloak.tokenEndpoint(), "client_id", clientId, "grant_type", DEVICE_GRANT, "device_code",
				device.get("device_code"), "code_verifier", this.verifier);
	}

	private Answer refresh(String refreshToken) {
		return post(this.keycloak.tokenEndpoint(), "client_id", "device-pkce", "grant_type", "refresh_token",
				"refresh_token", refreshToken);
	}

	private Answer post(String uri, String... namesAndValues) {
		return send(form(uri, namesAndValues));
	}

	private HttpRequest.Builder form(String uri, String... namesAndValues) {
		return HttpRequest.newBuilder(URI.create(uri))
			.header("Content-Type", "application/x-www-form-urlencoded")
			.POST(BodyPublishers.ofString(encode(namesAndValues)));
	}

	private Answer send(HttpRequest.Builder request) {
		try {
			HttpResponse<String> response = this.http.send(request.timeout(Duration.ofSeconds(30)).build(),
					BodyHandlers.ofString());
			return new Answer(response.statusCode(), this.json.readTree(response.body()));
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private String challenge() {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256")
				.digest(this.verifier.getBytes(StandardCharsets.US_ASCII));
			return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static String randomVerifier() {
		byte[] bytes = new byte[32];
		new SecureRandom().nextBytes(bytes);
		return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
	}

	private static Map<String, String> parameters(URI redirect) {
		return Arrays.stream(redirect.getQuery().split("&"))
			.map((parameter) -> parameter.split("=", 2))
			.collect(Collectors.toMap((parameter) -> parameter[0], (parameter) -> parameter[1], (a, b) -> a,
					TreeMap::new));
	}

	private static String encode(String... namesAndValues) {
		if (namesAndValues.length == 1) {
			return URLEncoder.encode(namesAndValues[0], StandardCharsets.UTF_8);
		}
		StringBuilder form = new StringBuilder();
		for (int i = 0; i < namesAndValues.length; i += 2) {
			form.append((i > 0) ? "&" : "").append(namesAndValues[i]).append('=').append(encode(namesAndValues[i + 1]));
		}
		return form.toString();
	}

	private record Answer(int status, JsonNode body) {

		String error() {
			return get("error");
		}

		String get(String name) {
			assertThat(this.body.has(name))
				.as("'%s' in a body with %s, status %d", name, this.body.propertyNames(), this.status)
				.isTrue();
			return this.body.get(name).asString();
		}

	}

}
