package io.github.oauth2pkce.bearer;

import java.util.Locale;

/** What was done about a 401 to a bearer of ours. */
public enum UnauthorizedRecovery {

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
	NOT_RECOVERABLE;

	/**
	 * The value as meters show it.
	 * @return the constant in lower case
	 */
	public String tag() {
		return name().toLowerCase(Locale.ROOT);
	}

}
