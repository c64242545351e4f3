package io.github.oauth2pkce.token;

import java.net.URI;

import io.github.oauth2pkce.Provider;

import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.util.MultiValueMap;

/**
 * How a client says who it is to an authorization server, at every endpoint alike (RFC
 * 6749 section 2.3). Thread-safe; may block.
 */
public interface ClientAuthentication {

	/**
	 * {@return the method, as a provider names it}
	 */
	ClientAuthenticationMethod method();

	/**
	 * Where a request goes, if this client has an address of its own for it (RFC 8705
	 * section 5). The endpoint that tokens belong to stays the same.
	 * @param provider the client
	 * @param endpoint the endpoint, as the server names it
	 * @return the address
	 */
	default URI address(Provider provider, URI endpoint) {
		return endpoint;
	}

	/**
	 * Reads what it would have to wait for. Called with no lock held, where one is held
	 * for the request.
	 * @param provider the client
	 * @return the client to authenticate, or the same
	 */
	default Provider prepared(Provider provider) {
		return provider;
	}

	/**
	 * Adds to a request what authenticates the client; called anew for every attempt.
	 * @param provider the client
	 * @param endpoint the endpoint, as the server names it
	 * @param headers the request's headers
	 * @param form the request's parameters
	 */
	void authenticate(Provider provider, URI endpoint, HttpHeaders headers, MultiValueMap<String, String> form);

}
