package io.github.oauth2pkce.sample.authserver;

import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;

/**
 * Errors with the texts of Keycloak 26.
 */
final class Errors {

	private Errors() {
	}

	static OAuth2AuthenticationException invalidRequest(String description) {
		return error(OAuth2ErrorCodes.INVALID_REQUEST, description);
	}

	static OAuth2AuthenticationException invalidGrant(String description) {
		return error(OAuth2ErrorCodes.INVALID_GRANT, description);
	}

	static OAuth2AuthenticationException invalidClient() {
		return error(OAuth2ErrorCodes.INVALID_CLIENT, "Invalid client or Invalid client credentials");
	}

	static OAuth2AuthenticationException error(String code, String description) {
		return new OAuth2AuthenticationException(new OAuth2Error(code, description, null));
	}

}
