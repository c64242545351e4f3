package io.github.oauth2pkce.token;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;

/**
 * The token or device authorization endpoint answered, but not with what was asked for.
 * Holds no secret; the description is capped and printable.
 */
public class TokenRequestException extends OAuth2AuthorizationException {

	/** The code used when the answer is no OAuth 2.0 document. */
	public static final String UNREADABLE = "invalid_token_response";

	private static final long serialVersionUID = 1L;

	/** What it means for the credential. */
	private final FailureKind kind;

	/** HTTP status. */
	private final int status;

	private final transient @Nullable Duration retryAfter;

	/**
	 * Creates the exception.
	 * @param kind what it means for the credential
	 * @param status the HTTP status
	 * @param error the error, already printable
	 * @param retryAfter how long the server asked to wait
	 */
	public TokenRequestException(FailureKind kind, int status, OAuth2Error error, @Nullable Duration retryAfter) {
		super(error, "HTTP " + status + " " + error.getErrorCode()
				+ ((error.getDescription() != null) ? ": " + error.getDescription() : ""));
		this.kind = kind;
		this.status = status;
		this.retryAfter = retryAfter;
	}

	/**
	 * {@return what the failure means for the credential}
	 */
	public FailureKind kind() {
		return this.kind;
	}

	/**
	 * The OAuth 2.0 error code.
	 * @return the code. Without one {@code http_} and the status of a refusal, else
	 * {@link #UNREADABLE}
	 */
	public String errorCode() {
		return getError().getErrorCode();
	}

	/**
	 * Whether the body was an OAuth 2.0 error (RFC 6749 section 5.2).
	 * @return {@code false} when it was something else, such as a gateway's page
	 */
	public boolean isProtocolError() {
		return !UNREADABLE.equals(errorCode()) && !FailureKind.code(this.status).equals(errorCode());
	}

	/**
	 * {@return the HTTP status}
	 */
	public int status() {
		return this.status;
	}

	/**
	 * How long the server asked to wait.
	 * @return the time, or {@code null} when it did not say
	 */
	public @Nullable Duration retryAfter() {
		return this.retryAfter;
	}

}
