package io.github.oauth2pkce.target;

import java.net.IDN;
import java.net.URI;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * The host and port of a URI such as {@code https://bücher.de:8443}, for which
 * {@link URI} knows only an authority. Rare, so it may cost something.
 *
 * @param host in lower case ASCII
 * @param port the port, or -1
 */
public record InternationalHost(String host, int port) {

	/** IDNA 2003 and 2008 read these differently: two clients, two hosts. */
	private static final String AMBIGUOUS = "\u00df\u1e9e\u03c2\u200c\u200d";

	/**
	 * Reads an authority that {@link URI#getHost()} does not understand.
	 * @param uri the URI
	 * @return host and port, or {@code null} when there is any doubt about them
	 */
	public static @Nullable InternationalHost of(URI uri) {
		String raw = uri.getRawAuthority();
		if (uri.getHost() != null || raw == null || hidesAscii(raw)) {
			return null;
		}
		// Builders of URIs may escape the host as UTF-8; getAuthority() undoes that.
		String authority = uri.getAuthority();
		int colon = authority.lastIndexOf(':');
		String host = ascii((colon >= 0) ? authority.substring(0, colon) : authority);
		int port = (colon >= 0) ? port(authority.substring(colon + 1)) : -1;
		return (host != null && port >= -1) ? new InternationalHost(host, port) : null;
	}

	/** An escaped dot, slash or at sign is there to be read in two ways. */
	private static boolean hidesAscii(String authority) {
		for (int i = authority.indexOf('%'); i >= 0; i = authority.indexOf('%', i + 1)) {
			if (authority.charAt(i + 1) < '8') {
				return true;
			}
		}
		return false;
	}

	private static @Nullable String ascii(String host) {
		if (host.chars().anyMatch((c) -> AMBIGUOUS.indexOf(c) >= 0)) {
			return null;
		}
		try {
			String ascii = IDN.toASCII(host).toLowerCase(Locale.ROOT);
			return isName(ascii) ? ascii : null;
		}
		catch (RuntimeException ex) {
			// IDN throws more than it documents, on what a URI may well contain.
			return null;
		}
	}

	/** Letters, digits, hyphens and, as container networks have it, underscores. */
	private static boolean isName(String ascii) {
		return !ascii.isEmpty() && ascii.chars()
			.allMatch((c) -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.');
	}

	private static int port(String digits) {
		if (digits.isEmpty()) {
			return -1;
		}
		if (digits.length() > 5 || !digits.chars().allMatch((c) -> c >= '0' && c <= '9')) {
			return -2;
		}
		return Integer.parseInt(digits);
	}

}
