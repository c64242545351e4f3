package io.github.oauth2pkce.sample.authserver;

import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.server.authorization.OAuth2AuthorizationConsent;
import org.springframework.security.oauth2.server.authorization.OAuth2AuthorizationConsentService;

/**
 * Remembers no consent, as Keycloak's device flow. RFC 8628 section 5.4 (remote phishing)
 * wants the person to confirm the code at each login; with a consent on record Spring
 * Authorization Server would approve whatever code a link carries, without a question.
 */
final class AskEveryTime implements OAuth2AuthorizationConsentService {

	@Override
	public void save(OAuth2AuthorizationConsent consent) {
	}

	@Override
	public void remove(OAuth2AuthorizationConsent consent) {
	}

	@Override
	public @Nullable OAuth2AuthorizationConsent findById(String registeredClientId, String principalName) {
		return null;
	}

}
