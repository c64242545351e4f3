package io.github.oauth2pkce.token;

import java.net.URI;

import org.jspecify.annotations.Nullable;

/**
 * There was no complete answer: connection refused, reset, cut, too slow or too large. It
 * says nothing about the credential and is always transient.
 */
public class AuthorizationServerUnreachableException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param uri the endpoint; its query stays out of the message
	 * @param problem what happened, in a few words
	 * @param cause the failure below
	 */
	public AuthorizationServerUnreachableException(URI uri, String problem, @Nullable Throwable cause) {
		super(uri.getScheme() + "://" + uri.getRawAuthority() + uri.getRawPath() + ": " + problem, cause);
	}

	/**
	 * Whether the server took too long, so that it may have done what it was asked for.
	 * @return {@code false} when the connection was not made or broke
	 */
	public boolean isTimeout() {
		for (Throwable cause = getCause(); cause != null; cause = cause.getCause()) {
			// By name: each HTTP client has its own, and none is always there.
			String name = cause.getClass().getSimpleName();
			if (name.endsWith("TimeoutException") && !name.contains("Connect")) {
				return true;
			}
		}
		return false;
	}

}
