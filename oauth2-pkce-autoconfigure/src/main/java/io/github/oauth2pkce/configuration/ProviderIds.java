package io.github.oauth2pkce.configuration;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Which ids are one provider. To Spring Boot, {@code my-idp} and the {@code MYIDP} of an
 * environment variable are the same name, and each has the values of the other; but a map
 * would hold both, and one of them would never be used.
 */
final class ProviderIds {

	private final Environment environment;

	ProviderIds(Environment environment) {
		this.environment = environment;
	}

	/**
	 * The ids as they are written in files.
	 * @param ids all ids that Boot knows of
	 * @return each provider once
	 * @throws InvalidPropertyException when files have two spellings of one id
	 */
	Collection<String> distinct(Collection<String> ids) {
		Map<String, String> distinct = new LinkedHashMap<>();
		for (String id : ids) {
			distinct.merge(canonical(id), id, this::written);
		}
		return new ArrayList<>(distinct.values());
	}

	private String written(String one, String other) {
		if (!isWritten(other)) {
			return one;
		}
		if (isWritten(one) && !one.equals(other)) {
			throw new InvalidPropertyException(ProviderSettings.prefix(other), null,
					"is the same to Spring Boot as " + ProviderSettings.prefix(one),
					"Spell it in one way; only letters and digits make a difference, whatever their case.");
		}
		return other;
	}

	/** Finds what belongs to a provider, however the key is spelled. */
	static <T> @Nullable T find(Map<String, T> values, String id) {
		T exact = values.get(id);
		if (exact != null) {
			return exact;
		}
		return values.entrySet()
			.stream()
			.filter((entry) -> canonical(entry.getKey()).equals(canonical(id)))
			.map(Map.Entry::getValue)
			.findFirst()
			.orElse(null);
	}

	/** As Boot compares names; what needs brackets is compared as it is. */
	private static String canonical(String id) {
		return id.matches("[A-Za-z0-9_-]+") ? id.replaceAll("[_-]", "").toLowerCase(Locale.ROOT) : id;
	}

	/** An environment variable has lost the spelling of the id. */
	private boolean isWritten(String id) {
		List<String> beginnings = List.of(ProviderSettings.PROVIDERS + "." + id + ".",
				ProviderSettings.PROVIDERS + "[" + id + "].", SpringRegistration.REGISTRATIONS + "." + id + ".",
				SpringRegistration.REGISTRATIONS + "[" + id + "].");
		return this.environment instanceof ConfigurableEnvironment configurable && configurable.getPropertySources()
			.stream()
			.filter((source) -> !(source instanceof SystemEnvironmentPropertySource))
			.anyMatch((source) -> source instanceof EnumerablePropertySource<?> properties
					&& List.of(properties.getPropertyNames())
						.stream()
						.anyMatch((name) -> beginnings.stream().anyMatch(name::startsWith)));
	}

}
