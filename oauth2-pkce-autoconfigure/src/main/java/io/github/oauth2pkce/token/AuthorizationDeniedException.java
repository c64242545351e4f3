package io.github.oauth2pkce.token;

import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;

/**
 * The person, or a policy of the server, denied the login: {@code access_denied}. Final.
 */
public class AuthorizationDeniedException extends OAuth2AuthorizationException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param error what the server said, printable
	 */
	public AuthorizationDeniedException(OAuth2Error error) {
		super(error, "The login was denied");
	}

}
