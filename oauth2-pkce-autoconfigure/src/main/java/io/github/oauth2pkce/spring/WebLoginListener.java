package io.github.oauth2pkce.spring;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/** Is told how logins by Spring Security's filters ended. Thread-safe. */
@FunctionalInterface
public interface WebLoginListener {

	/**
	 * A login ended.
	 * @param providerId at which provider
	 * @param principalName the user, {@code null} when the login failed
	 * @param saved whether it is kept by the store, and not in memory only
	 * @param duration the time since the browser was sent away
	 * @param failure why there are no tokens, {@code null} when they are kept; its text
	 * is printable
	 */
	void ended(String providerId, @Nullable String principalName, boolean saved, Duration duration,
			@Nullable RuntimeException failure);

}
