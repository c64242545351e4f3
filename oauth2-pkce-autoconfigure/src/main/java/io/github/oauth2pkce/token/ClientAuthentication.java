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
	 * Adds to a request what authenticates the client; called anew for every attempt.
	 * @param provider the client
	 * @param endpoint where the request goes
	 * @param headers the request's headers
	 * @param form the request's parameters
	 */
	void authenticate(Provider provider, URI endpoint, HttpHeaders headers, MultiValueMap<String, String> form);

}
