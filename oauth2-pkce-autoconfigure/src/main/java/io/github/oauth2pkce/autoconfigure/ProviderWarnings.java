package io.github.oauth2pkce.autoconfigure;

import java.net.URI;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.bearer.BaseUrl;
import io.github.oauth2pkce.bearer.BearerPolicy;

import org.springframework.security.oauth2.core.AuthorizationGrantType;

/**
 * Tells at the start what is no error, because a part of it may be of use, and yet can
 * hardly be meant.
 */
final class ProviderWarnings {

	private static final Logger logger = LoggerFactory.getLogger(ProviderWarnings.class);

	private ProviderWarnings() {
	}

	/** A provider that can get no token, by its grant. */
	static void check(Provider provider) {
		if (provider.issuerUri() != null) {
			return;
		}
		if (AuthorizationGrantType.DEVICE_CODE.equals(provider.grant())) {
			check(provider, "device-authorization-uri", provider.endpoints().deviceAuthorization());
		}
		if (AuthorizationGrantType.AUTHORIZATION_CODE.equals(provider.grant())) {
			check(provider, "authorization-uri", provider.endpoints().authorization());
		}
		check(provider, "token-uri", provider.endpoints().token());
	}

	private static void check(Provider provider, String key, @Nullable URI endpoint) {
		if (endpoint == null) {
			logger.warn("Provider '{}' can get no new token: set {}.{}, or issuer-uri to discover it", provider.id(),
					ProviderSettings.prefix(provider.id()), key);
		}
	}

	/** Requests that could have the bearer of two providers. */
	static void check(Collection<BearerPolicy> policies) {
		Map<String, String> owners = new HashMap<>();
		for (BearerPolicy policy : policies) {
			for (BaseUrl baseUrl : policy.baseUrls()) {
				String owner = owners.putIfAbsent(baseUrl.toString(), policy.providerId());
				if (owner != null && !owner.equals(policy.providerId())) {
					logger.warn(
							"Requests below {} get the bearer of provider '{}', although base-urls of '{}' has it too:"
									+ " only those that name '{}' themselves get its own",
							baseUrl, owner, policy.providerId(), policy.providerId());
				}
			}
		}
	}

}
