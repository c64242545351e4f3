package io.github.oauth2pkce.refresh;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider.Endpoints;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.testing.TestProviders;

import static io.github.oauth2pkce.AuthorizationState.AUTHORIZED;
import static io.github.oauth2pkce.AuthorizationState.LOGIN_REQUIRED;
import static io.github.oauth2pkce.AuthorizationState.REAUTHENTICATION_REQUIRED;
import static io.github.oauth2pkce.refresh.RefreshTrigger.AHEAD;
import static io.github.oauth2pkce.refresh.RefreshTrigger.EXPIRY;
import static io.github.oauth2pkce.refresh.RefreshTrigger.MANUAL;
import static io.github.oauth2pkce.refresh.RefreshTrigger.UNAUTHORIZED;
import static io.github.oauth2pkce.testing.TestCredentials.ACCESS_TOKEN;
import static io.github.oauth2pkce.testing.TestCredentials.NOW;
import static io.github.oauth2pkce.testing.TestCredentials.credential;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class CredentialRulesTests {

	private final CredentialRules rules = new CredentialRules(TestProviders.offline().build());

	@ParameterizedTest(name = "{0}")
	@MethodSource("states")
	void stateFollowsTheContract(String description, @Nullable Credential credential, AuthorizationState state) {
		assertThat(this.rules.state(credential, NOW)).isEqualTo(state);
	}

	static Stream<Arguments> states() {
		return Stream.of(arguments("nothing stored", null, LOGIN_REQUIRED),
				arguments("other issuer",
						credential().origin("https://other.example", "https://auth.example/token", "cli").build(),
						LOGIN_REQUIRED),
				arguments("other token endpoint",
						credential().origin("https://auth.example", "https://auth.example/v2/token", "cli").build(),
						LOGIN_REQUIRED),
				arguments("other client",
						credential().origin("https://auth.example", "https://auth.example/token", "gui").build(),
						LOGIN_REQUIRED),
				arguments("other client, expired, rejected",
						credential().origin("https://auth.example", "https://auth.example/token", "gui")
							.expired()
							.rejected(),
						LOGIN_REQUIRED),
				arguments("expired, no refresh token", credential().expired().refreshToken(null).build(),
						REAUTHENTICATION_REQUIRED),
				arguments("blank, no refresh token", credential().accessToken(" ").refreshToken(null).build(),
						REAUTHENTICATION_REQUIRED),
				arguments("blank, no refresh token, unknown expiry",
						credential().accessToken("").refreshToken(null).unknownExpiry().build(),
						REAUTHENTICATION_REQUIRED),
				arguments("expired, refresh token rejected", credential().expired().rejected(),
						REAUTHENTICATION_REQUIRED),
				arguments("expired, refresh token expired", credential().expired().refreshTokenExpiresAt(NOW).build(),
						REAUTHENTICATION_REQUIRED),
				arguments("29 s left, no refresh token",
						credential().refreshToken(null).lifetime(Duration.ofMinutes(5), NOW.plusSeconds(29)).build(),
						REAUTHENTICATION_REQUIRED),
				arguments("31 s left, no refresh token",
						credential().refreshToken(null).lifetime(Duration.ofMinutes(5), NOW.plusSeconds(31)).build(),
						AUTHORIZED),
				arguments("valid, no refresh token", credential().refreshToken(null).build(), AUTHORIZED),
				arguments("valid, refresh token rejected", credential().rejected(), AUTHORIZED),
				arguments("unknown expiry, no refresh token", credential().refreshToken(null).unknownExpiry().build(),
						AUTHORIZED),
				arguments("expired, refresh token", credential().expired().build(), AUTHORIZED),
				arguments("blank, refresh token", credential().accessToken("").build(), AUTHORIZED),
				arguments("expired, refresh token still valid",
						credential().expired().refreshTokenExpiresAt(NOW.plusSeconds(1)).build(), AUTHORIZED));
	}

	@ParameterizedTest(name = "lifetime {0} s ends {1} s early")
	@CsvSource({ "300, 30", "60, 30", "40, 20", "10, 5", "1, 0.5" })
	void skewIsCappedAtHalfTheLifetime(long lifetime, double early) {
		Instant end = NOW.plusSeconds(lifetime);
		Credential credential = credential().lifetime(Duration.ofSeconds(lifetime), end).build();
		assertThat(this.rules.staleAt(credential)).isEqualTo(end.minusMillis((long) (early * 1000)));
	}

	@Test
	void configuredSkewDecides() {
		CredentialRules eager = new CredentialRules(TestProviders.offline().refreshSkew(Duration.ofMinutes(2)).build());
		Credential credential = credential().lifetime(Duration.ofMinutes(5), NOW.plusSeconds(119)).build();
		assertThat(eager.isFresh(credential, NOW)).isFalse();
		assertThat(this.rules.isFresh(credential, NOW)).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "0, 30", "1, 60" })
	void refreshesAheadByTenToTwentyPercentOfTheLifetime(double jitter, long ahead) {
		Credential credential = credential().build();
		assertThat(this.rules.refreshAt(credential, jitter))
			.isEqualTo(this.rules.staleAt(credential).minusSeconds(ahead));
	}

	@Test
	void tokenThatDoesNotEndIsNotRefreshedAhead() {
		assertThat(this.rules.refreshAt(credential().unknownExpiry().build(), 1)).isEqualTo(Instant.MAX);
	}

	@Test
	void machineTokenOfUnknownEndIsUsedOnce() {
		CredentialRules machine = new CredentialRules(TestProviders.offline().grant(Grant.CLIENT_CREDENTIALS).build());
		assertThat(machine.staleAt(credential().unknownExpiry().build())).isEqualTo(Instant.MIN);
	}

	@Test
	void machineNeedsNothingStored() {
		CredentialRules machine = new CredentialRules(TestProviders.offline().grant(Grant.CLIENT_CREDENTIALS).build());
		assertThat(machine.next(null, new RefreshReason(EXPIRY, null), 0, false, NOW)).isEqualTo(RefreshStep.REQUEST);
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("steps")
	void nextStepFollowsFromTheStoredRecord(String description, RefreshTrigger trigger, @Nullable Credential stored,
			long known, RefreshStep step) {
		boolean fresh = stored != null && this.rules.isFresh(stored, NOW);
		assertThat(this.rules.next(stored, new RefreshReason(trigger, ACCESS_TOKEN), known, fresh, NOW))
			.isEqualTo(step);
	}

	static Stream<Arguments> steps() {
		Credential fresh = credential().accessToken("another").build();
		return Stream.of(arguments("nothing stored", EXPIRY, null, 0, RefreshStep.NOTHING_STORED),
				arguments("fresh, read for the first time", EXPIRY, fresh, 0, RefreshStep.USABLE),
				arguments("fresh, known", EXPIRY, fresh, 1, RefreshStep.USABLE),
				arguments("fresh, from another process", EXPIRY, fresh, 7, RefreshStep.ADOPT),
				arguments("expired", EXPIRY, credential().expired().build(), 7, RefreshStep.REQUEST),
				arguments("expired and rejected", EXPIRY, credential().expired().rejected(), 7,
						RefreshStep.NOT_REFRESHABLE),
				arguments("expired without refresh token", EXPIRY, credential().expired().refreshToken(null).build(), 7,
						RefreshStep.NOT_REFRESHABLE),
				arguments("about to end", AHEAD, fresh, 1, RefreshStep.REQUEST),
				arguments("about to end, refreshed by another process", AHEAD, fresh, 7, RefreshStep.ADOPT),
				arguments("rejected by a resource", UNAUTHORIZED, credential().build(), 7, RefreshStep.REQUEST),
				arguments("rejected by a resource, and not what is stored", UNAUTHORIZED, fresh, 7, RefreshStep.ADOPT),
				arguments("asked for by a person", MANUAL, fresh, 7, RefreshStep.REQUEST),
				arguments("asked for by a person, without refresh token", MANUAL,
						credential().refreshToken(null).build(), 1, RefreshStep.NOT_REFRESHABLE));
	}

	@Test
	void discoveredEndpointWantsTheIssuerThatItIsDiscoveredFrom() {
		Credential ofEndpoints = credential().origin(null, "https://other.example/token", "cli").build();
		CredentialRules discovering = new CredentialRules(TestProviders.offline().endpoints(Endpoints.NONE).build());
		assertThat(discovering.belongs(ofEndpoints)).isFalse();
		assertThat(discovering.state(ofEndpoints, NOW)).isEqualTo(LOGIN_REQUIRED);
	}

	@Test
	void issuerIsComparedOnlyWhereBothAreKnown() {
		Credential withoutIssuer = credential().origin(null, "https://auth.example/token", "cli").build();
		assertThat(this.rules.belongs(withoutIssuer)).isTrue();
		CredentialRules endpointsOnly = new CredentialRules(TestProviders.offline().issuerUri(null).build());
		assertThat(endpointsOnly.belongs(credential().build())).isTrue();
	}

	@Test
	void tokenEndpointIsComparedOnlyWhereItIsConfigured() {
		CredentialRules discovering = new CredentialRules(TestProviders.offline().endpoints(Endpoints.NONE).build());
		assertThat(discovering.belongs(credential().build())).isTrue();
		CredentialRules moved = new CredentialRules(TestProviders.offline()
			.endpoints(new Endpoints(null, null, URI.create("https://new.example/token"), null))
			.build());
		assertThat(moved.belongs(credential().build())).isFalse();
	}

	@Test
	void tokenFromTheFutureHasAtLeastNoLifetime() {
		// Issued, by the clock of another node, after it ends.
		Credential odd = credential().lifetime(Duration.ofSeconds(-10), NOW.plusSeconds(60)).build();
		assertThat(this.rules.staleAt(odd)).isEqualTo(odd.expiresAt());
	}

}
