package io.github.oauth2pkce.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.testing.TestCredentials;
import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.token.TokenResponse;

import static io.github.oauth2pkce.testing.TestCredentials.NOW;
import static io.github.oauth2pkce.testing.TestCredentials.credential;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class CredentialTests {

	private static final Instant LATER = NOW.plusSeconds(60);

	@Test
	void refreshKeepsWhatTheAnswerOmits() {
		Credential before = credential().refreshTokenExpiresAt(NOW.plusSeconds(900)).build();
		Credential after = before.refreshed(response("new", null, null), Duration.ofMinutes(5), LATER);
		assertThat(after.refreshToken()).isEqualTo(before.refreshToken());
		assertThat(after.scopes()).isEqualTo(before.scopes());
		assertThat(after.refreshTokenExpiresAt()).isEqualTo(before.refreshTokenExpiresAt());
		assertThat(after.accessToken()).isEqualTo("new");
		assertThat(after.expiresAt()).isEqualTo(LATER.plusSeconds(300));
		assertThat(after.refreshedAt()).isEqualTo(LATER);
	}

	@Test
	void endOfTheOldRefreshTokenIsNotTheEndOfTheNewOne() {
		Credential before = credential().refreshTokenExpiresAt(NOW.plusSeconds(900)).build();
		Credential after = before.refreshed(response("new", "rotated", null), null, LATER);
		assertThat(after.refreshTokenExpiresAt()).isNull();
	}

	@Test
	void refreshTakesNewScopesAndClearsTheRejection() {
		Credential after = credential().rejected().refreshed(response("new", null, Set.of("a")), null, LATER);
		assertThat(after.scopes()).containsExactly("a");
		assertThat(after.isRefreshTokenRejected()).isFalse();
	}

	@Test
	void rejectionConcernsOnlyTheTokenThatWasRejected() {
		Credential rejected = credential().rejected();
		assertThat(rejected.isRefreshTokenRejected()).isTrue();
		assertThat(rejected.rejection().refreshToken()).isNotEqualTo(rejected.refreshToken());
		Credential withoutToken = credential().refreshToken(null).rejected();
		assertThat(withoutToken.isRefreshTokenRejected()).isFalse();
	}

	@Test
	void generationsGrowWhateverTheClockSays() {
		Credential fromTheFuture = credential().generation(Long.MAX_VALUE / 2).build();
		assertThat(fromTheFuture.rejected("invalid_grant", NOW).generation()).isEqualTo(Long.MAX_VALUE / 2 + 1);
		assertThat(credential().generation(1).rejected().generation()).isEqualTo(NOW.toEpochMilli());
	}

	@Test
	void loginAfterARemovalHasANewGeneration() {
		Credential first = issued(Credential.NONE, NOW);
		Credential second = issued(Credential.NONE, NOW.plusMillis(1));
		assertThat(second.generation()).isGreaterThan(first.generation());
		assertThat(first.generation()).isNotEqualTo(Credential.NONE);
	}

	@Test
	void loginIsGrantedWhatItAskedForUnlessTheAnswerSaysOtherwise() {
		assertThat(issued(Credential.NONE, NOW).scopes()).containsExactly("requested");
	}

	@Test
	void loginIsGrantedWhatTheAnswerSays() {
		Credential narrowed = Credential.issued(CredentialId.ofApplication("demo"), credential().build().origin(),
				response("at", "rt", Set.of("granted")), Set.of("requested"), Duration.ofMinutes(5), Credential.NONE,
				NOW);
		assertThat(narrowed.scopes()).containsExactly("granted");
	}

	private static Credential issued(long previous, Instant now) {
		return Credential.issued(CredentialId.ofApplication("demo"), credential().build().origin(),
				response("at", "rt", null), Set.of("requested"), Duration.ofMinutes(5), previous, now);
	}

	@Test
	void textShowsNoToken() {
		assertThat(credential().rejected().toString()).doesNotContain(TestCredentials.ACCESS_TOKEN,
				TestCredentials.REFRESH_TOKEN, credential().rejected().rejection().refreshToken());
		assertThat(credential().id(new CredentialId("demo", "alice")).build().toString()).doesNotContain("alice");
	}

	@Test
	void refreshKeepsTheIdTokenThatTheAnswerOmits() {
		Credential login = withIdToken("first");
		assertThat(login.refreshed(response("new", null, null), null, LATER).assertion()).isEqualTo("first");
		assertThat(login.refreshed(idToken("second"), null, LATER).assertion()).isEqualTo("second");
		assertThat(login.rejected("invalid_grant", LATER).assertion()).isEqualTo("first");
		assertThat(login.after(Long.MAX_VALUE / 2).assertion()).isEqualTo("first");
		assertThat(login.toString()).doesNotContain("first");
	}

	/** It is met as any other login by versions that know no ID tokens. */
	@Test
	void loginWithAnIdTokenIsReadByEarlierVersions() {
		Credential login = withIdToken("id-token");
		String record = new String(CredentialCodec.encode(login), StandardCharsets.UTF_8);
		assertThat(record).contains("\"version\":1");
		assertThat(CredentialCodec.decode(login.id(), record.getBytes(StandardCharsets.UTF_8))).isEqualTo(login);
	}

	/** Whoever does not know that it depends on another login would outlive that. */
	@Test
	void whatWasMadeFromAnotherLoginIsNotReadByEarlierVersions() {
		Credential.Origin origin = new Credential.Origin(null, "https://auth.example/token", "cli", null, null,
				"company 2026", null);
		Credential derived = Credential.issued(CredentialId.ofApplication("demo"), origin, response("at", null, null),
				Set.of(), Duration.ofMinutes(5), Credential.NONE, NOW);
		String record = new String(CredentialCodec.encode(derived), StandardCharsets.UTF_8);
		assertThat(record).contains("\"version\":3");
		assertThat(CredentialCodec.decode(derived.id(), record.getBytes(StandardCharsets.UTF_8))).isEqualTo(derived);
	}

	/** Whoever does not know that it is bound would send its token as a bearer. */
	@Test
	void loginWithAKeyIsNotReadByEarlierVersionsAndKeepsItsKey() {
		DpopKey key = DpopKey.generate();
		Credential.Origin origin = new Credential.Origin(null, "https://auth.example/token", "cli", null, null, null,
				key);
		Credential login = Credential.issued(CredentialId.ofApplication("demo"), origin, response("at", "rt", null),
				Set.of(), Duration.ofMinutes(5), Credential.NONE, NOW);
		String record = new String(CredentialCodec.encode(login), StandardCharsets.UTF_8);
		assertThat(record).contains("\"version\":3");
		assertThat(CredentialCodec.decode(login.id(), record.getBytes(StandardCharsets.UTF_8))).isEqualTo(login);
		assertThat(login.refreshed(response("new", "rt2", null), null, LATER).origin().key()).isEqualTo(key);
		assertThat(login.rejected("invalid_grant", LATER).origin().key()).isEqualTo(key);
		assertThat(login + " " + login.origin()).doesNotContain(key.toJwk().substring(10, 60));
	}

	/** A token without its key is worth nothing, and the record is somebody's last. */
	@Test
	void recordWithADamagedKeyIsUnreadable() {
		Credential.Origin origin = new Credential.Origin(null, "https://auth.example/token", "cli", null, null, null,
				DpopKey.generate());
		Credential login = Credential.issued(CredentialId.ofApplication("demo"), origin, response("at", "rt", null),
				Set.of(), Duration.ofMinutes(5), Credential.NONE, NOW);
		String damaged = new String(CredentialCodec.encode(login), StandardCharsets.UTF_8).replace("P-256", "P-512");
		assertThatExceptionOfType(TokenStoreException.class)
			.isThrownBy(() -> CredentialCodec.decode(login.id(), damaged.getBytes(StandardCharsets.UTF_8)))
			.withNoCause();
	}

	@Test
	void tokenOnBehalfOfSomebodyIsOfTheirNameAndReserved() {
		CredentialId id = CredentialId.onBehalfOf("api", "alice:of:oauth2-pkce:for:", "digest");
		assertThat(CredentialId.person(id.principalName())).isEqualTo("alice:of:oauth2-pkce:for:");
		assertThat(CredentialId.isReserved(id.principalName())).isTrue();
		assertThat(CredentialId.person("alice")).isEqualTo("alice");
		assertThat(id.toString()).isEqualTo("api (of a user)");
	}

	private static Credential withIdToken(String idToken) {
		return Credential.issued(CredentialId.ofApplication("demo"), credential().build().origin(), idToken(idToken),
				Set.of(), Duration.ofMinutes(5), Credential.NONE, NOW);
	}

	private static TokenResponse idToken(String idToken) {
		return new TokenResponse("at", null, "rt", null, null, Map.of("id_token", idToken));
	}

	private static TokenResponse response(String accessToken, String refreshToken, Set<String> scopes) {
		return new TokenResponse(accessToken, null, refreshToken, null, scopes);
	}

}
