package io.github.oauth2pkce.store;

import org.jspecify.annotations.Nullable;

/** The store could not be used. The message names the store and what to do; no secret. */
public class TokenStoreException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message a sentence without anything secret
	 * @param cause the failure below, {@code null} when it could quote a record
	 */
	public TokenStoreException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
