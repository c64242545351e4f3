package io.github.oauth2pkce.token;

import java.net.URI;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpMethod;

/**
 * There was no complete answer: connection refused, reset, cut, too slow or too large. It
 * says nothing about the credential and is always transient.
 */
public class AuthorizationServerUnreachableException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/** Whether the server may have done what it was asked for. */
	private final boolean mayHaveBeenProcessed;

	/**
	 * Creates the exception for a request that was not sent.
	 * @param uri the endpoint; its query stays out of the message
	 * @param problem what happened, in a few words
	 * @param cause the failure below
	 */
	public AuthorizationServerUnreachableException(URI uri, String problem, @Nullable Throwable cause) {
		super(address(uri) + ": " + problem, cause);
		this.mayHaveBeenProcessed = false;
	}

	/**
	 * Creates the exception.
	 * @param method the method of the request
	 * @param uri the endpoint; its query stays out of the message
	 * @param problem what happened, in a few words
	 * @param mayHaveBeenProcessed whether the server may have done what it was asked for
	 * @param cause the failure below
	 */
	public AuthorizationServerUnreachableException(HttpMethod method, URI uri, String problem,
			boolean mayHaveBeenProcessed, @Nullable Throwable cause) {
		super(method + " " + address(uri) + ": " + problem, cause);
		this.mayHaveBeenProcessed = mayHaveBeenProcessed;
	}

	private static String address(URI uri) {
		return uri.getScheme() + "://" + uri.getRawAuthority() + uri.getRawPath();
	}

	/**
	 * Whether the server may have done what it was asked for: the request went out, and
	 * the answer is lost. A refresh token that was sent is perhaps spent.
	 * @return {@code false} when nothing was sent, or only read
	 */
	public boolean mayHaveBeenProcessed() {
		return this.mayHaveBeenProcessed;
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
