package io.github.oauth2pkce.autoconfigure;

import java.time.Instant;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;

/** Stored credentials of the client {@code app}. */
public final class TestCredentials {

	private TestCredentials() {
	}

	public static Credential of(CredentialId id, @Nullable String issuer, String tokenEndpoint, Instant issuedAt,
			Instant expiresAt, @Nullable String refreshToken) {
		return new Credential(id, new Origin(issuer, tokenEndpoint, "app"), "top-secret-access-token", refreshToken,
				Set.of(), issuedAt, expiresAt, null, null, null, null, 1);
	}

	public static Credential ofUser(String providerId, String name, String accessToken) {
		return new Credential(new CredentialId(providerId, name),
				new Origin(null, "https://login.example.com/token", "app"), accessToken, null, Set.of(), Instant.now(),
				Instant.parse("2100-01-01T00:00:00Z"), null, null, null, null, 1);
	}

}
