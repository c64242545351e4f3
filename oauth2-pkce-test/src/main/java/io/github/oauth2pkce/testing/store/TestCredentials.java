package io.github.oauth2pkce.testing.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;

/** Credentials in which only what a test names is remarkable. */
final class TestCredentials {

	static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

	private CredentialId id = CredentialId.ofApplication("demo");

	private Origin origin = new Origin("https://auth.example", "https://auth.example/token", "cli");

	private String accessToken = "access-token-of-a-test";

	private @Nullable String refreshToken = "refresh-token-of-a-test";

	private @Nullable Instant expiresAt = NOW.plus(Duration.ofMinutes(5));

	private @Nullable Instant refreshTokenExpiresAt;

	private long generation = 1;

	private TestCredentials() {
	}

	/** Issued now, for five minutes, with a refresh token. */
	static TestCredentials credential() {
		return new TestCredentials();
	}

	TestCredentials id(CredentialId id) {
		this.id = id;
		return this;
	}

	TestCredentials origin(@Nullable String issuer, String tokenEndpoint, String clientId) {
		this.origin = new Origin(issuer, tokenEndpoint, clientId);
		return this;
	}

	TestCredentials accessToken(String accessToken) {
		this.accessToken = accessToken;
		return this;
	}

	TestCredentials refreshToken(@Nullable String refreshToken) {
		this.refreshToken = refreshToken;
		return this;
	}

	TestCredentials unknownExpiry() {
		this.expiresAt = null;
		return this;
	}

	TestCredentials refreshTokenExpiresAt(@Nullable Instant expiresAt) {
		this.refreshTokenExpiresAt = expiresAt;
		return this;
	}

	TestCredentials generation(long generation) {
		this.generation = generation;
		return this;
	}

	Credential build() {
		return new Credential(this.id, this.origin, this.accessToken, this.refreshToken, Set.of("openid"), NOW,
				this.expiresAt, this.refreshTokenExpiresAt, null, null, null, this.generation);
	}

	Credential rejected() {
		return build().rejected("invalid_grant", NOW);
	}

}
