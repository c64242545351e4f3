package io.github.oauth2pkce.configuration;

import java.time.Duration;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * Checks what no type does: durations and sizes must be positive, and placeholders
 * resolved.
 */
public final class Limits {

	private static final String PREFIX = "oauth2.pkce.";

	private final Binder binder;

	public Limits(Environment environment) {
		this.binder = Binder.get(environment);
	}

	public void check(OAuth2PkceProperties properties) {
		PropertyText.checkPlaceholder(PREFIX + "store.directory", properties.store().directory(), false);
		PropertyText.checkPlaceholder(PREFIX + "store.encryption-key", properties.store().encryptionKey(), true);
		properties.store()
			.previousEncryptionKeys()
			.forEach((key) -> PropertyText.checkPlaceholder(PREFIX + "store.previous-encryption-keys", key, true));
		notNegative("startup.timeout", properties.startup().timeout());
		positive("login.timeout", properties.login().timeout());
		positive("refresh.request-timeout", properties.refresh().requestTimeout());
		notNegative("refresh.lock-timeout", properties.refresh().lockTimeout());
		positive("http.connect-timeout", properties.http().connectTimeout());
		positive("http.read-timeout", properties.http().readTimeout());
		if (properties.http().maxResponseSize().toBytes() <= 0) {
			throw wrong("http.max-response-size", "must be greater than 0", "Use a size such as 1MB.");
		}
	}

	private void notNegative(String key, Duration value) {
		if (value.isNegative()) {
			throw wrong(key, "is negative", "Use a time such as 10s.");
		}
	}

	private void positive(String key, Duration value) {
		if (value.isNegative() || value.isZero()) {
			throw wrong(key, "must be greater than 0", "Use a time such as 10s.");
		}
	}

	private InvalidPropertyException wrong(String key, String problem, String action) {
		String value = this.binder.bind(PREFIX + key, String.class).orElse(null);
		return new InvalidPropertyException(PREFIX + key, value, problem, action);
	}

}
