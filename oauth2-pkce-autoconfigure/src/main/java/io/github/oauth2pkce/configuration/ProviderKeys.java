package io.github.oauth2pkce.configuration;

import java.net.URI;
import java.util.List;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.util.StringUtils;

/**
 * The keys of one provider in both shapes: ours first, then Spring's, key by key.
 */
final class ProviderKeys {

	private final String id;

	private final String prefix;

	private final @Nullable ProviderProperties given;

	private final ProviderProperties own;

	private final @Nullable SpringRegistration spring;

	private final Binder binder;

	ProviderKeys(String id, @Nullable ProviderProperties own, @Nullable SpringRegistration spring, Binder binder) {
		this.id = id;
		this.prefix = ProviderSettings.prefix(id);
		this.given = own;
		this.own = (own != null) ? own : binder.bindOrCreate("oauth2.pkce.no-such-provider", ProviderProperties.class);
		this.spring = spring;
		this.binder = binder;
	}

	String id() {
		return this.id;
	}

	String prefix() {
		return this.prefix;
	}

	ProviderProperties own() {
		return this.own;
	}

	@Nullable SpringRegistration spring() {
		return this.spring;
	}

	/** Whether there is nothing of ours below the id. */
	boolean isOfSpringOnly() {
		return this.given == null && this.spring != null;
	}

	/** Ours if it is set, else Spring's. */
	@Nullable String text(@Nullable String own, Function<SpringRegistration, @Nullable String> springs) {
		if (StringUtils.hasText(own)) {
			return own.strip();
		}
		String value = (this.spring != null) ? springs.apply(this.spring) : null;
		return StringUtils.hasText(value) ? value.strip() : null;
	}

	/** Ours, which Spring's shape has no place for. */
	static @Nullable String text(@Nullable String own) {
		return StringUtils.hasText(own) ? own.strip() : null;
	}

	static List<String> texts(List<String> values) {
		return values.stream().filter(StringUtils::hasText).map(String::strip).toList();
	}

	@Nullable URI uri(String key, @Nullable String own, Function<SpringRegistration, @Nullable String> springs) {
		String value = text(own, springs);
		return (value != null) ? HttpUri.parse(whose(own, SpringRegistration::providerPrefix) + "." + key, value)
				: null;
	}

	@Nullable URI uri(String key, @Nullable String own) {
		return uri(key, own, (spring) -> null);
	}

	/** Where a value comes from, for a sentence about it. */
	String whose(@Nullable String own, Function<SpringRegistration, String> springPrefix) {
		return (StringUtils.hasText(own) || this.spring == null) ? this.prefix : springPrefix.apply(this.spring);
	}

	/** A value as it is written, whether or not its id is in brackets. */
	@Nullable String configured(String key) {
		ConfigurationPropertyName plain = ConfigurationPropertyName.adapt(this.prefix + "." + key, '.');
		ConfigurationPropertyName indexed = ConfigurationPropertyName.of(ProviderSettings.PROVIDERS)
			.append("[" + this.id + "]")
			.append(key);
		return this.binder.bind(plain, Bindable.of(String.class))
			.orElseGet(() -> this.binder.bind(indexed, Bindable.of(String.class)).orElse(null));
	}

	/** Any property of the application. */
	@Nullable String application(String property) {
		return this.binder.bind(property, Bindable.of(String.class)).orElse(null);
	}

	boolean isConfigured(String property) {
		return this.binder.bind(ConfigurationPropertyName.adapt(property, '.'), Bindable.of(String.class)).isBound();
	}

	/**
	 * Boot reads "yes", "on" and "1" as true; a security switch should mean what it says.
	 */
	void checkBoolean(String key) {
		String value = configured(key);
		if (value != null && !value.isBlank() && !"true".equalsIgnoreCase(value.strip())
				&& !"false".equalsIgnoreCase(value.strip())) {
			throw wrong(key, value, "is not a Boolean", "Use true or false.");
		}
	}

	InvalidPropertyException wrong(String key, @Nullable String value, String problem, String action) {
		return new InvalidPropertyException(this.prefix + "." + key, value, problem, action);
	}

}
