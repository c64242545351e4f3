package io.github.oauth2pkce.token;

import java.net.URI;

import io.github.oauth2pkce.DpopKey;

import org.springframework.http.HttpHeaders;

/**
 * What a request needs beside an access token that is bound to a key (RFC 9449 section
 * 7.1): a proof of its own, made anew for each attempt. Immutable; its text shows the
 * key's thumbprint at most.
 *
 * @param proofs makes proofs
 * @param key the key of the token
 * @param accessToken the token
 */
public record DpopBinding(DpopProofs proofs, DpopKey key, String accessToken) {

	/**
	 * Makes a proof for one attempt of a request with the token.
	 * @param method the HTTP method
	 * @param uri the target
	 * @return the value of {@link DpopProofs#HEADER}
	 */
	public String proof(String method, URI uri) {
		return this.proofs.proof(this.key, method, uri, this.accessToken);
	}

	@Override
	public String toString() {
		return "DpopBinding[" + this.key.thumbprint() + "]";
	}

}
