package io.github.oauth2pkce.sample.authserver;

import org.jspecify.annotations.Nullable;

import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;

/**
 * Accepts a registered public client without a secret; its device code or refresh token
 * is what protects the request.
 */
final class PublicClientProvider implements AuthenticationProvider {

	private final RegisteredClientRepository clients;

	PublicClientProvider(RegisteredClientRepository clients) {
		this.clients = clients;
	}

	@Override
	public @Nullable Authentication authenticate(Authentication authentication) {
		OAuth2ClientAuthenticationToken request = (OAuth2ClientAuthenticationToken) authentication;
		// A code is protected by its verifier, which Spring Authorization Server checks.
		if (!ClientAuthenticationMethod.NONE.equals(request.getClientAuthenticationMethod())
				|| request.getAdditionalParameters().containsKey(OAuth2ParameterNames.CODE)) {
			return null;
		}
		RegisteredClient client = this.clients.findByClientId(request.getName());
		if (client == null || !client.getClientAuthenticationMethods().contains(ClientAuthenticationMethod.NONE)) {
			throw Errors.invalidClient();
		}
		return new OAuth2ClientAuthenticationToken(client, ClientAuthenticationMethod.NONE, null);
	}

	@Override
	public boolean supports(Class<?> authentication) {
		return OAuth2ClientAuthenticationToken.class.isAssignableFrom(authentication);
	}

}
