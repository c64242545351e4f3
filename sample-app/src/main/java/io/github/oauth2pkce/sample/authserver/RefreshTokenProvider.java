package io.github.oauth2pkce.sample.authserver;

import java.util.Objects;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.security.oauth2.server.authorization.OAuth2Authorization;
import org.springframework.security.oauth2.server.authorization.OAuth2AuthorizationService;
import org.springframework.security.oauth2.server.authorization.OAuth2TokenType;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2RefreshTokenAuthenticationToken;

/**
 * Lets a refresh token be used once. Using it again ends the login, as with Keycloak's
 * "revoke refresh token": whoever holds its successor must log in again.
 */
final class RefreshTokenProvider implements AuthenticationProvider {

	private static final String ENDED_BY_REUSE = "ended_by_reuse";

	/** One at a time: Spring Authorization Server would let two at once both succeed. */
	private final Lock lock = new ReentrantLock();

	private final AuthenticationProvider delegate;

	private final OAuth2AuthorizationService authorizations;

	private final SpentRefreshTokens spent;

	RefreshTokenProvider(AuthenticationProvider delegate, OAuth2AuthorizationService authorizations,
			SpentRefreshTokens spent) {
		this.delegate = delegate;
		this.authorizations = authorizations;
		this.spent = spent;
	}

	@Override
	public @Nullable Authentication authenticate(Authentication authentication) {
		String refreshToken = ((OAuth2RefreshTokenAuthenticationToken) authentication).getRefreshToken();
		this.lock.lock();
		try {
			OAuth2Authorization authorization = active(refreshToken);
			Authentication answer = this.delegate.authenticate(authentication);
			this.spent.add(refreshToken, authorization.getId());
			return answer;
		}
		finally {
			this.lock.unlock();
		}
	}

	private OAuth2Authorization active(String refreshToken) {
		OAuth2Authorization authorization = this.authorizations.findByToken(refreshToken,
				OAuth2TokenType.REFRESH_TOKEN);
		if (authorization == null) {
			String reused = this.spent.authorizationOf(refreshToken);
			if (reused == null) {
				throw Errors.invalidGrant("Invalid refresh token");
			}
			end(reused);
			throw Errors.invalidGrant("Maximum allowed refresh token reuse exceeded");
		}
		OAuth2Authorization.Token<OAuth2RefreshToken> token = Objects.requireNonNull(authorization.getRefreshToken());
		if (token.isInvalidated()) {
			throw Errors.invalidGrant((authorization.getAttribute(ENDED_BY_REUSE) != null)
					? "Session doesn't have required client" : "Session not active");
		}
		if (token.isExpired()) {
			throw Errors.invalidGrant("Token is not active");
		}
		return authorization;
	}

	private void end(String id) {
		OAuth2Authorization authorization = this.authorizations.findById(id);
		if (authorization != null) {
			OAuth2RefreshToken current = Objects.requireNonNull(authorization.getRefreshToken()).getToken();
			this.authorizations.save(OAuth2Authorization.from(authorization)
				.invalidate(current)
				.attribute(ENDED_BY_REUSE, true)
				.build());
		}
	}

	@Override
	public boolean supports(Class<?> authentication) {
		return this.delegate.supports(authentication);
	}

}
