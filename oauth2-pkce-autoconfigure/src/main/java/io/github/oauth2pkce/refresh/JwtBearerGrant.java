package io.github.oauth2pkce.refresh;

import java.net.URI;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.util.MultiValueMap;

/** A token of somebody else's as the authorization grant (RFC 7523 section 2.1). */
public final class JwtBearerGrant implements MachineGrant {

	private final TokenEndpoint tokenEndpoint;

	/**
	 * Creates the grant.
	 * @param tokenEndpoint sends the requests
	 */
	public JwtBearerGrant(TokenEndpoint tokenEndpoint) {
		this.tokenEndpoint = tokenEndpoint;
	}

	@Override
	public Grant grant() {
		return Grant.JWT_BEARER;
	}

	@Override
	public TokenResponse obtain(Provider provider, URI tokenEndpoint, PresentedTokens tokens) {
		MultiValueMap<String, String> form = ClientCredentialsGrant.form(provider);
		form.add(OAuth2ParameterNames.ASSERTION, tokens.required());
		return this.tokenEndpoint.request(provider, tokenEndpoint, grant().type(), form);
	}

}
