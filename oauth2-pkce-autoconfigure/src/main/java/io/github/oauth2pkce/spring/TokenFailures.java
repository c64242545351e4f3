package io.github.oauth2pkce.spring;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.bearer.SkipReason;

import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;

/**
 * What Spring Security's token clients throw. Its failure handlers remove a login for
 * some codes (RFC 6749 section 5.2), so the choice of the code matters.
 */
final class TokenFailures {

	private TokenFailures() {
	}

	/** A code for which no failure handler of Spring Security removes a login. */
	static OAuth2AuthorizationException unavailable(String reason) {
		return failure(OAuth2ErrorCodes.TEMPORARILY_UNAVAILABLE, "There is no token for now: " + reason);
	}

	/** A person has to log in. */
	static OAuth2AuthorizationException ended(SkipReason reason) {
		return failure(OAuth2ErrorCodes.INVALID_GRANT, "The login has ended: " + reason);
	}

	/**
	 * A machine's client was refused, which no login mends.
	 * @param code the server's code, which says why, if it is known
	 */
	static OAuth2AuthorizationException refused(@Nullable String code) {
		return failure((code != null) ? code : OAuth2ErrorCodes.INVALID_CLIENT,
				"The authorization server refuses this client");
	}

	private static OAuth2AuthorizationException failure(String code, String description) {
		return new OAuth2AuthorizationException(new OAuth2Error(code, description, null));
	}

}
