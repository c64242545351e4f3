package io.github.oauth2pkce.autoconfigure;

import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.observability.LoginWays;

import org.springframework.core.env.Environment;

/** This application's addresses, as a person on the same machine would type them. */
final class LocalAddresses implements LoginWays {

	private final Environment environment;

	private final Supplier<@Nullable EndpointOverHttp> endpoint;

	private final boolean browserLogins;

	LocalAddresses(Environment environment, Supplier<@Nullable EndpointOverHttp> endpoint, boolean browserLogins) {
		this.environment = environment;
		this.endpoint = endpoint;
		this.browserLogins = browserLogins;
	}

	@Override
	public boolean isWeb() {
		return get("local.server.port", "").length() > 0;
	}

	@Override
	public @Nullable String browserLogin() {
		return (this.browserLogins && isWeb()) ? application() + "/oauth2/authorization" : null;
	}

	@Override
	public @Nullable String endpoint() {
		if (!isWeb() || this.endpoint.get() == null) {
			return null;
		}
		String port = get("local.management.port", get("local.server.port", ""));
		boolean own = !port.equals(get("local.server.port", ""));
		String base = own ? origin("management.server.ssl", port) + path("management.server.base-path", "")
				: application();
		return base + path("management.endpoints.web.base-path", "/actuator")
				+ path("management.endpoints.web.path-mapping.oauth2providers", "/oauth2providers");
	}

	@Override
	public boolean isEndpointUnrestricted() {
		EndpointOverHttp endpoint = this.endpoint.get();
		return endpoint != null && endpoint.unrestricted();
	}

	private String application() {
		return origin("server.ssl", get("local.server.port", "")) + path("server.servlet.context-path", "")
				+ path("spring.webflux.base-path", "");
	}

	private String origin(String ssl, String port) {
		boolean given = !get(ssl + ".bundle", "").isEmpty() || !get(ssl + ".key-store", "").isEmpty()
				|| !get(ssl + ".certificate", "").isEmpty();
		boolean secure = given && !"false".equals(get(ssl + ".enabled", "true"));
		return (secure ? "https" : "http") + "://localhost:" + port;
	}

	private String path(String property, String otherwise) {
		String path = get(property, otherwise);
		String trimmed = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
		return (trimmed.isEmpty() || trimmed.startsWith("/")) ? trimmed : "/" + trimmed;
	}

	private String get(String property, String otherwise) {
		return this.environment.getProperty(property, otherwise);
	}

}
