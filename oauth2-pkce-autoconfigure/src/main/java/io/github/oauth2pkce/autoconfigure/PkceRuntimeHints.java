package io.github.oauth2pkce.autoconfigure;

import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;
import org.springframework.boot.context.properties.bind.BindableRuntimeHintsRegistrar;
import org.springframework.util.ClassUtils;

/**
 * What ahead-of-time processing cannot see: methods that only newer JDKs have, scripts,
 * and properties that are bound by hand. Stored logins are written without reflection.
 */
final class PkceRuntimeHints implements RuntimeHintsRegistrar {

	private static final String HTTP_CLIENT = "java.net.http.HttpClient";

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.reflection()
			.registerType(Console.class,
					(console) -> console.withMethod("isTerminal", List.of(), ExecutableMode.INVOKE))
			.registerType(PrintStream.class,
					(stream) -> stream.withMethod("charset", List.of(), ExecutableMode.INVOKE));
		// Since JDK 21.
		for (String method : List.of("shutdown", "shutdownNow", "isTerminated")) {
			hints.reflection()
				.registerTypeIfPresent(classLoader, HTTP_CLIENT,
						(client) -> client.withMethod(method, List.of(), ExecutableMode.INVOKE));
		}
		hints.reflection()
			.registerTypeIfPresent(classLoader, HTTP_CLIENT, (client) -> client.withMethod("awaitTermination",
					List.of(TypeReference.of(Duration.class)), ExecutableMode.INVOKE));
		// McpSdk looks for a method of it, BearerTransportCustomizer into a field.
		hints.reflection()
			.registerTypeIfPresent(classLoader,
					"io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport$Builder",
					MemberCategory.INVOKE_PUBLIC_METHODS, MemberCategory.ACCESS_DECLARED_FIELDS);
		hints.resources().registerPattern("io/github/oauth2pkce/store/schema-*.sql");
		hints.resources().registerPattern("io/github/oauth2pkce/configuration/documentation.properties");
		if (ClassUtils.isPresent(PkceAutoConfiguration.BOOT_OAUTH2_CLIENT, classLoader)) {
			Class<?> properties = ClassUtils.resolveClassName(PkceAutoConfiguration.BOOT_OAUTH2_CLIENT, classLoader);
			BindableRuntimeHintsRegistrar.forTypes(properties).registerHints(hints, classLoader);
		}
	}

}
