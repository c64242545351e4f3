package io.github.oauth2pkce.refresh;

import java.net.URI;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;

/** A token for the client itself (RFC 6749 section 4.4). */
public final class ClientCredentialsGrant implements MachineGrant {

	private final TokenEndpoint tokenEndpoint;

	/**
	 * Creates the grant.
	 * @param tokenEndpoint sends the requests
	 */
	public ClientCredentialsGrant(TokenEndpoint tokenEndpoint) {
		this.tokenEndpoint = tokenEndpoint;
	}

	@Override
	public Grant grant() {
		return Grant.CLIENT_CREDENTIALS;
	}

	@Override
	public TokenResponse obtain(Provider provider, URI tokenEndpoint, PresentedTokens tokens) {
		return this.tokenEndpoint.request(provider, tokenEndpoint, grant().type(), form(provider));
	}

	/** What grants without a person have in common. */
	static MultiValueMap<String, String> form(Provider provider) {
		MultiValueMap<String, String> form = new LinkedMultiValueMap<>();
		if (!provider.request().scopes().isEmpty()) {
			form.add(OAuth2ParameterNames.SCOPE, String.join(" ", provider.request().scopes()));
		}
		provider.request().additionalParameters().forEach(form::add);
		return form;
	}

}
