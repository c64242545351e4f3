package io.github.oauth2pkce.sample.authserver;

import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.core.OAuth2DeviceCode;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.core.endpoint.PkceParameterNames;
import org.springframework.security.oauth2.server.authorization.OAuth2Authorization;
import org.springframework.security.oauth2.server.authorization.OAuth2AuthorizationService;
import org.springframework.security.oauth2.server.authorization.OAuth2TokenType;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2DeviceAuthorizationRequestAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;

/**
 * Demands PKCE on the device authorization request and keeps the challenge with the
 * device code. Spring Authorization Server accepts the parameters there and ignores them.
 */
final class DeviceAuthorizationProvider implements AuthenticationProvider {

	static final OAuth2TokenType DEVICE_CODE = new OAuth2TokenType(OAuth2ParameterNames.DEVICE_CODE);

	private final AuthenticationProvider delegate;

	private final OAuth2AuthorizationService authorizations;

	DeviceAuthorizationProvider(AuthenticationProvider delegate, OAuth2AuthorizationService authorizations) {
		this.delegate = delegate;
		this.authorizations = authorizations;
	}

	@Override
	public @Nullable Authentication authenticate(Authentication authentication) {
		OAuth2DeviceAuthorizationRequestAuthenticationToken request = (OAuth2DeviceAuthorizationRequestAuthenticationToken) authentication;
		CodeChallenge challenge = CodeChallenge.required(request.getAdditionalParameters());
		Authentication answer = this.delegate.authenticate(withKnownScopes(request));
		if (answer instanceof OAuth2DeviceAuthorizationRequestAuthenticationToken granted) {
			keep(challenge, Objects.requireNonNull(granted.getDeviceCode()));
		}
		return answer;
	}

	/** As Keycloak does: unknown scopes are dropped, and none means all. */
	private static Authentication withKnownScopes(OAuth2DeviceAuthorizationRequestAuthenticationToken request) {
		OAuth2ClientAuthenticationToken principal = (OAuth2ClientAuthenticationToken) request.getPrincipal();
		RegisteredClient client = Objects.requireNonNull(principal.getRegisteredClient());
		Set<String> scopes = new LinkedHashSet<>(request.getScopes());
		scopes.retainAll(client.getScopes());
		return new OAuth2DeviceAuthorizationRequestAuthenticationToken(principal,
				Objects.requireNonNull(request.getAuthorizationUri()), scopes.isEmpty() ? client.getScopes() : scopes,
				request.getAdditionalParameters());
	}

	private void keep(CodeChallenge challenge, OAuth2DeviceCode deviceCode) {
		OAuth2Authorization authorization = Objects
			.requireNonNull(this.authorizations.findByToken(deviceCode.getTokenValue(), DEVICE_CODE));
		this.authorizations.save(OAuth2Authorization.from(authorization)
			.attribute(PkceParameterNames.CODE_CHALLENGE, challenge.value())
			.build());
	}

	@Override
	public boolean supports(Class<?> authentication) {
		return this.delegate.supports(authentication);
	}

}
