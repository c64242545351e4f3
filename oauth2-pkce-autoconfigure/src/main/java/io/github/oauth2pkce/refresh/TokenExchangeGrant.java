package io.github.oauth2pkce.refresh;

import java.net.URI;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Exchange;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.util.MultiValueMap;

/** A token of somebody else's is exchanged for another one (RFC 8693 section 2.1). */
public final class TokenExchangeGrant implements MachineGrant {

	private final TokenEndpoint tokenEndpoint;

	/**
	 * Creates the grant.
	 * @param tokenEndpoint sends the requests
	 */
	public TokenExchangeGrant(TokenEndpoint tokenEndpoint) {
		this.tokenEndpoint = tokenEndpoint;
	}

	@Override
	public Grant grant() {
		return Grant.TOKEN_EXCHANGE;
	}

	@Override
	public TokenResponse obtain(Provider provider, URI tokenEndpoint, PresentedTokens tokens) {
		Exchange exchange = provider.exchange();
		MultiValueMap<String, String> form = ClientCredentialsGrant.form(provider);
		form.add(OAuth2ParameterNames.SUBJECT_TOKEN, tokens.required());
		add(form, OAuth2ParameterNames.SUBJECT_TOKEN_TYPE, type(exchange.subject()));
		add(form, OAuth2ParameterNames.ACTOR_TOKEN, tokens.actor());
		add(form, OAuth2ParameterNames.ACTOR_TOKEN_TYPE, type(exchange.actor()));
		add(form, OAuth2ParameterNames.AUDIENCE, exchange.audience());
		add(form, OAuth2ParameterNames.REQUESTED_TOKEN_TYPE, exchange.requestedTokenType());
		return this.tokenEndpoint.request(provider, tokenEndpoint, grant().type(), form);
	}

	private static @Nullable String type(@Nullable ForeignToken token) {
		return (token != null) ? token.type() : null;
	}

	private static void add(MultiValueMap<String, String> form, String name, @Nullable String value) {
		if (value != null) {
			form.add(name, value);
		}
	}

}
