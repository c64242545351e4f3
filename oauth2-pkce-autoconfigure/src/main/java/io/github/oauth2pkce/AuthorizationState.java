package io.github.oauth2pkce;

/**
 * What a provider's stored credential is good for, computed offline: no state is ever the
 * result of asking a server. The first constant that applies wins. A transient failure
 * (I/O, timeout, 408, 425, 429, 5xx) never changes the state.
 */
public enum AuthorizationState {

	/** The store could not be read, so nothing is known; never a guess. */
	UNKNOWN,

	/**
	 * Nothing is stored, or what is stored belongs to another issuer, token endpoint or
	 * client id than configured now. A person has to log in.
	 */
	LOGIN_REQUIRED,

	/**
	 * A credential is stored but cannot be used any more: the access token is blank, or
	 * expires within the skew, and there is no refresh token that could replace it, or
	 * the server has rejected that refresh token. A person has to log in again.
	 */
	REAUTHENTICATION_REQUIRED,

	/** There is an access token outside the skew, or a refresh token not rejected. */
	AUTHORIZED;

	/**
	 * Whether only a person can change this state, by logging in.
	 * @return {@code true} for {@link #LOGIN_REQUIRED} and
	 * {@link #REAUTHENTICATION_REQUIRED}
	 */
	public boolean needsPerson() {
		return this == LOGIN_REQUIRED || this == REAUTHENTICATION_REQUIRED;
	}

}
