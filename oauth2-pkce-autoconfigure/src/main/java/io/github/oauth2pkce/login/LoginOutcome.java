package io.github.oauth2pkce.login;

import java.util.Locale;

/** How a login ended. */
public enum LoginOutcome {

	/** The tokens are in use; also when the store has failed to take them. */
	SUCCESS,

	/** The person, or a policy, said no. */
	DENIED,

	/** Nobody finished it in time. */
	EXPIRED,

	/** It could not be started or finished. */
	FAILED,

	/** The application or an operator gave it up. */
	CANCELLED;

	/**
	 * The value as meters and logs show it.
	 * @return the constant in lower case
	 */
	public String tag() {
		return name().toLowerCase(Locale.ROOT);
	}

}
