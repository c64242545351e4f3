package io.github.oauth2pkce.testing;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;

/**
 * Credentials of {@link TestProviders#offline()} in which only what a test names is
 * remarkable.
 */
public final class TestCredentials {

	public static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

	public static final String ACCESS_TOKEN = "at-secret-1234567890";

	public static final String REFRESH_TOKEN = "rt-secret-1234567890";

	private CredentialId id = CredentialId.ofApplication("demo");

	private Origin origin = new Origin("https://auth.example", "https://auth.example/token", "cli");

	private String accessToken = ACCESS_TOKEN;

	private @Nullable String refreshToken = REFRESH_TOKEN;

	private Instant issuedAt = NOW;

	private @Nullable Instant expiresAt = NOW.plus(Duration.ofMinutes(5));

	private @Nullable Instant refreshTokenExpiresAt;

	private long generation = 1;

	private TestCredentials() {
	}

	/**
	 * Issued now, for five minutes, with a refresh token.
	 */
	public static TestCredentials credential() {
		return new TestCredentials();
	}

	public TestCredentials id(CredentialId id) {
		this.id = id;
		return this;
	}

	public TestCredentials origin(@Nullable String issuer, String tokenEndpoint, String clientId) {
		this.origin = new Origin(issuer, tokenEndpoint, clientId);
		return this;
	}

	public TestCredentials accessToken(String accessToken) {
		this.accessToken = accessToken;
		return this;
	}

	public TestCredentials refreshToken(@Nullable String refreshToken) {
		this.refreshToken = refreshToken;
		return this;
	}

	/**
	 * Issued so that it had this lifetime and ends at that time.
	 */
	public TestCredentials lifetime(Duration lifetime, Instant expiresAt) {
		this.issuedAt = expiresAt.minus(lifetime);
		this.expiresAt = expiresAt;
		return this;
	}

	public TestCredentials lifetime(Instant issuedAt, Instant expiresAt) {
		this.issuedAt = issuedAt;
		this.expiresAt = expiresAt;
		return this;
	}

	public TestCredentials unknownExpiry() {
		this.expiresAt = null;
		return this;
	}

	public TestCredentials expired() {
		return lifetime(Duration.ofMinutes(5), NOW.minusSeconds(1));
	}

	public TestCredentials refreshTokenExpiresAt(@Nullable Instant expiresAt) {
		this.refreshTokenExpiresAt = expiresAt;
		return this;
	}

	public TestCredentials generation(long generation) {
		this.generation = generation;
		return this;
	}

	public Credential build() {
		return new Credential(this.id, this.origin, this.accessToken, this.refreshToken, Set.of("openid"),
				this.issuedAt, this.expiresAt, this.refreshTokenExpiresAt, null, null, null, this.generation);
	}

	public Credential rejected() {
		return build().rejected("invalid_grant", NOW);
	}

}
