package io.github.oauth2pkce.registration;

import org.jspecify.annotations.Nullable;

/**
 * This application is no client of an authorization server, and cannot become one. The
 * message is a sentence for a person, printable; no secret.
 */
public class RegistrationException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message a sentence that names the property to set
	 * @param cause the failure below, if any
	 */
	public RegistrationException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
