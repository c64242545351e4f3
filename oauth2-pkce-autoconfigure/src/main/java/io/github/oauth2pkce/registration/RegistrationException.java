package io.github.oauth2pkce.registration;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.FailureKind;
import io.github.oauth2pkce.token.TokenRequestException;

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

	/**
	 * Whether the server was in trouble, so that it may help to ask it again.
	 * @return {@code false} when somebody has to change something
	 */
	public boolean passes() {
		return getCause() instanceof AuthorizationServerUnreachableException
				|| (getCause() instanceof TokenRequestException refusal && FailureKind.isTransient(refusal.status()));
	}

	/**
	 * How long the server has asked to be left alone.
	 * @return {@code null} when it has not
	 */
	public @Nullable Duration retryAfter() {
		return (getCause() instanceof TokenRequestException refusal) ? refusal.retryAfter() : null;
	}

}
