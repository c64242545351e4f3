package io.github.oauth2pkce.observability;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.util.function.SingletonSupplier;

/**
 * Tells requests that a browser sends for a page of somebody else. A login that such a
 * page starts would prompt a person by surprise, and a page that has bound its own name
 * to this machine (DNS rebinding) could read the code as well. A loopback address keeps
 * neither out: the browser is on this machine. Thread-safe.
 */
public final class ForeignPages {

	/** Names that no public DNS server answers for, so that no page can have them. */
	private static final List<String> LOCAL = List.of(".localhost", ".local", ".internal");

	private static final SingletonSupplier<String> HOST_NAME = SingletonSupplier.of(ForeignPages::hostName);

	private final boolean behindProxy;

	private final Set<String> allowedOrigins;

	/**
	 * Creates the test.
	 * @param behindProxy whether a proxy in front of the application says what host was
	 * asked for
	 * @param allowedOrigins pages that the application lets use its endpoints
	 */
	public ForeignPages(boolean behindProxy, Set<String> allowedOrigins) {
		this.behindProxy = behindProxy;
		this.allowedOrigins = Set.copyOf(allowedOrigins);
	}

	/**
	 * Why a request is refused.
	 * @param request the request
	 * @return a sentence, or {@code null} when it is not
	 */
	public @Nullable String refusal(Request request) {
		if (isRebound(request)) {
			return "The name in Host is not known to be one of this machine, from which the request came: use localhost"
					+ " or an address; or, behind a proxy, set server.forward-headers-strategy";
		}
		boolean acts = !"GET".equals(request.method()) && !"HEAD".equals(request.method())
				&& !"OPTIONS".equals(request.method());
		if (acts && isForeign(request)) {
			return "A page of another origin sent this request, and nothing was done. If it is a page of yours: behind a"
					+ " proxy set server.forward-headers-strategy, else name its origin in"
					+ " management.endpoints.web.cors.allowed-origins";
		}
		return null;
	}

	private boolean isForeign(Request request) {
		List<String> origins = request.headers().getOrEmpty(HttpHeaders.ORIGIN);
		if (!origins.isEmpty() && this.allowedOrigins.containsAll(origins)) {
			return false;
		}
		return !origins.stream().allMatch((origin) -> isOwn(origin, request))
				|| !request.headers().getOrEmpty("Sec-Fetch-Site").stream().allMatch(ForeignPages::isSameSite);
	}

	/** {@code none}: a person typed the address, or clicked a bookmark. */
	private static boolean isSameSite(String site) {
		return site.equals("same-origin") || site.equals("none");
	}

	private static boolean isOwn(String origin, Request request) {
		URI uri;
		try {
			uri = URI.create(origin);
		}
		catch (IllegalArgumentException ex) {
			return false;
		}
		String scheme = uri.getScheme();
		if (scheme == null || uri.getHost() == null || !host(uri.getHost()).equals(host(request.host()))) {
			return false;
		}
		if (scheme.equalsIgnoreCase(request.scheme())) {
			return port(scheme, uri.getPort()) == port(scheme, request.port());
		}
		// What ends TLS in front of us may leave the host alone and say nothing.
		return scheme.equalsIgnoreCase("https") && uri.getPort() == -1
				&& port(request.scheme(), request.port()) == port(request.scheme(), -1);
	}

	private static int port(String scheme, int port) {
		return (port > 0) ? port : scheme.equalsIgnoreCase("https") ? 443 : 80;
	}

	/**
	 * A page can bind its name to an address of this machine, but only a public name, and
	 * only its own. What comes from another machine has a name that we cannot know.
	 */
	private boolean isRebound(Request request) {
		return !this.behindProxy && isThisMachine(request) && !isLocal(host(request.host()));
	}

	private static boolean isThisMachine(Request request) {
		InetAddress local = request.local();
		return local != null && (local.isLoopbackAddress() || local.equals(request.remote()));
	}

	private static boolean isLocal(String host) {
		boolean address = host.contains(":") || host.chars().allMatch((c) -> c == '.' || (c >= '0' && c <= '9'));
		return address || !host.contains(".") || LOCAL.stream().anyMatch(host::endsWith)
				|| host.equals(HOST_NAME.obtain());
	}

	private static String hostName() {
		try {
			return host(InetAddress.getLocalHost().getCanonicalHostName());
		}
		catch (UnknownHostException ex) {
			return "localhost";
		}
	}

	private static String host(String host) {
		String name = host.toLowerCase(Locale.ROOT);
		if (name.startsWith("[") && name.endsWith("]")) {
			name = name.substring(1, name.length() - 1);
		}
		return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
	}

	/**
	 * What is looked at, after the server has believed a proxy, or not.
	 *
	 * @param method the HTTP method
	 * @param scheme the scheme that was asked for
	 * @param host the host that was asked for
	 * @param port the port that was asked for, not positive for the scheme's own
	 * @param headers all headers
	 * @param local the address that accepted the connection, {@code null} when unknown
	 * @param remote the address it came from, {@code null} when unknown
	 */
	public record Request(String method, String scheme, String host, int port, HttpHeaders headers,
			@Nullable InetAddress local, @Nullable InetAddress remote) {

		/** Its headers may hold the credential of whoever asks. */
		@Override
		public String toString() {
			return "Request[" + this.method + " " + this.scheme + "://" + this.host + ":" + this.port + "]";
		}

	}

}
