package io.github.oauth2pkce.token;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.core.oidc.endpoint.OidcParameterNames;

/**
 * A successful token response (RFC 6749 section 5.1). Immutable; its text shows no token.
 *
 * @param accessToken the access token. Empty when the server sent an empty one, or beside
 * a refresh token none, or a refresh yielded one that is no bearer: the refresh token may
 * be new and the old one spent, so the answer must not be dropped
 * @param expiresIn lifetime of the access token, {@code null} when unknown
 * @param refreshToken the refresh token, {@code null} when the one in use stays valid
 * @param refreshExpiresIn lifetime of the refresh token (Keycloak), {@code null} when
 * unknown
 * @param scopes the granted scopes, {@code null} when as requested (RFC 6749 section 5.1)
 * @param additionalParameters what else the answer holds, by name, not looked at
 * @param assertion what can be shown to another server and is no bearer, {@code null}
 * when there is nothing: an ID token, or what a token exchange was asked for instead of
 * an access token (RFC 8693 section 2.2.1)
 */
public record TokenResponse(String accessToken, @Nullable Duration expiresIn, @Nullable String refreshToken,
		@Nullable Duration refreshExpiresIn, @Nullable Set<String> scopes, Map<String, Object> additionalParameters,
		@Nullable String assertion) {

	/** Characters of an ID token that is kept; others are of no use to anybody. */
	private static final int LARGEST = 16 * 1024;

	/**
	 * Creates the response.
	 * @param accessToken the access token. One that no header can hold is as good as none
	 * @param expiresIn lifetime of the access token, {@code null} when unknown
	 * @param refreshToken the refresh token, {@code null} when the one in use stays valid
	 * @param refreshExpiresIn lifetime of the refresh token, {@code null} when unknown
	 * @param scopes the granted scopes, {@code null} when as requested
	 * @param additionalParameters what else the answer holds, by name
	 * @param assertion what can be shown to another server and is no bearer
	 */
	public TokenResponse {
		accessToken = sendable(accessToken.strip());
		assertion = (assertion != null && assertion.length() <= LARGEST) ? assertion : null;
	}

	/**
	 * A response whose ID token, if it has one, can be shown to another server.
	 * @param accessToken the access token, or empty
	 * @param expiresIn lifetime of the access token, {@code null} when unknown
	 * @param refreshToken the refresh token, {@code null} when the one in use stays valid
	 * @param refreshExpiresIn lifetime of the refresh token, {@code null} when unknown
	 * @param scopes the granted scopes, {@code null} when as requested
	 * @param additionalParameters what else the answer holds, by name
	 */
	public TokenResponse(String accessToken, @Nullable Duration expiresIn, @Nullable String refreshToken,
			@Nullable Duration refreshExpiresIn, @Nullable Set<String> scopes,
			Map<String, Object> additionalParameters) {
		this(accessToken, expiresIn, refreshToken, refreshExpiresIn, scopes, additionalParameters,
				text(additionalParameters.get(OidcParameterNames.ID_TOKEN)));
	}

	private static @Nullable String text(@Nullable Object value) {
		return (value instanceof String text) ? text : null;
	}

	/**
	 * RFC 6749 appendix A.12: visible characters only. RFC 6750 section 2.1 has fewer,
	 * and no space; servers issue tokens of others, too.
	 */
	private static String sendable(String accessToken) {
		return accessToken.chars().allMatch((c) -> c > ' ' && c <= '~') ? accessToken : "";
	}

	/**
	 * A response with nothing else in it.
	 * @param accessToken the access token, or empty
	 * @param expiresIn lifetime of the access token, {@code null} when unknown
	 * @param refreshToken the refresh token, {@code null} when the one in use stays valid
	 * @param refreshExpiresIn lifetime of the refresh token, {@code null} when unknown
	 * @param scopes the granted scopes, {@code null} when as requested
	 */
	public TokenResponse(String accessToken, @Nullable Duration expiresIn, @Nullable String refreshToken,
			@Nullable Duration refreshExpiresIn, @Nullable Set<String> scopes) {
		this(accessToken, expiresIn, refreshToken, refreshExpiresIn, scopes, Map.of());
	}

	/**
	 * {@return the ID token (OpenID Connect Core section 3.1.3.3), not looked at;
	 * {@code null} when there is none}
	 */
	public @Nullable String idToken() {
		return text(this.additionalParameters.get(OidcParameterNames.ID_TOKEN));
	}

	@Override
	public String toString() {
		return "TokenResponse[expiresIn=" + this.expiresIn + ", hasRefreshToken=" + (this.refreshToken != null)
				+ ", scopes=" + this.scopes + "]";
	}

}
