package io.github.oauth2pkce.refresh;

/** The token endpoint is not the one that issued the refresh token: nothing was sent. */
final class ForeignTokenEndpointException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	ForeignTokenEndpointException() {
		super("The token endpoint is not the one that issued the refresh token");
	}

}
