package io.github.oauth2pkce.autoconfigure;

import java.util.List;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.configuration.ConfiguredProviders;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration beside Spring Cloud, which can change properties of an application
 * that runs. Providers are made once: a login belongs to the client and the server that
 * it was made with.
 */
@AutoConfiguration(after = PkceAutoConfiguration.class)
@ConditionalOnClass(EnvironmentChangeEvent.class)
@ConditionalOnBean(value = ConfiguredProviders.class, search = SearchStrategy.CURRENT)
public final class PkceChangedPropertiesAutoConfiguration {

	private static final Logger logger = LoggerFactory.getLogger(PkceChangedPropertiesAutoConfiguration.class);

	@Bean
	ApplicationListener<EnvironmentChangeEvent> oauth2PkceChangedProperties() {
		return (event) -> {
			List<String> ours = event.getKeys()
				.stream()
				.filter((key) -> key.startsWith("oauth2.pkce.") || key.startsWith("spring.security.oauth2.client."))
				.sorted()
				.toList();
			if (!ours.isEmpty()) {
				logger.warn("Properties of OAuth 2.0 providers have changed and take effect when the application is"
						+ " restarted: {}", String.join(", ", ours));
			}
		};
	}

}
