package io.github.oauth2pkce.discovery;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.SecureTransport;

/**
 * What an authorization server says about itself (RFC 8414 section 2, OpenID Connect
 * Discovery 1.0 section 3). Immutable.
 *
 * @param values all members of the document, unknown ones too
 */
public record AuthorizationServerMetadata(Map<String, Object> values) {

	/** Of a provider without an issuer: nothing is known. */
	public static final AuthorizationServerMetadata NONE = new AuthorizationServerMetadata(Map.of());

	/**
	 * Copies the members.
	 * @param values all members of the document, unknown ones too
	 */
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
	 * @return an absolute http or https URI, or {@code null} when absent or unusable:
	 * plain http to another machine, for one, in the document of an https issuer: plain
	 * http to another machine, for one, in the document of an https issuer
	 */
	public @Nullable URI uri(String name) {
		String text = text(name);
		try {
			return (text != null) ? usable(new URI(text)) : null;
		}
		catch (URISyntaxException ex) {
			return null;
		}
	}

	/**
	 * Who asked over https must not be sent to plain http (RFC 8628 section 3.1).
	 */
	private @Nullable URI usable(URI uri) {
		boolean http = "https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme());
		if (!http || uri.getHost() == null) {
			return null;
		}
		String issuer = text("issuer");
		boolean plainIssuer = issuer == null || !issuer.regionMatches(true, 0, "https:", 0, 6);
		return (plainIssuer || SecureTransport.isSecure(uri)) ? uri : null;
	}

}
