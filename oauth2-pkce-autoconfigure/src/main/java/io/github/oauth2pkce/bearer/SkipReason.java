package io.github.oauth2pkce.bearer;

import java.util.Locale;

/**
 * Why a request was sent without a bearer. Closed: the metric tag, the log field, the
 * endpoint and the request attribute use these and nothing else.
 */
public enum SkipReason {

	/**
	 * The caller had set {@code Authorization}, or has a token in the query (RFC 6750
	 * section 2.3); it always wins.
	 */
	USER_SET,

	/**
	 * There is no login: nothing stored, stored for another issuer or client, or no user
	 * where the provider's credentials belong to users. A person has to log in.
	 */
	NO_TOKEN,

	/** The stored login cannot be used any more. A person has to log in again. */
	REAUTHENTICATION_REQUIRED,

	/** The server issued an access token without characters, or none that is a bearer. */
	EMPTY_TOKEN,

	/**
	 * No usable token is left and the refresh failed for now: I/O, timeout, 408, 425, 429
	 * or 5xx, or a configuration that the server refuses. The login is kept.
	 */
	REFRESH_FAILED,

	/**
	 * No usable token is left and the server is not asked yet: it asked us to wait, or
	 * attempts have failed. Health shows {@code nextAttemptAt}.
	 */
	REFRESH_BACKOFF,

	/** The token store could not be read. */
	STORE_ERROR,

	/** Another process kept the credential locked for too long. */
	LOCK_TIMEOUT,

	/** The target is not below the provider's {@code base-urls}. */
	ORIGIN_NOT_ALLOWED,

	/**
	 * Plain http to a host that is not loopback; or the token is bound to a key, and the
	 * client cannot make the proof that it needs.
	 */
	INSECURE_TRANSPORT;

	private final String tag = name().toLowerCase(Locale.ROOT);

	/**
	 * The value as meters, logs, the endpoint and attributes show it.
	 * @return the constant in lower case, such as {@code no_token}
	 */
	public String tag() {
		return this.tag;
	}

	/**
	 * Whether a later request may have a bearer without anybody doing anything.
	 * @return {@code true} when the next successful refresh removes the reason
	 */
	public boolean passes() {
		return switch (this) {
			case REFRESH_FAILED, REFRESH_BACKOFF, STORE_ERROR, LOCK_TIMEOUT -> true;
			case USER_SET, NO_TOKEN, REAUTHENTICATION_REQUIRED, EMPTY_TOKEN, ORIGIN_NOT_ALLOWED, INSECURE_TRANSPORT ->
				false;
		};
	}

	@Override
	public String toString() {
		return this.tag;
	}

}
