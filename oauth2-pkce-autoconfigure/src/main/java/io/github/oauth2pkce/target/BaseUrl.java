package io.github.oauth2pkce.target;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * An origin with an optional path prefix, below which a bearer may go. Compared by
 * scheme, host in any case, effective port and whole path segments. Immutable.
 */
public final class BaseUrl {

	private final boolean secure;

	private final String host;

	private final int port;

	private final String path;

	private BaseUrl(boolean secure, String host, int port, String path) {
		this.secure = secure;
		this.host = host;
		this.port = port;
		this.path = path;
	}

	/**
	 * Reads a base URL.
	 * @param text such as {@code https://api.example.com/v1}
	 * @return the base URL
	 * @throws IllegalArgumentException saying what is wrong with it
	 */
	public static BaseUrl parse(String text) {
		URI uri;
		try {
			uri = new URI(text.strip());
		}
		catch (URISyntaxException ex) {
			throw new IllegalArgumentException("is not a URL: " + ex.getReason());
		}
		String scheme = uri.getScheme();
		if (!"https".equalsIgnoreCase(scheme) && !"http".equalsIgnoreCase(scheme)) {
			throw new IllegalArgumentException("must begin with https:// or http://");
		}
		if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
			throw new IllegalArgumentException("must be an origin with an optional path, nothing more");
		}
		String path = (uri.getRawPath() != null) ? uri.getRawPath() : "";
		if (PathPrefix.mayClimb(path)) {
			throw new IllegalArgumentException("must not have '.' or '..' in its path, encoded or not");
		}
		while (path.endsWith("/")) {
			path = path.substring(0, path.length() - 1);
		}
		boolean secure = "https".equalsIgnoreCase(scheme);
		if (uri.getHost() != null) {
			return new BaseUrl(secure, uri.getHost().toLowerCase(Locale.ROOT), port(secure, uri.getPort()), path);
		}
		InternationalHost international = InternationalHost.of(uri);
		if (international == null) {
			throw new IllegalArgumentException("must name a host, in its xn-- form if it is an unusual one");
		}
		return new BaseUrl(secure, international.host(), port(secure, international.port()), path);
	}

	/**
	 * Whether a request goes below this URL.
	 * @param uri the target of the request
	 * @return {@code false} as well for targets with user info or a path that servers
	 * read differently, such as {@code /api/..%2fadmin}
	 */
	public boolean contains(URI uri) {
		String host = uri.getHost();
		if (host != null) {
			return this.host.equalsIgnoreCase(host) && containsOnHost(uri, uri.getPort());
		}
		InternationalHost international = InternationalHost.of(uri);
		return international != null && this.host.equals(international.host())
				&& containsOnHost(uri, international.port());
	}

	/**
	 * Whether a request, which goes to this host, goes below this URL.
	 * @param uri the target of the request
	 * @param port its port, -1 for the usual one
	 */
	boolean containsOnHost(URI uri, int port) {
		return PathPrefix.contains(this.path, uri.getRawPath()) && this.port == port(this.secure, port)
				&& scheme().equalsIgnoreCase(uri.getScheme()) && uri.getRawUserInfo() == null;
	}

	/** The prefix, without a slash at its end; the longest wins. */
	String path() {
		return this.path;
	}

	/** In lower case ASCII. */
	String host() {
		return this.host;
	}

	private static int port(boolean secure, int port) {
		if (port >= 0) {
			return port;
		}
		return secure ? 443 : 80;
	}

	private String scheme() {
		return this.secure ? "https" : "http";
	}

	String origin() {
		return scheme() + "://" + this.host + ":" + this.port;
	}

	@Override
	public String toString() {
		return origin() + this.path;
	}

}
