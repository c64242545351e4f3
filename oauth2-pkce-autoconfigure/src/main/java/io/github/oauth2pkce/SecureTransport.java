package io.github.oauth2pkce;

import java.net.URI;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Where something secret may go: over https anywhere, over plain http only to this
 * machine (RFC 6750 section 5.3, RFC 8252 section 8.3).
 */
public final class SecureTransport {

	/** Literals only: a name that merely begins with 127 can be anywhere. */
	private static final Pattern LOOPBACK_IPV4 = Pattern.compile("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");

	private SecureTransport() {
	}

	/**
	 * Whether a URI is https, or http to a loopback address.
	 * @param uri the URI
	 * @return {@code false} for anything else, relative URIs included
	 */
	public static boolean isSecure(URI uri) {
		String scheme = uri.getScheme();
		// equals() first: it is faster, and nearly always true.
		if ("https".equals(scheme) || "https".equalsIgnoreCase(scheme)) {
			return uri.getHost() != null;
		}
		return "http".equalsIgnoreCase(scheme) && isLoopback(uri);
	}

	/**
	 * Whether a URI is one of this machine, which no other device can open.
	 * @param uri the URI
	 * @return {@code false} for any other host, and for none
	 */
	public static boolean isLoopback(URI uri) {
		String host = uri.getHost();
		if (host == null) {
			return false;
		}
		String name = host.toLowerCase(Locale.ROOT);
		// The pattern comes last, it costs as much as all the rest of a request.
		return "127.0.0.1".equals(name) || "localhost".equals(name) || "[::1]".equals(name)
				|| "[0:0:0:0:0:0:0:1]".equals(name) || LOOPBACK_IPV4.matcher(name).matches();
	}

}
