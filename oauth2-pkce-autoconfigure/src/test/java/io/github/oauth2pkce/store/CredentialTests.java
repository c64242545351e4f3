package io.github.oauth2pkce.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;

import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.testing.TestCredentials;
import io.github.oauth2pkce.token.TokenResponse;

import static io.github.oauth2pkce.testing.TestCredentials.NOW;
import static io.github.oauth2pkce.testing.TestCredentials.credential;
import static org.assertj.core.api.Assertions.assertThat;

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

	private static TokenResponse response(String accessToken, String refreshToken, Set<String> scopes) {
		return new TokenResponse(accessToken, null, refreshToken, null, scopes);
	}

}
