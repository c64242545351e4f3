package io.github.oauth2pkce.sample.authserver;

import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.server.authorization.OAuth2ClientRegistration;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientRegistrationAuthenticationContext;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientRegistrationAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientRegistrationAuthenticationValidator;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.converter.OAuth2ClientRegistrationRegisteredClientConverter;

/**
 * Who may register (RFC 7591): public clients on this machine. By default Spring
 * Authorization Server registers no client that names its scopes.
 */
final class RegistrationRules implements Consumer<OAuth2ClientRegistrationAuthenticationContext> {

	private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "[::1]", "localhost");

	private final OAuth2ClientRegistrationRegisteredClientConverter converter = new OAuth2ClientRegistrationRegisteredClientConverter();

	@Override
	public void accept(OAuth2ClientRegistrationAuthenticationContext context) {
		OAuth2ClientRegistrationAuthenticationValidator.DEFAULT_REDIRECT_URI_VALIDATOR
			.andThen(OAuth2ClientRegistrationAuthenticationValidator.DEFAULT_JWK_SET_URI_VALIDATOR)
			.accept(context);
		OAuth2ClientRegistrationAuthenticationToken request = context.getAuthentication();
		OAuth2ClientRegistration client = request.getClientRegistration();
		if (!ClientAuthenticationMethod.NONE.getValue().equals(client.getTokenEndpointAuthenticationMethod())) {
			throw Errors.error("invalid_client_metadata", "Only public clients may register");
		}
		List<String> redirectUris = client.getRedirectUris();
		if (redirectUris == null || !redirectUris.stream().allMatch(RegistrationRules::isLoopback)) {
			throw Errors.error("invalid_redirect_uri", "Only clients on this machine may register");
		}
		List<String> scopes = client.getScopes();
		if (scopes != null && !Set.of(ClientsConfiguration.SCOPE).containsAll(scopes)) {
			throw Errors.error("invalid_client_metadata", "Unknown scope");
		}
	}

	private static boolean isLoopback(String redirectUri) {
		URI uri = URI.create(redirectUri);
		return "http".equals(uri.getScheme()) && uri.getHost() != null && LOOPBACK.contains(uri.getHost());
	}

	RegisteredClient convert(OAuth2ClientRegistration registration) {
		return RegisteredClient.from(this.converter.convert(registration)).scope(ClientsConfiguration.SCOPE).build();
	}

}
