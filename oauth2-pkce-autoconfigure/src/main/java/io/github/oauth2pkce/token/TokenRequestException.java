package io.github.oauth2pkce.token;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Problem;

import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;

/**
 * The token or device authorization endpoint answered, but not with what was asked for.
 * Holds no secret; the description is capped and printable.
 */
public class TokenRequestException extends OAuth2AuthorizationException {

	/** Found in an answer that the server gave as a success. */
	private static final Set<Problem> OF_SUCCESSES = EnumSet.of(Problem.INVALID_TOKEN_RESPONSE,
			Problem.UNSUPPORTED_TOKEN_TYPE, Problem.NO_ACCESS_TOKEN);

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
		super(error, "HTTP " + status + (isProtocolError(status, error) ? " " + error.getErrorCode() : "")
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
	 * @return the code. Without one {@code http_} and the status, or
	 * {@link Problem#INVALID_TOKEN_RESPONSE} when that was a success
	 */
	public String errorCode() {
		return getError().getErrorCode();
	}

	/**
	 * Whether the body was an OAuth 2.0 error (RFC 6749 section 5.2).
	 * @return {@code false} when it was something else, such as a gateway's page
	 */
	public boolean isProtocolError() {
		return isProtocolError(this.status, getError());
	}

	private static boolean isProtocolError(int status, OAuth2Error error) {
		return Problem.of(error.getErrorCode()) != Problem.INVALID_TOKEN_RESPONSE
				&& !FailureKind.code(status).equals(error.getErrorCode());
	}

	/**
	 * Whether the server may have done what it was asked for, although there is no token
	 * to use: it said so by the status. A refresh token that was sent is perhaps spent.
	 * @return {@code false} when it refused
	 */
	public boolean mayHaveBeenProcessed() {
		return this.status / 100 == 2 && OF_SUCCESSES.contains(Problem.of(errorCode()));
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
