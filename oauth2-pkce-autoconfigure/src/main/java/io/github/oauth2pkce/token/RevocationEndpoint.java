package io.github.oauth2pkce.token;

import java.net.URI;
import java.util.Set;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.SecureTransport;
import io.github.oauth2pkce.token.AuthorizationServerClient.Answer;

import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;

/** The revocation endpoint (RFC 7009 section 2). Blocking and thread-safe. */
public final class RevocationEndpoint {

	private final AuthorizationServerClient client;

	/**
	 * Creates the endpoint.
	 * @param client sends the requests
	 */
	public RevocationEndpoint(AuthorizationServerClient client) {
		this.client = client;
	}

	/**
	 * Reads what a client is authenticated by, where that may take long.
	 * @param provider the client
	 * @return the client to revoke as while a lock is held
	 */
	public Provider prepared(Provider provider) {
		return this.client.prepared(provider);
	}

	/**
	 * Revokes a token.
	 * @param provider the client it was issued to
	 * @param endpoint the endpoint
	 * @param token the token
	 * @param hint {@code refresh_token} or {@code access_token}
	 * @throws TokenRequestException when the server did not revoke it
	 * @throws AuthorizationServerUnreachableException when there was no answer, or
	 * nothing was sent because the endpoint is plain http to another machine
	 */
	public void revoke(Provider provider, URI endpoint, String token, String hint) {
		// Section 2: clients MUST verify that the URL is an HTTPS URL.
		if (!SecureTransport.isSecure(endpoint)) {
			throw new AuthorizationServerUnreachableException(endpoint,
					"plain http to another machine, so nothing was sent", null);
		}
		MultiValueMap<String, String> form = new LinkedMultiValueMap<>();
		form.add(OAuth2ParameterNames.TOKEN, token);
		form.add(OAuth2ParameterNames.TOKEN_TYPE_HINT, hint);
		Answer answer = this.client.post(provider, endpoint, AuthorizationServerCall.revocation(provider.id()), form);
		JsonAnswer json = JsonAnswer.parse(answer.body());
		String error = (json != null) ? json.error(Set.of()) : null;
		// Keycloak answers 200 with an error body for a token that it does not know:
		// section 2.2 calls that revoked.
		if (answer.status() / 100 != 2 || (error != null && !OAuth2ErrorCodes.INVALID_TOKEN.equals(error))) {
			throw TokenEndpoint.failure(provider, form, answer);
		}
	}

}
