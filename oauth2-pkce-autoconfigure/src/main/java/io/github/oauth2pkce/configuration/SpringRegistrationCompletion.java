package io.github.oauth2pkce.configuration;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientProperties;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientProperties.Registration;
import org.springframework.util.StringUtils;

/**
 * Gives Boot the client ids that are configured in our shape only. From 4.1.2 on Boot
 * creates and validates {@link OAuth2ClientProperties}, which demand one of each
 * registration, although the repository is ours. What is missing in both shapes is
 * reported by our own sentence, which names both properties.
 */
public final class SpringRegistrationCompletion implements BeanPostProcessor {

	private final ObjectProvider<ConfiguredProviders> configured;

	public SpringRegistrationCompletion(ObjectProvider<ConfiguredProviders> configured) {
		this.configured = configured;
	}

	/** After the properties are bound and before they validate themselves. */
	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof OAuth2ClientProperties properties) {
			properties.getRegistration().forEach(this::complete);
		}
		return bean;
	}

	private void complete(String id, Registration registration) {
		if (!StringUtils.hasText(registration.getClientId())) {
			registration.setClientId(clientId(id));
		}
	}

	private @Nullable String clientId(String id) {
		Map<String, Provider> providers = new LinkedHashMap<>();
		this.configured.getObject().providers().forEach((provider) -> providers.put(provider.id(), provider));
		Provider provider = ProviderIds.find(providers, id);
		return (provider != null) ? provider.client().id() : null;
	}

}
