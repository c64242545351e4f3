package io.github.oauth2pkce.authentication;

import io.github.oauth2pkce.Provider;

/** Has the private keys of clients. Thread-safe; may block. */
@FunctionalInterface
public interface ClientKeys {

	/**
	 * Gives the key of a client, as it is now.
	 * @param provider the client
	 * @return the key
	 */
	ClientKey of(Provider provider);

}
