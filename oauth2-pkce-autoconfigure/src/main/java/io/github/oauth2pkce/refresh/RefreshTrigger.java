package io.github.oauth2pkce.refresh;

import java.util.Locale;

/** Why a refresh was considered. */
public enum RefreshTrigger {

	/** A caller had no usable token. */
	EXPIRY,

	/** The token is about to end, while it still works. */
	AHEAD,

	/** The application started. */
	STARTUP,

	/** A resource answered {@code invalid_token}. */
	UNAUTHORIZED,

	/** A person asked. */
	MANUAL;

	/**
	 * The value as meters and logs show it.
	 * @return the constant in lower case
	 */
	public String tag() {
		return name().toLowerCase(Locale.ROOT);
	}

}
