package io.github.oauth2pkce.spring;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;

/**
 * Tokens in Spring Security's terms, and back. Immutable.
 *
 * @param providers the providers
 * @param clock the wall clock
 */
record SpringTokens(Providers providers, InstantSource clock) {

	/** Answers have to end at some time; nobody holds on to one for so long. */
	private static final Duration NEVER = Duration.ofDays(36_500);

	/** A credential, as its services hand it out. */
	OAuth2AuthorizedClient client(ClientRegistration registration, String principalName, Credential credential) {
		Instant issuedAt = credential.issuedAt();
		Instant expiresAt = expiresAt(credential);
		if (expiresAt != null && !expiresAt.isAfter(issuedAt)) {
			// Spring Security refuses a token that had ended before it was issued.
			issuedAt = expiresAt.minusSeconds(1);
		}
		OAuth2AccessToken accessToken = new OAuth2AccessToken(TokenType.BEARER, credential.accessToken(), issuedAt,
				expiresAt, credential.scopes());
		String refreshToken = credential.refreshToken();
		return new OAuth2AuthorizedClient(registration, principalName, accessToken,
				(refreshToken != null) ? new OAuth2RefreshToken(refreshToken, credential.issuedAt()) : null);
	}

	/** A credential, as the token endpoint would have answered. */
	OAuth2AccessTokenResponse response(Credential credential) {
		return OAuth2AccessTokenResponse.withToken(credential.accessToken())
			.tokenType(TokenType.BEARER)
			.expiresIn(secondsLeft(credential))
			.scopes(credential.scopes())
			.refreshToken(credential.refreshToken())
			.build();
	}

	/** None is what Spring Security takes for "does not end". */
	private @Nullable Instant expiresAt(Credential credential) {
		Instant expiresAt = credential.expiresAt();
		boolean once = expiresAt == null && !this.providers.get(credential.id().providerId()).grant().needsPerson();
		return once ? credential.issuedAt().plusSeconds(1) : expiresAt;
	}

	private long secondsLeft(Credential credential) {
		Instant expiresAt = expiresAt(credential);
		return (expiresAt != null) ? Duration.between(this.clock.instant(), expiresAt).toSeconds() : NEVER.toSeconds();
	}

	/** What the server has said when a new login came. */
	TokenResponse granted(OAuth2AuthorizedClient client, Authentication principal) {
		OAuth2AccessToken accessToken = client.getAccessToken();
		OAuth2RefreshToken refreshToken = client.getRefreshToken();
		Set<String> scopes = accessToken.getScopes();
		return new TokenResponse(accessToken.getTokenValue(), expiresIn(accessToken),
				(refreshToken != null) ? refreshToken.getTokenValue() : null, null, scopes.isEmpty() ? null : scopes,
				Map.of(), idToken(client, principal));
	}

	/** Who logs in by OpenID Connect is known by their ID token. */
	private static @Nullable String idToken(OAuth2AuthorizedClient client, Authentication principal) {
		boolean ofThisLogin = principal instanceof OAuth2AuthenticationToken login
				&& login.getAuthorizedClientRegistrationId().equals(client.getClientRegistration().getRegistrationId());
		return (ofThisLogin && principal.getPrincipal() instanceof OidcUser user && user.getIdToken() != null)
				? user.getIdToken().getTokenValue() : null;
	}

	/** One second is what Spring Security makes of an answer without a lifetime. */
	private @Nullable Duration expiresIn(OAuth2AccessToken token) {
		Instant issuedAt = token.getIssuedAt();
		Instant expiresAt = token.getExpiresAt();
		if (expiresAt == null || (issuedAt != null && !expiresAt.isAfter(issuedAt.plusSeconds(1)))) {
			return null;
		}
		Duration left = Duration.between(this.clock.instant(), expiresAt);
		return left.isNegative() ? Duration.ZERO : left;
	}

}
