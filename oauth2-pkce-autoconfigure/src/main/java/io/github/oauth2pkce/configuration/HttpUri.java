package io.github.oauth2pkce.configuration;

import java.net.URI;
import java.net.URISyntaxException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.SecureTransport;

/**
 * A configured URL of a server: absolute, and without anything that could be a secret.
 */
final class HttpUri {

	private static final Logger logger = LoggerFactory.getLogger(HttpUri.class);

	private HttpUri() {
	}

	/**
	 * Reads a URL.
	 * @param property where it is configured
	 * @param value what is there
	 */
	static URI parse(String property, String value) {
		PropertyText.checkPlaceholder(property, value, false);
		try {
			URI uri = new URI(value);
			boolean http = "https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme());
			if (!http || uri.getHost() == null) {
				throw new InvalidPropertyException(property, value, "is not an absolute http or https URL",
						"Use a complete URL, such as https://login.example.com/realms/main.");
			}
			if (uri.getRawFragment() != null || uri.getRawUserInfo() != null) {
				throw new InvalidPropertyException(property, null, "has a fragment or user info",
						"Remove both; credentials go to client-id and client-secret.");
			}
			if (!SecureTransport.isSecure(uri)) {
				logger.warn(
						"The property {}{} is plain http to another machine:"
								+ " secrets, codes and tokens can be read on the way. Use https.",
						property, PropertyText.quoted(value));
			}
			return uri;
		}
		catch (URISyntaxException ex) {
			throw new InvalidPropertyException(property, value, "is not a URL (" + ex.getReason() + ")",
					"Use a complete URL, such as https://login.example.com/realms/main.");
		}
	}

}
