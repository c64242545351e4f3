package io.github.oauth2pkce.autoconfigure;

import io.github.oauth2pkce.configuration.ConfiguredProviders;
import io.github.oauth2pkce.configuration.SpringRegistrationCompletion;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.spring.ProviderClientRegistrationRepository;
import io.github.oauth2pkce.spring.ReactiveProviderClientRegistrationRepository;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;

/**
 * Auto-configuration of Spring Security's client registrations, made lazily, one by one:
 * an issuer that is down keeps no application from starting.
 */
@AutoConfiguration(after = PkceAutoConfiguration.class, beforeName = {
		"org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientAutoConfiguration",
		"org.springframework.boot.security.oauth2.client.autoconfigure.reactive.ReactiveOAuth2ClientAutoConfiguration" })
@ConditionalOnBean(Discovery.class)
@Conditional(PkceClientRegistrationAutoConfiguration.OnProviders.class)
@Lazy
public final class PkceClientRegistrationAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(ClientRegistrationRepository.class)
	ProviderClientRegistrationRepository clientRegistrationRepository(ConfiguredProviders configured,
			Discovery discovery) {
		return new ProviderClientRegistrationRepository(configured.providers(), discovery, configured.details(),
				configured.others());
	}

	@Bean
	@ConditionalOnMissingBean(ReactiveClientRegistrationRepository.class)
	ReactiveProviderClientRegistrationRepository reactiveClientRegistrationRepository(
			ClientRegistrationRepository clientRegistrationRepository) {
		return new ReactiveProviderClientRegistrationRepository(clientRegistrationRepository);
	}

	/** Boot's own view of the registrations, where its OAuth2 client module is there. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(OAuth2ClientProperties.class)
	static class BootProperties {

		@Bean
		static SpringRegistrationCompletion oauth2PkceSpringRegistrationCompletion(
				ObjectProvider<ConfiguredProviders> configured) {
			return new SpringRegistrationCompletion(configured);
		}

	}

	/** An application without providers gets no repository: Boot reads more into one. */
	static final class OnProviders extends SpringBootCondition {

		@Override
		public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
			Binder binder = Binder.get(context.getEnvironment());
			boolean ours = isConfigured(binder, "oauth2.pkce.providers");
			boolean springs = isConfigured(binder, "spring.security.oauth2.client.registration");
			ConditionMessage.Builder message = ConditionMessage.forCondition("OAuth 2.0 providers");
			return (ours || springs) ? ConditionOutcome.match(message.because("there are some"))
					: ConditionOutcome.noMatch(message.because("there are none"));
		}

		private static boolean isConfigured(Binder binder, String name) {
			return binder.bind(name, Bindable.mapOf(String.class, Object.class))
				.map((values) -> !values.isEmpty())
				.orElse(false);
		}

	}

}
