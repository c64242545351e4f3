package io.github.oauth2pkce.autoconfigure;

import java.util.Map;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.configuration.ChoicesAdvisor;
import io.github.oauth2pkce.configuration.ConfiguredProviders;
import io.github.oauth2pkce.configuration.Limits;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.configuration.ProvidersFactory;
import io.github.oauth2pkce.configuration.RedirectWarning;
import io.github.oauth2pkce.configuration.SpringRegistration;
import io.github.oauth2pkce.configuration.SpringRegistrations;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;
import org.springframework.util.ClassUtils;

/** Properties to providers. */
@Configuration(proxyBeanMethods = false)
class ProvidersConfiguration {

	@Bean
	ConfiguredProviders oauth2PkceConfiguredProviders(OAuth2PkceProperties properties, Environment environment,
			ResourceLoader resourceLoader) {
		new Limits(environment).check(properties);
		Map<String, SpringRegistration> registrations = ClassUtils.isPresent(PkceAutoConfiguration.BOOT_OAUTH2_CLIENT,
				resourceLoader.getClassLoader()) ? SpringRegistrations.read(environment, properties.providers())
						: Map.of();
		return new ProvidersFactory(properties.providers(), registrations, environment).create();
	}

	/** Needed before there are post-processors. */
	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static ChoicesAdvisor oauth2PkceChoicesAdvisor() {
		return new ChoicesAdvisor();
	}

	@Bean
	Providers oauth2PkceProviders(ConfiguredProviders configured) {
		return configured.providers();
	}

	@Bean
	RedirectWarning oauth2PkceRedirectWarning(ConfiguredProviders configured) {
		return new RedirectWarning(configured);
	}

}
