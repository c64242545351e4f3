package io.github.oauth2pkce.configuration;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.util.ClassUtils;
import org.springframework.util.unit.DataSize;

/**
 * A value of ours that is none of its type: what could be there instead, in the words of
 * the file and not of Java.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class BindingFailureAnalyzer extends AbstractFailureAnalyzer<BindException> {

	private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("oauth2.pkce");

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
		ConfigurationProperty property = cause.getProperty();
		if (property == null || !PREFIX.isAncestorOf(property.getName())
				|| cause.getCause() instanceof InvalidPropertyException) {
			return null;
		}
		Class<?> type = ClassUtils.resolvePrimitiveIfNecessary(cause.getTarget().getType().resolve(Object.class));
		String action = action(type);
		if (action == null) {
			return null;
		}
		return new FailureAnalysis(
				"The property " + property.getName() + PropertyText.quoted(String.valueOf(property.getValue()))
						+ PropertyText.origin(property) + " " + problem(type) + ".",
				action, cause);
	}

	private static String problem(Class<?> type) {
		if (type.isEnum()) {
			return "is not one of its values";
		}
		return "is not a " + ((type == Duration.class) ? "time"
				: (type == DataSize.class) ? "size" : (type == Boolean.class) ? "Boolean" : "number");
	}

	private static @Nullable String action(Class<?> type) {
		if (type.isEnum()) {
			return "Use one of " + Arrays.stream(type.getEnumConstants())
				.map((constant) -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-'))
				.collect(Collectors.joining(", ")) + ".";
		}
		if (type == Boolean.class) {
			return "Use true or false.";
		}
		if (type == Duration.class) {
			return "Use a time such as 30s, 5m or PT1H.";
		}
		if (type == DataSize.class) {
			return "Use a size such as 1MB.";
		}
		return Number.class.isAssignableFrom(type) ? "Use a whole number." : null;
	}

}
