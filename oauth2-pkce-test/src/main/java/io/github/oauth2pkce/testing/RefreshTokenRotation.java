package io.github.oauth2pkce.testing;

/**
 * What happens to a refresh token when it is used.
 */
public enum RefreshTokenRotation {

	/** It stays valid, and every answer repeats it. */
	STATIC,

	/** It is replaced; using it again is refused, its successor stays valid. */
	ONE_TIME,

	/** It is replaced; using it again also ends every token of the login, as Keycloak. */
	ONE_TIME_REUSE_ENDS_LOGIN

}
