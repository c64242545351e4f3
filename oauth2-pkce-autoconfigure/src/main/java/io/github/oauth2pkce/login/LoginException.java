package io.github.oauth2pkce.login;

import org.jspecify.annotations.Nullable;

/** A login ended without tokens. The message is a sentence for a person; no secret. */
public class LoginException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/** How the login ended. */
	private final LoginOutcome outcome;

	/** Of OAuth 2.0, or ours. */
	private final String errorCode;

	/**
	 * Creates the exception.
	 * @param outcome how the login ended
	 * @param errorCode an OAuth 2.0 error code, or one of ours
	 * @param message a sentence for people, printable
	 * @param cause the failure below, if any
	 */
	public LoginException(LoginOutcome outcome, String errorCode, String message, @Nullable Throwable cause) {
		super(message, cause);
		this.outcome = outcome;
		this.errorCode = errorCode;
	}

	/**
	 * {@return how the login ended}
	 */
	public LoginOutcome outcome() {
		return this.outcome;
	}

	/**
	 * What went wrong.
	 * @return an OAuth 2.0 error code, or a short name such as {@code unreachable}
	 */
	public String errorCode() {
		return this.errorCode;
	}

}
