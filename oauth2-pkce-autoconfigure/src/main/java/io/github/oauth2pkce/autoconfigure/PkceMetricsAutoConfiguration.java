package io.github.oauth2pkce.autoconfigure;

import java.time.Clock;

import io.micrometer.core.instrument.MeterRegistry;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.observability.PkceMeters;
import io.github.oauth2pkce.refresh.Credentials;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of meters. */
@AutoConfiguration(after = PkceAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({ MeterRegistry.class, Credentials.class })
public final class PkceMetricsAutoConfiguration {

	@Bean
	PkceMeters oauth2PkceMeters(Providers providers, ObjectProvider<Credentials> credentials) {
		return new PkceMeters(providers, credentials::getObject, Clock.systemUTC());
	}

}
