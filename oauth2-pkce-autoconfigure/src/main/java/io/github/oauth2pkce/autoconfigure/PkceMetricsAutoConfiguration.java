package io.github.oauth2pkce.autoconfigure;

import java.time.Clock;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.observability.PkceMeters;
import io.github.oauth2pkce.refresh.Credentials;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Auto-configuration of meters. */
@AutoConfiguration(after = PkceAutoConfiguration.class,
		afterName = { "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
				"org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration" })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({ MeterRegistry.class, Credentials.class })
public final class PkceMetricsAutoConfiguration {

	@Bean
	PkceMeters oauth2PkceMeters(Providers providers, ObjectProvider<Credentials> credentials) {
		return new PkceMeters(providers, credentials::getObject, Clock.systemUTC());
	}

	/** An application with Micrometer, but without Boot's module that binds meters. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingBean(
			type = "org.springframework.boot.micrometer.metrics.autoconfigure.MeterRegistryPostProcessor")
	static class Binding {

		@Bean
		SmartInitializingSingleton oauth2PkceMetersBinding(PkceMeters meters,
				ObjectProvider<CompositeMeterRegistry> composites, ObjectProvider<MeterRegistry> registries) {
			// As Boot does: what a composite counts, its parts count.
			return () -> (composites.stream().findAny().isPresent() ? composites : registries).forEach(meters::bindTo);
		}

	}

}
