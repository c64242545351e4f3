package io.github.oauth2pkce.autoconfigure;

import java.util.Map;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.configuration.ConfiguredProviders;
import io.github.oauth2pkce.configuration.InvalidPropertyException;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Whether no parent of the context has providers already: their logins, threads and
 * refreshes are there once, for the parent and all of its children.
 */
final class OnFirstOfContextsCondition extends SpringBootCondition implements ConfigurationCondition {

	private static final String PROVIDERS = "oauth2.pkce.providers";

	private static final String REGISTRATIONS = "spring.security.oauth2.client.registration";

	@Override
	public ConfigurationPhase getConfigurationPhase() {
		return ConfigurationPhase.REGISTER_BEAN;
	}

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConditionMessage.Builder message = ConditionMessage.forCondition("OAuth 2.0 providers of a parent context");
		ConfiguredProviders providers = ofParent(context.getBeanFactory());
		if (providers == null) {
			return ConditionOutcome.match(message.because("there are none"));
		}
		check(context.getEnvironment(), providers);
		return ConditionOutcome.noMatch(message.because("they are this context's, too"));
	}

	private static @Nullable ConfiguredProviders ofParent(@Nullable ConfigurableListableBeanFactory beans) {
		BeanFactory parent = (beans != null) ? beans.getParentBeanFactory() : null;
		return (parent != null) ? parent.getBeanProvider(ConfiguredProviders.class).getIfAvailable() : null;
	}

	private static void check(Environment environment, ConfiguredProviders parent) {
		check(environment, PROVIDERS, (id) -> parent.providers().find(id) != null);
		check(environment, REGISTRATIONS,
				(id) -> parent.providers().find(id) != null || parent.others().containsKey(id));
	}

	private static void check(Environment environment, String property, Predicate<String> isKnown) {
		Map<String, Object> configured = Binder.get(environment)
			.bind(property, Bindable.mapOf(String.class, Object.class))
			.orElse(Map.of());
		for (String id : configured.keySet()) {
			if (!isKnown.test(id)) {
				throw new InvalidPropertyException(property + "." + id, null,
						"is configured for a child context, whose parent has the providers",
						"Configure it for the parent context, too, which has all logins.");
			}
		}
	}

}
