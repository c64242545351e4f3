package io.github.oauth2pkce.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.observability.ProviderHealthIndicator;
import io.github.oauth2pkce.observability.ProviderReports;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;

/** Auto-configuration of health: {@code oauth2Pkce}, with one component per provider. */
@AutoConfiguration(after = PkceAutoConfiguration.class, before = HealthContributorAutoConfiguration.class)
@ConditionalOnClass({ Health.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(ProviderReports.class)
@Conditional(PkceClientRegistrationAutoConfiguration.OnProviders.class)
public final class PkceHealthAutoConfiguration {

	/**
	 * Nested, because its condition is a class of the optional module. In lower case, as
	 * Boot has it: that matches every spelling of the property.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnEnabledHealthIndicator("oauth2pkce")
	static class Enabled {

		@Bean
		@ConditionalOnMissingBean(name = "oauth2PkceHealthContributor")
		CompositeHealthContributor oauth2PkceHealthContributor(Providers providers, ProviderReports reports) {
			Map<String, HealthIndicator> indicators = new LinkedHashMap<>();
			for (Provider provider : providers) {
				indicators.put(provider.id(), new ProviderHealthIndicator(provider, reports));
			}
			return CompositeHealthContributor.fromMap(indicators);
		}

	}

}
