package io.github.oauth2pkce.benchmarks;

import java.net.URI;
import java.time.Duration;
import java.util.Set;

import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.token.TokenResponse;

/** Tokens as large as signed ones usually are. */
public final class Tokens {

	private static final int LENGTH = 900;

	private Tokens() {
	}

	/**
	 * An access token that cannot be told from another one before its end.
	 * @param name what makes it different
	 * @return the token
	 */
	public static String accessToken(String name) {
		return "a".repeat(LENGTH - name.length() - 1) + "." + name;
	}

	/**
	 * Keeps a login as if a person had just logged in.
	 * @param credentials the credentials of the application
	 * @param id whose
	 * @param tokenEndpoint where it comes from
	 * @param lifetime of the access token
	 * @param refreshToken the refresh token
	 */
	public static void logIn(Credentials credentials, CredentialId id, URI tokenEndpoint, Duration lifetime,
			String refreshToken) {
		credentials.loggedIn(id, tokenEndpoint,
				new TokenResponse(accessToken(id.providerId()), lifetime, refreshToken, null, Set.of("read")));
	}

}
