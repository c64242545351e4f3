package io.github.oauth2pkce.benchmarks;

import java.net.URI;
import java.time.Duration;
import java.util.Set;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.token.IssuedTokens;
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
	 * @param provider the server, and the client to which it has issued the tokens
	 * @param tokenEndpoint where it comes from
	 * @param lifetime of the access token
	 * @param refreshToken the refresh token
	 */
	public static void logIn(Credentials credentials, Provider provider, URI tokenEndpoint, Duration lifetime,
			String refreshToken) {
		credentials.loggedIn(CredentialId.ofApplication(provider.id()), new IssuedTokens(provider, tokenEndpoint,
				new TokenResponse(accessToken(provider.id()), lifetime, refreshToken, null, Set.of("read"))));
	}

}
