package io.github.oauth2pkce.bearer.jdk;

import java.lang.reflect.Method;
import java.net.http.HttpClient;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ReflectionUtils;

/** The end of a client, as JDK 21 and later have it. Before, nobody asks for it. */
final class ClientLifecycle {

	private static final @Nullable Method SHUTDOWN = find("shutdown");

	private static final @Nullable Method SHUTDOWN_NOW = find("shutdownNow");

	private static final @Nullable Method IS_TERMINATED = find("isTerminated");

	private static final @Nullable Method AWAIT_TERMINATION = find("awaitTermination", Duration.class);

	private ClientLifecycle() {
	}

	private static @Nullable Method find(String name, Class<?>... parameters) {
		return ReflectionUtils.findMethod(HttpClient.class, name, parameters);
	}

	static void shutdown(HttpClient client) {
		if (SHUTDOWN != null) {
			ReflectionUtils.invokeMethod(SHUTDOWN, client);
		}
	}

	static void shutdownNow(HttpClient client) {
		if (SHUTDOWN_NOW != null) {
			ReflectionUtils.invokeMethod(SHUTDOWN_NOW, client);
		}
	}

	static boolean isTerminated(HttpClient client) {
		return IS_TERMINATED != null && Boolean.TRUE.equals(ReflectionUtils.invokeMethod(IS_TERMINATED, client));
	}

	static boolean awaitTermination(HttpClient client, Duration duration) {
		return AWAIT_TERMINATION != null
				&& Boolean.TRUE.equals(ReflectionUtils.invokeMethod(AWAIT_TERMINATION, client, duration));
	}

}
