package io.github.oauth2pkce.token;

import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;

/**
 * Nobody finished the login in time. Final: a new login should wait until a person asks
 * for one (RFC 8628 section 3.5).
 */
public class AuthorizationExpiredException extends OAuth2AuthorizationException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param error what the server said, or what we say for it
	 */
	public AuthorizationExpiredException(OAuth2Error error) {
		this(error, "Nobody finished the login in time");
	}

	/**
	 * Creates the exception for a login that was not left to a person alone.
	 * @param error what we say for the server
	 * @param message a sentence for people, printable
	 */
	public AuthorizationExpiredException(OAuth2Error error, String message) {
		super(error, message);
	}

}
