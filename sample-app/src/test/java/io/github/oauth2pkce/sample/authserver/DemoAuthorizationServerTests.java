package io.github.oauth2pkce.sample.authserver;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.github.oauth2pkce.sample.authserver.Device.Answer;
import io.github.oauth2pkce.sample.headless.Person;
import io.github.oauth2pkce.sample.wire.Exchange;
import io.github.oauth2pkce.sample.wire.Exchange.Kind;
import io.github.oauth2pkce.sample.wire.WireAccount;
import io.github.oauth2pkce.testing.MovableClock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.util.TestSocketUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The demo authorization server over real HTTP, against the answers of Keycloak 26.
 */
class DemoAuthorizationServerTests {

	private static final Duration POLL_INTERVAL = Duration.ofSeconds(2);

	@TempDir
	static Path directory;

	private static final MovableClock clock = new MovableClock(Instant.parse("2026-01-01T00:00:00Z"));

	private static final WireAccount account = new WireAccount();

	private static DemoSettings settings;

	private static ConfigurableApplicationContext server;

	private Device device;

	@BeforeAll
	static void start() {
		settings = new DemoSettings(TestSocketUtils.findAvailableTcpPort(), directory, Duration.ofSeconds(30),
				POLL_INTERVAL, false);
		server = DemoAuthorizationServer.start(settings, account, clock);
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void newDevice() {
		this.device = new Device(settings.issuer());
	}

	@Test
	void metadataTellsOfDeviceFlowAndPkce() {
		Answer answer = this.device.get("/.well-known/oauth-authorization-server");
		assertThat(answer.status()).isEqualTo(200);
		assertThat(answer.text("issuer")).isEqualTo(settings.issuer());
		assertThat(answer.text("device_authorization_endpoint"))
			.isEqualTo(settings.issuer() + "/oauth2/device_authorization");
		assertThat(answer.text("token_endpoint")).isEqualTo(settings.issuer() + "/oauth2/token");
		assertThat(answer.text("revocation_endpoint")).isEqualTo(settings.issuer() + "/oauth2/revoke");
		assertThat(answer.json().path("token_endpoint_auth_methods_supported").toString()).contains("\"none\"");
		assertThat(answer.json().path("code_challenge_methods_supported").toString()).isEqualTo("[\"S256\"]");
		assertThat(answer.json().path("grant_types_supported").toString())
			.contains("urn:ietf:params:oauth:grant-type:device_code", "refresh_token");
	}

	@Test
	void absentOidcMetadataIsNotFoundRatherThanALoginPage() {
		assertThat(this.device.get("/.well-known/openid-configuration").status()).isEqualTo(404);
	}

	@Test
	void deviceAuthorizationWithoutPkceIsRefused() {
		Answer answer = this.device.authorize("client_id", "demo-cli", "scope", "models.read");
		assertError(answer, 400, "invalid_request", "Missing parameter: code_challenge_method");
	}

	@Test
	void challengeWithoutMethodIsRefused() {
		Answer answer = this.device.authorize("client_id", "demo-cli", "code_challenge", Device.CHALLENGE);
		assertError(answer, 400, "invalid_request", "Missing parameter: code_challenge_method");
	}

	@Test
	void plainChallengeIsRefused() {
		Answer answer = this.device.authorize("client_id", "demo-cli", "code_challenge", Device.VERIFIER,
				"code_challenge_method", "plain");
		assertError(answer, 400, "invalid_request",
				"Invalid parameter: code challenge method is not matching the configured one");
	}

	@Test
	void shortChallengeIsRefused() {
		Answer answer = this.device.authorize("client_id", "demo-cli", "code_challenge", "short",
				"code_challenge_method", "S256");
		assertError(answer, 400, "invalid_request", "Invalid parameter: code_challenge");
	}

	@Test
	void unknownOrMissingClientIsRefused() {
		assertError(this.device.authorize("client_id", "nobody"), 401, "invalid_client",
				"Invalid client or Invalid client credentials");
		assertError(this.device.authorize("scope", "models.read"), 401, "invalid_client",
				"Invalid client or Invalid client credentials");
	}

	@Test
	void deviceAuthorizationAnswersCodesAndInterval() {
		Answer answer = this.device.authorizeWithPkce();
		assertThat(answer.status()).isEqualTo(200);
		assertThat(answer.text("user_code")).matches("[A-Z]{4}-[A-Z]{4}");
		assertThat(answer.text("verification_uri")).isEqualTo(settings.issuer() + "/activate");
		assertThat(answer.text("verification_uri_complete"))
			.isEqualTo(settings.issuer() + "/activate?user_code=" + answer.text("user_code"));
		assertThat(answer.json().path("interval").asInt()).isEqualTo(2);
		assertThat(answer.json().path("expires_in").asInt()).isBetween(590, 600);
	}

	@Test
	void pollIsPendingUntilApprovedAndToldToSlowDownWhenTooEarly() {
		String deviceCode = this.device.authorizeWithPkce().text("device_code");
		assertError(poll(deviceCode), 400, "authorization_pending", "The authorization request is still pending");
		assertError(this.device.poll(deviceCode, "code_verifier", Device.VERIFIER), 400, "slow_down", "Slow down");
		assertError(poll(deviceCode), 400, "authorization_pending", "The authorization request is still pending");
	}

	@Test
	void approvedDeviceGetsTokensThatOpenTheApi() throws Exception {
		Answer tokens = login();
		assertThat(tokens.text("token_type")).isEqualTo("Bearer");
		assertThat(tokens.text("scope")).isEqualTo("models.read");
		assertThat(tokens.json().path("expires_in").asInt()).isBetween(29, 30);
		assertThat(tokens.text("refresh_token")).isNotEmpty();
		Answer models = this.device.models(tokens.text("access_token"));
		assertThat(models.status()).isEqualTo(200);
		assertThat(models.json().size()).isEqualTo(5);
		assertThat(models.json().path(0).path("id").asString()).isEqualTo("aria-small");
		assertThat(models.json().path(0).path("pricing").path("input").asString()).isEqualTo("0.15");
	}

	@Test
	void wrongVerifierDoesNotUseUpTheDeviceCode() throws Exception {
		String deviceCode = approved();
		clock.advance(POLL_INTERVAL);
		assertError(this.device.poll(deviceCode), 400, "invalid_grant", "PKCE code verifier not specified");
		clock.advance(POLL_INTERVAL);
		assertError(this.device.poll(deviceCode, "code_verifier", "x".repeat(43)), 400, "invalid_grant",
				"PKCE verification failed: Code mismatch");
		clock.advance(POLL_INTERVAL);
		assertError(this.device.poll(deviceCode, "code_verifier", "short"), 400, "invalid_grant",
				"PKCE verification failed: Invalid code verifier");
		assertThat(poll(deviceCode).status()).isEqualTo(200);
		assertError(poll(deviceCode), 400, "invalid_grant", "Device code not valid");
	}

	@Test
	void deniedDeviceIsToldSo() throws Exception {
		Answer authorization = this.device.authorizeWithPkce();
		new Person("alice", "alice").deny(URI.create(authorization.text("verification_uri_complete")));
		String deviceCode = authorization.text("device_code");
		assertError(poll(deviceCode), 400, "access_denied", "The end user denied the authorization request");
		assertError(poll(deviceCode), 400, "access_denied", "The end user denied the authorization request");
	}

	@Test
	void expiredDeviceCodeIsToldSo() {
		String deviceCode = this.device.authorizeWithPkce().text("device_code");
		JdbcTemplate jdbc = server.getBean(JdbcTemplate.class);
		Instant now = Instant.now();
		jdbc.update(
				"update oauth2_authorization set device_code_issued_at = ?, device_code_expires_at = ? where device_code_value = ?",
				Timestamp.from(now.minusSeconds(2)), Timestamp.from(now.minusSeconds(1)),
				deviceCode.getBytes(StandardCharsets.UTF_8));
		assertError(poll(deviceCode), 400, "expired_token", "Device code is expired");
	}

	@Test
	void linkAloneApprovesNothing() throws Exception {
		Answer first = this.device.authorizeWithPkce();
		Person alice = new Person("alice", "alice");
		alice.approve(URI.create(first.text("verification_uri_complete")));
		Answer second = this.device.authorizeWithPkce();
		alice.look(URI.create(settings.issuer() + "/oauth2/device_verification?user_code=" + second.text("user_code")));
		assertError(poll(second.text("device_code")), 400, "authorization_pending",
				"The authorization request is still pending");
	}

	@Test
	void unknownDeviceCodeIsRefused() {
		assertError(poll("unknown"), 400, "invalid_grant", "Device code not valid");
	}

	@Test
	void refreshTokenWorksOnceAndReuseEndsTheLogin() throws Exception {
		String first = login().text("refresh_token");
		Answer refreshed = this.device.refresh(first);
		assertThat(refreshed.status()).isEqualTo(200);
		String second = refreshed.text("refresh_token");
		assertThat(second).isNotEmpty().isNotEqualTo(first);
		assertThat(this.device.models(refreshed.text("access_token")).status()).isEqualTo(200);
		assertError(this.device.refresh(first), 400, "invalid_grant", "Maximum allowed refresh token reuse exceeded");
		assertError(this.device.refresh(second), 400, "invalid_grant", "Session doesn't have required client");
	}

	@Test
	void oneOfParallelRefreshesWins() throws Exception {
		String refreshToken = login().text("refresh_token");
		List<CompletableFuture<Answer>> refreshes = IntStream.range(0, 4)
			.mapToObj((i) -> CompletableFuture.supplyAsync(() -> this.device.refresh(refreshToken)))
			.toList();
		assertThat(refreshes.stream().map(CompletableFuture::join).map(Answer::status)).containsExactlyInAnyOrder(200,
				400, 400, 400);
	}

	@Test
	void revokedRefreshTokenIsDead() throws Exception {
		String refreshToken = login().text("refresh_token");
		assertThat(this.device.revoke(refreshToken).status()).isEqualTo(200);
		assertError(this.device.refresh(refreshToken), 400, "invalid_grant", "Session not active");
		assertError(this.device.refresh("garbage"), 400, "invalid_grant", "Invalid refresh token");
	}

	@Test
	void apiWithoutTokenAnswersABearerChallenge() {
		Answer answer = this.device.get("/api/models");
		assertThat(answer.status()).isEqualTo(401);
		assertThat(answer.challenge()).startsWith("Bearer").doesNotContain("error=");
	}

	@Test
	void apiWithABadTokenAnswersInvalidToken() {
		Answer answer = this.device.models("eyJhbGciOiJub25lIn0.e30.");
		assertThat(answer.status()).isEqualTo(401);
		assertThat(answer.challenge()).startsWith("Bearer").contains("error=\"invalid_token\"");
	}

	@Test
	void wrongPasswordApprovesNothing() {
		Answer authorization = this.device.authorizeWithPkce();
		URI link = URI.create(authorization.text("verification_uri_complete"));
		assertThatExceptionOfType(Exception.class).isThrownBy(() -> new Person("alice", "wrong").approve(link));
		assertError(poll(authorization.text("device_code")), 400, "authorization_pending",
				"The authorization request is still pending");
	}

	@Test
	void accountHoldsNoSecret() throws Exception {
		String deviceCode = approved();
		Answer tokens = poll(deviceCode);
		Answer refreshed = this.device.refresh(tokens.text("refresh_token"));
		this.device.models(refreshed.text("access_token"));
		String text = account.describe() + account.exchanges(Kind.POLL) + account.exchanges(Kind.REFRESH)
				+ account.exchanges(Kind.DEVICE_AUTHORIZATION) + account.exchanges(Kind.API)
				+ account.exchanges(Kind.BROWSER);
		assertThat(Stream.of(deviceCode, Device.VERIFIER, Device.CHALLENGE, tokens.text("access_token"),
				tokens.text("refresh_token"), refreshed.text("refresh_token"), refreshed.text("access_token")))
			.noneMatch(text::contains);
		assertThat(account.exchanges(Kind.REFRESH)).anyMatch(Exchange::rotated).noneMatch(Exchange::proof);
		assertThat(account.exchanges(Kind.DEVICE_AUTHORIZATION)).anyMatch(Exchange::proof);
	}

	private Answer poll(String deviceCode) {
		clock.advance(POLL_INTERVAL);
		return this.device.poll(deviceCode, "code_verifier", Device.VERIFIER);
	}

	private String approved() throws Exception {
		Answer authorization = this.device.authorizeWithPkce();
		new Person("alice", "alice").approve(URI.create(authorization.text("verification_uri_complete")));
		return authorization.text("device_code");
	}

	private Answer login() throws Exception {
		Answer tokens = poll(approved());
		assertThat(tokens.status()).as(tokens.body()).isEqualTo(200);
		return tokens;
	}

	private static void assertError(Answer answer, int status, String error, String description) {
		assertThat(answer.status()).as(answer.body()).isEqualTo(status);
		assertThat(answer.text("error")).isEqualTo(error);
		assertThat(answer.text("error_description")).isEqualTo(description);
		assertThat(answer.json().has("error_uri")).isFalse();
	}

}
