package io.github.oauth2pkce.discovery;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What an authorization server says about itself (RFC 8414 section 2, OpenID Connect
 * Discovery 1.0 section 3). Immutable.
 *
 * @param values all members of the document, unknown ones too
 */
public record AuthorizationServerMetadata(Map<String, Object> values) {

	/** Of a provider without an issuer: nothing is known. */
	public static final AuthorizationServerMetadata NONE = new AuthorizationServerMetadata(Map.of());

	public AuthorizationServerMetadata {
		values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
	}

	/**
	 * A string member.
	 * @param name the member
	 * @return its value, or {@code null} when absent or not a string
	 */
	public @Nullable String text(String name) {
		return (this.values.get(name) instanceof String text) ? text : null;
	}

	/**
	 * An endpoint.
	 * @param name the member
	 * @return an absolute http or https URI, or {@code null} when absent or unusable
	 */
	public @Nullable URI uri(String name) {
		String text = text(name);
		try {
			URI uri = (text != null) ? new URI(text) : null;
			return (uri != null && uri.getHost() != null
					&& ("https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme()))) ? uri
							: null;
		}
		catch (URISyntaxException ex) {
			return null;
		}
	}

}
