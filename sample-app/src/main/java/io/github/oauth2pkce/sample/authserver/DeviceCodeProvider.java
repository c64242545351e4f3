package io.github.oauth2pkce.sample.authserver;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.core.OAuth2DeviceCode;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.OAuth2UserCode;
import org.springframework.security.oauth2.core.endpoint.PkceParameterNames;
import org.springframework.security.oauth2.server.authorization.OAuth2Authorization;
import org.springframework.security.oauth2.server.authorization.OAuth2AuthorizationService;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2DeviceCodeAuthenticationToken;

/**
 * Answers a poll as Keycloak does: pace, state and verifier, in this order. A poll that
 * fails leaves the device code as it was, so the right verifier still gets the tokens
 * later.
 */
final class DeviceCodeProvider implements AuthenticationProvider {

	private final AuthenticationProvider delegate;

	private final OAuth2AuthorizationService authorizations;

	private final PollPace pace;

	DeviceCodeProvider(AuthenticationProvider delegate, OAuth2AuthorizationService authorizations, PollPace pace) {
		this.delegate = delegate;
		this.authorizations = authorizations;
		this.pace = pace;
	}

	@Override
	public @Nullable Authentication authenticate(Authentication authentication) {
		OAuth2DeviceCodeAuthenticationToken poll = (OAuth2DeviceCodeAuthenticationToken) authentication;
		OAuth2Authorization authorization = this.authorizations.findByToken(poll.getDeviceCode(),
				DeviceAuthorizationProvider.DEVICE_CODE);
		if (authorization == null) {
			throw Errors.invalidGrant("Device code not valid");
		}
		checkState(authorization, (OAuth2ClientAuthenticationToken) poll.getPrincipal());
		String challenge = Objects.requireNonNull(authorization.getAttribute(PkceParameterNames.CODE_CHALLENGE));
		new CodeChallenge(challenge).verify(poll.getAdditionalParameters().get(PkceParameterNames.CODE_VERIFIER));
		Authentication answer = this.delegate.authenticate(poll);
		this.pace.forget(authorization.getId());
		return answer;
	}

	private void checkState(OAuth2Authorization authorization, OAuth2ClientAuthenticationToken client) {
		OAuth2Authorization.Token<OAuth2DeviceCode> deviceCode = Objects
			.requireNonNull(authorization.getToken(OAuth2DeviceCode.class));
		OAuth2Authorization.Token<OAuth2UserCode> userCode = Objects
			.requireNonNull(authorization.getToken(OAuth2UserCode.class));
		if (authorization.getAccessToken() != null) {
			throw Errors.invalidGrant("Device code not valid");
		}
		if (deviceCode.isExpired()) {
			throw Errors.error("expired_token", "Device code is expired");
		}
		if (!this.pace.allows(authorization.getId())) {
			throw Errors.error("slow_down", "Slow down");
		}
		if (!Objects.requireNonNull(client.getRegisteredClient())
			.getId()
			.equals(authorization.getRegisteredClientId())) {
			throw Errors.invalidGrant("unauthorized client");
		}
		if (!userCode.isInvalidated()) {
			throw Errors.error("authorization_pending", "The authorization request is still pending");
		}
		if (deviceCode.isInvalidated()) {
			throw Errors.error(OAuth2ErrorCodes.ACCESS_DENIED, "The end user denied the authorization request");
		}
	}

	@Override
	public boolean supports(Class<?> authentication) {
		return this.delegate.supports(authentication);
	}

}
