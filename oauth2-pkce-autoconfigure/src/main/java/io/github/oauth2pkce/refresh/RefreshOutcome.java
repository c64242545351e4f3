package io.github.oauth2pkce.refresh;

import java.util.Locale;

/** How a refresh ended. */
public enum RefreshOutcome {

	/** The server issued a new token, and it is stored. */
	REFRESHED,

	/** Somebody else had refreshed; their token is used and no request was sent. */
	ADOPTED,

	/** The server said that the refresh token is dead. */
	REJECTED,

	/** No answer, or none that can be used; the credential is kept. */
	TRANSIENT,

	/** No answer in time; whether the server refreshed is unknown. */
	TIMEOUT,

	/** Another process kept the credential locked. */
	LOCK_TIMEOUT,

	/** Refreshed, but not stored yet: the token is used from memory. */
	PERSIST_FAILED,

	/** Nothing was sent: it would have been no use, or it was too early to ask again. */
	SUPPRESSED,

	/** The server refuses this client, or the request: it does not pass by itself. */
	REFUSED;

	/**
	 * The value as meters and logs show it.
	 * @return the constant in lower case
	 */
	public String tag() {
		return name().toLowerCase(Locale.ROOT);
	}

}
