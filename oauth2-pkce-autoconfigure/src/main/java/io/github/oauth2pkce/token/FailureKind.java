package io.github.oauth2pkce.token;

import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * What a failed token request means for the credential. The one place where answers are
 * classified, for all flows.
 */
public enum FailureKind {

	/**
	 * The grant is dead: the code, or the refresh token that was sent, will never work.
	 */
	REJECTED,

	/** A person or a policy said no. */
	DENIED,

	/** The server could not answer properly; the same request may work later. */
	TRANSIENT,

	/** The request itself is wrong, for all credentials alike: asking again is no use. */
	MISCONFIGURED;

	private static final Set<Integer> TRANSIENT_STATUS = Set.of(408, 425, 429);

	private static final Set<String> TRANSIENT_ERRORS = Set.of("server_error", "temporarily_unavailable", "slow_down",
			"authorization_pending");

	/**
	 * Classifies an answer that is not a token (RFC 6749 section 5.2).
	 * @param status the HTTP status
	 * @param error the {@code error} member, {@code null} when the body has none
	 * @param rejectedErrorCodes the codes by which this server says that a grant is dead
	 * @return the meaning
	 */
	static FailureKind of(int status, @Nullable String error, Set<String> rejectedErrorCodes) {
		// Status first: a gateway that is shutting down may repeat the last body it saw.
		if (status >= 500 || TRANSIENT_STATUS.contains(status)) {
			return TRANSIENT;
		}
		if (error == null || TRANSIENT_ERRORS.contains(error)) {
			return TRANSIENT;
		}
		if (rejectedErrorCodes.contains(error)) {
			return REJECTED;
		}
		return "access_denied".equals(error) ? DENIED : MISCONFIGURED;
	}

}
