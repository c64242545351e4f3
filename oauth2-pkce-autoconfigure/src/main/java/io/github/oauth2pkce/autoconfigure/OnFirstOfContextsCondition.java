package io.github.oauth2pkce.autoconfigure;

import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Providers;
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

	@Override
	public ConfigurationPhase getConfigurationPhase() {
		return ConfigurationPhase.REGISTER_BEAN;
	}

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConditionMessage.Builder message = ConditionMessage.forCondition("OAuth 2.0 providers of a parent context");
		Providers providers = ofParent(context.getBeanFactory());
		if (providers == null) {
			return ConditionOutcome.match(message.because("there are none"));
		}
		check(context.getEnvironment(), providers);
		return ConditionOutcome.noMatch(message.because("they are this context's, too"));
	}

	private static @Nullable Providers ofParent(@Nullable ConfigurableListableBeanFactory beans) {
		BeanFactory parent = (beans != null) ? beans.getParentBeanFactory() : null;
		return (parent != null) ? parent.getBeanProvider(Providers.class).getIfAvailable() : null;
	}

	private static void check(Environment environment, Providers providers) {
		Map<String, Object> configured = Binder.get(environment)
			.bind(PROVIDERS, Bindable.mapOf(String.class, Object.class))
			.orElse(Map.of());
		for (String id : configured.keySet()) {
			if (providers.find(id) == null) {
				throw new InvalidPropertyException(PROVIDERS + "." + id, null,
						"is configured for a child context, whose parent has the providers",
						"Configure it for the parent context, too, which has all logins.");
			}
		}
	}

}
