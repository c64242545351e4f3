package io.github.oauth2pkce.token;

import java.time.Duration;
import java.util.Set;

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

	/** Tokens came, and they are no bearers. */
	static final String UNSUPPORTED_TYPE = "unsupported_token_type";

	/** Tokens came, and none for an API. */
	static final String NO_ACCESS_TOKEN = "no_access_token";

	private static final Set<String> OURS = Set.of(UNREADABLE, UNSUPPORTED_TYPE, NO_ACCESS_TOKEN);

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
	 * @return the code. Without one {@code http_} and the status, or {@link #UNREADABLE}
	 * when that was a success
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
		return !UNREADABLE.equals(error.getErrorCode()) && !FailureKind.code(status).equals(error.getErrorCode());
	}

	/**
	 * Whether the server may have done what it was asked for, although there is no token
	 * to use: it said so by the status. A refresh token that was sent is perhaps spent.
	 * @return {@code false} when it refused
	 */
	public boolean mayHaveBeenProcessed() {
		return this.status / 100 == 2 && OURS.contains(errorCode());
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
