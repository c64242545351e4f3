package io.github.oauth2pkce.device;

import java.util.Locale;

/** What a poll of the token endpoint came to (RFC 8628 section 3.5). */
public enum PollResult {

	/** The person has not finished yet. */
	PENDING,

	/** The same, and from now on poll less often. */
	SLOW_DOWN,

	/** There is a token. */
	SUCCESS,

	/** No answer, or none that says anything; the login goes on. */
	TRANSIENT,

	/** A final no. */
	FAILED;

	/**
	 * The value as meters show it.
	 * @return the constant in lower case
	 */
	public String tag() {
		return name().toLowerCase(Locale.ROOT);
	}

}
