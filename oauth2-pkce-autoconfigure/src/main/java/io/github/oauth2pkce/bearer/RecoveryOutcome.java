package io.github.oauth2pkce.bearer;

import java.util.Locale;

/** What was done about an answer that refused a bearer of ours. */
public enum RecoveryOutcome {

	/** The source was asked for another token, and the request sent once more with it. */
	REPLAYED,

	/**
	 * A newer token was at hand without asking; the request was sent once more with it.
	 */
	ADOPTED,

	/** There is a new token, but the body of the request can be sent only once. */
	NOT_REPLAYABLE,

	/**
	 * There is no other token, the answer does not say that the token was at fault, or
	 * the provider has {@code retry-unauthorized: false}.
	 */
	NOT_RECOVERABLE,

	/**
	 * The token is good, but not for this request: it needs a scope (a 403, RFC 6750
	 * section 3.1), a stronger login (RFC 9470) or claims that it does not have. No
	 * refresh helps; the answer is the caller's.
	 */
	INSUFFICIENT_SCOPE,

	/**
	 * The proof beside the token was refused (RFC 9449 section 7.1), and not the token:
	 * another token, or a login, would not help. The answer is the caller's. Meters count
	 * it as {@link #NOT_RECOVERABLE}.
	 */
	PROOF_REFUSED;

	/**
	 * The value as meters show it.
	 * @return the constant in lower case; a refused proof has no value of its own
	 */
	public String tag() {
		return ((this == PROOF_REFUSED) ? NOT_RECOVERABLE : this).name().toLowerCase(Locale.ROOT);
	}

}
