package io.github.oauth2pkce.store;

import org.jspecify.annotations.Nullable;

/** The store could not be used. The message names the store and what to do; no secret. */
public class TokenStoreException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	public TokenStoreException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
