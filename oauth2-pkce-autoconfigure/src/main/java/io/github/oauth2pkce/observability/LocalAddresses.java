package io.github.oauth2pkce.observability;

import java.util.Locale;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.WebApplicationType;
import org.springframework.core.env.Environment;

/**
 * This application's addresses, as a person on the same machine would type them; just
 * paths where the port is not known, as in a servlet container of somebody else's.
 */
public final class LocalAddresses implements LoginEntryPoints {

	private final Environment environment;

	private final WebApplicationType type;

	private final boolean embedded;

	private final boolean browserLogins;

	private final Supplier<@Nullable EndpointOverHttp> endpoint;

	/**
	 * Creates the addresses; looks nothing up yet.
	 * @param environment tells ports and paths
	 * @param type the web server, if there is one: the paths of the other kind do not
	 * count
	 * @param embedded whether that server is Boot's, whose port is a property
	 * @param browserLogins whether it has Spring Security's browser logins
	 * @param endpoint gives {@code null} when the endpoint is not exposed
	 */
	public LocalAddresses(Environment environment, WebApplicationType type, boolean embedded, boolean browserLogins,
			Supplier<@Nullable EndpointOverHttp> endpoint) {
		this.environment = environment;
		this.type = type;
		this.embedded = embedded;
		this.browserLogins = browserLogins;
		this.endpoint = endpoint;
	}

	@Override
	public boolean isWeb() {
		return this.type != WebApplicationType.NONE;
	}

	@Override
	public boolean isCommand() {
		return !get("oauth2.pkce.command", "").isBlank();
	}

	@Override
	public @Nullable String browserLogin() {
		return (isWeb() && this.browserLogins) ? application() + "/oauth2/authorization" : null;
	}

	@Override
	public @Nullable String endpoint() {
		if (!isWeb() || this.endpoint.get() == null || "-1".equals(get("management.server.port", ""))) {
			return null;
		}
		String port = port("management.server", "local.management.port", serverPort());
		boolean own = !port.equals(serverPort());
		String base = own ? origin("management.server", port) + path("management.server.base-path", "")
				: application() + (isServlet() ? path("spring.mvc.servlet.path", "") : "");
		return base + path("management.endpoints.web.base-path", "/actuator")
				+ path("management.endpoints.web.path-mapping.oauth2providers", "/oauth2providers");
	}

	@Override
	public String onStartup() {
		return get("oauth2.pkce.login.on-startup", "auto").strip().toLowerCase(Locale.ROOT);
	}

	@Override
	public boolean isEndpointUnrestricted() {
		EndpointOverHttp endpoint = this.endpoint.get();
		return endpoint != null && endpoint.unrestricted();
	}

	private String application() {
		return origin("server", serverPort())
				+ path(isServlet() ? "server.servlet.context-path" : "spring.webflux.base-path", "");
	}

	private boolean isServlet() {
		return this.type == WebApplicationType.SERVLET;
	}

	private String serverPort() {
		return port("server", "local.server.port", this.embedded ? "8080" : "");
	}

	/** What is told while the application starts is told before its server listens. */
	private String port(String server, String local, String otherwise) {
		String configured = this.embedded ? get(server + ".port", otherwise) : otherwise;
		return get(local, "0".equals(configured) ? "" : configured);
	}

	private String origin(String server, String port) {
		if (port.isEmpty()) {
			return "";
		}
		String ssl = server + ".ssl";
		boolean given = !get(ssl + ".bundle", "").isEmpty() || !get(ssl + ".key-store", "").isEmpty()
				|| !get(ssl + ".certificate", "").isEmpty();
		boolean secure = given && !"false".equals(get(ssl + ".enabled", "true"));
		return (secure ? "https" : "http") + "://" + host(get(server + ".address", "")) + ":" + port;
	}

	/** A server that listens at one address only does not answer at another. */
	private static String host(String address) {
		if (address.isEmpty() || address.equals("0.0.0.0") || address.equals("::") || address.equals("127.0.0.1")) {
			return "localhost";
		}
		return address.contains(":") ? "[" + address + "]" : address;
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
