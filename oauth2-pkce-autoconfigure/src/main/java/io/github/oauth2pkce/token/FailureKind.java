package io.github.oauth2pkce.token;

import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ErrorCodes;

import org.springframework.security.oauth2.core.OAuth2ErrorCodes;

/**
 * What a failed token request means for the credential. The one place where answers are
 * classified, for all flows.
 */
public enum FailureKind {

	/**
	 * The grant is dead: the code, or the refresh token that was sent, will never work.
	 */
	REJECTED,

	/** The server could not answer properly; the same request may work later. */
	TRANSIENT,

	/**
	 * The server refused, and did not say whether because of the grant: many have a name
	 * of their own for a dead refresh token, and some have none. Said again and again by
	 * an endpoint that is alive, it means the same as {@link #REJECTED}.
	 */
	UNCLEAR,

	/** The request itself is wrong, for all credentials alike: asking again is no use. */
	MISCONFIGURED;

	/** Before the status of an answer that has no error code. */
	private static final String STATUS = "http_";

	private static final Set<Integer> TRANSIENT_STATUS = Set.of(408, 425, 429);

	private static final Set<String> TRANSIENT_ERRORS = Set.of(OAuth2ErrorCodes.SERVER_ERROR,
			OAuth2ErrorCodes.TEMPORARILY_UNAVAILABLE, ErrorCodes.SLOW_DOWN, ErrorCodes.AUTHORIZATION_PENDING,
			ErrorCodes.USE_DPOP_NONCE);

	/** Those that are about the client and its clock, whatever token it sent. */
	private static final Set<String> CLIENT_ERRORS = Set.of(OAuth2ErrorCodes.INVALID_CLIENT,
			OAuth2ErrorCodes.UNAUTHORIZED_CLIENT, ErrorCodes.INVALID_DPOP_PROOF);

	/**
	 * Classifies an answer that is not a token (RFC 6749 section 5.2).
	 * @param status the HTTP status
	 * @param error the error code, {@code null} when the body has none
	 * @param rejectedErrorCodes the codes by which this server says that a grant is dead
	 * @return the meaning
	 */
	static FailureKind of(int status, @Nullable String error, Set<String> rejectedErrorCodes) {
		// Status first: a gateway that is shutting down may repeat the last body it saw.
		if (isTransient(status)) {
			return TRANSIENT;
		}
		if (error != null && TRANSIENT_ERRORS.contains(error)) {
			return TRANSIENT;
		}
		if (rejectedErrorCodes.contains((error != null) ? error : code(status))) {
			return REJECTED;
		}
		if (error != null && CLIENT_ERRORS.contains(error)) {
			return MISCONFIGURED;
		}
		return switch (status) {
			case 400, 401, 403 -> UNCLEAR;
			// What a gateway says while the server behind it is being replaced.
			case 404 -> (error != null) ? MISCONFIGURED : TRANSIENT;
			default -> (status >= 400) ? MISCONFIGURED : ofSuccess(error);
		};
	}

	/** GitHub says no with status 200. */
	private static FailureKind ofSuccess(@Nullable String error) {
		return (error != null) ? UNCLEAR : TRANSIENT;
	}

	/**
	 * What an answer without an error code is called.
	 * @param status its HTTP status
	 * @return a code that may be configured as one of a dead grant
	 */
	static String code(int status) {
		return STATUS + status;
	}

	/**
	 * The status that {@link #code} has made an error code of.
	 * @param errorCode an error code
	 * @return the status, 0 when it is another code
	 */
	public static int status(String errorCode) {
		return errorCode.matches(STATUS + "\\d{3}") ? Integer.parseInt(errorCode.substring(STATUS.length())) : 0;
	}

	/**
	 * Whether a status says that the same request may work later.
	 * @param status an HTTP status
	 * @return {@code true} for 408, 425, 429 and 5xx
	 */
	public static boolean isTransient(int status) {
		return status >= 500 || TRANSIENT_STATUS.contains(status);
	}

}
