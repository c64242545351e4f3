package io.github.oauth2pkce.configuration;

import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Names properties of ours that do not exist. Boot's own analyzer would print their
 * values, and a misspelled {@code client-secret} is a secret.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class UnknownPropertyFailureAnalyzer extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {

	private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("oauth2.pkce");

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
		Set<ConfigurationProperty> properties = cause.getUnboundProperties();
		if (!properties.stream().allMatch((property) -> PREFIX.isAncestorOf(property.getName()))) {
			return null;
		}
		String names = properties.stream()
			.map((property) -> property.getName() + PropertyText.origin(property))
			.sorted()
			.collect(Collectors.joining(", "));
		return new FailureAnalysis((properties.size() == 1) ? "The property " + names + " does not exist."
				: "These properties do not exist: " + names + ".", action(properties), cause);
	}

	private static String action(Set<ConfigurationProperty> properties) {
		String suggestions = properties.stream()
			.map((property) -> PropertySpelling.suggest(property.getName()))
			.filter(Objects::nonNull)
			.distinct()
			.sorted()
			.collect(Collectors.joining(", "));
		return (suggestions.isEmpty() ? "Correct the spelling, or remove it." : "Did you mean " + suggestions + "?")
				+ " All properties: " + PropertyText.page("configuration", "properties");
	}

}
