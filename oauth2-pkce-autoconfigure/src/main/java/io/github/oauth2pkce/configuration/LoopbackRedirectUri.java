package io.github.oauth2pkce.configuration;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

import org.springframework.web.util.UriUtils;

/**
 * A redirect URI at which a program without a web server can listen (RFC 8252 section
 * 7.3). The name {@code localhost} is NOT RECOMMENDED there, and some servers register
 * nothing else.
 */
final class LoopbackRedirectUri {

	static final String EXAMPLE = "Use http, 127.0.0.1, [::1] or localhost, and any path,"
			+ " such as http://127.0.0.1:{port}/callback; without a port, any free one is taken.";

	private static final Set<String> HOSTS = Set.of("127.0.0.1", "[::1]", "localhost");

	private LoopbackRedirectUri() {
	}

	/**
	 * Reads a redirect URI.
	 * @param value what is configured, with or without the placeholders of Spring
	 * Security that do not depend on a request, and {@code {port}} for any
	 * @param providerId the provider's id
	 * @return the URI as a browser writes it
	 * @throws IllegalArgumentException whose message says what is wrong with the value
	 */
	static URI parse(String value, String providerId) {
		String text = value.strip()
			.replace(":{port}", "")
			.replace("{action}", "login")
			.replace("{registrationId}", UriUtils.encodePathSegment(providerId, StandardCharsets.UTF_8));
		URI uri;
		try {
			uri = new URI(text);
		}
		catch (URISyntaxException ex) {
			throw new IllegalArgumentException("is not a URL (" + ex.getReason() + ")", ex);
		}
		if (!"http".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null
				|| !HOSTS.contains(uri.getHost().toLowerCase(Locale.ROOT))) {
			throw new IllegalArgumentException("is not an http address of this machine");
		}
		if (uri.getRawFragment() != null || uri.getRawUserInfo() != null) {
			throw new IllegalArgumentException("has a fragment or user info");
		}
		if (uri.getPort() == 0 || uri.getPort() > 65535) {
			throw new IllegalArgumentException("has a port that is out of range");
		}
		if (!uri.normalize().equals(uri)) {
			throw new IllegalArgumentException("has a path that a browser changes");
		}
		return URI.create(uri.toASCIIString());
	}

}
