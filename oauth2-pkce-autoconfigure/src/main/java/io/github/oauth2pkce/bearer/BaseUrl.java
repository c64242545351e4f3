package io.github.oauth2pkce.bearer;

import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * An origin with an optional path prefix, below which a bearer may go. Compared by
 * scheme, host in any case, effective port and whole path segments. Immutable.
 */
public final class BaseUrl {

	private final String scheme;

	private final String host;

	private final int port;

	private final String path;

	private BaseUrl(String scheme, String host, int port, String path) {
		this.scheme = scheme;
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
		String scheme = lower(uri.getScheme());
		if (scheme == null || !(scheme.equals("https") || scheme.equals("http"))) {
			throw new IllegalArgumentException("must begin with https:// or http://");
		}
		String host = host(uri);
		if (host == null) {
			throw new IllegalArgumentException("must name a host");
		}
		if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
			throw new IllegalArgumentException("must be an origin with an optional path, nothing more");
		}
		String path = (uri.getRawPath() != null) ? uri.getRawPath() : "";
		if (isAmbiguous(path)) {
			throw new IllegalArgumentException("must not have '.', '..' or encoded slashes in its path");
		}
		while (path.endsWith("/")) {
			path = path.substring(0, path.length() - 1);
		}
		return new BaseUrl(scheme, host, port(scheme, uri.getPort()), path);
	}

	/**
	 * Whether a request goes below this URL.
	 * @param uri the target of the request
	 * @return {@code false} as well for targets with user info or a path that servers
	 * read differently, such as {@code /api/..%2fadmin}
	 */
	public boolean contains(URI uri) {
		String scheme = uri.getScheme();
		if (scheme == null || !this.scheme.equalsIgnoreCase(scheme) || this.port != port(this.scheme, uri.getPort())) {
			return false;
		}
		String host = uri.getHost();
		if ((host == null || !this.host.equalsIgnoreCase(host)) && !this.host.equals(host(uri))) {
			return false;
		}
		return uri.getRawUserInfo() == null && containsPath(uri.getRawPath());
	}

	private boolean containsPath(@Nullable String path) {
		if (path == null || path.isEmpty()) {
			return this.path.isEmpty();
		}
		if (!path.startsWith(this.path)) {
			return false;
		}
		// Whole segments: /api does not contain /apievil.
		if (path.length() > this.path.length() && path.charAt(this.path.length()) != '/') {
			return false;
		}
		return this.path.isEmpty() || !isAmbiguous(path);
	}

	/** The longest prefix wins. */
	int specificity() {
		return this.path.length();
	}

	private static boolean isAmbiguous(String path) {
		if (path.indexOf('\\') >= 0 || path.contains("/.") && hasDotSegment(path)) {
			return true;
		}
		int percent = path.indexOf('%');
		while (percent >= 0) {
			String code = path.substring(percent, Math.min(percent + 3, path.length())).toLowerCase(Locale.ROOT);
			// An encoded dot, slash, backslash or percent sign.
			if (code.equals("%2e") || code.equals("%2f") || code.equals("%5c") || code.equals("%25")) {
				return true;
			}
			percent = path.indexOf('%', percent + 1);
		}
		return false;
	}

	private static boolean hasDotSegment(String path) {
		for (String segment : path.split("/", -1)) {
			// "..;x" is ".." to servlet containers.
			String name = segment.contains(";") ? segment.substring(0, segment.indexOf(';')) : segment;
			if (name.equals(".") || name.equals("..")) {
				return true;
			}
		}
		return false;
	}

	/**
	 * The host in lower case ASCII; {@link URI#getHost()} is null for names like
	 * bücher.de.
	 */
	private static @Nullable String host(URI uri) {
		String host = uri.getHost();
		if (host != null) {
			return lower(host);
		}
		String authority = uri.getRawAuthority();
		if (authority == null || authority.contains("@") || authority.isEmpty()) {
			return null;
		}
		int colon = authority.lastIndexOf(':');
		if (colon >= 0) {
			// URI gives no port either when it does not understand the host.
			return null;
		}
		try {
			return lower(IDN.toASCII(authority, IDN.USE_STD3_ASCII_RULES));
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	private static int port(String scheme, int port) {
		if (port >= 0) {
			return port;
		}
		return "https".equals(scheme) ? 443 : 80;
	}

	private static @Nullable String lower(@Nullable String text) {
		return (text != null) ? text.toLowerCase(Locale.ROOT) : null;
	}

	@Override
	public String toString() {
		return this.scheme + "://" + this.host + ":" + this.port + this.path;
	}

}
