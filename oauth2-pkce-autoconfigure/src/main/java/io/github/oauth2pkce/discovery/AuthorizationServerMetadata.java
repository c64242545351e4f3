package io.github.oauth2pkce.discovery;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
	 * A member that is a list of strings.
	 * @param name the member
	 * @return its values, none when absent or something else
	 */
	public Set<String> list(String name) {
		Set<String> texts = new LinkedHashSet<>();
		if (this.values.get(name) instanceof List<?> list) {
			list.forEach((item) -> {
				if (item instanceof String text) {
					texts.add(text);
				}
			});
		}
		return texts;
	}

	/**
	 * The endpoints for clients that have a certificate (RFC 8705 section 5), by the same
	 * members and to the same rules.
	 */
	AuthorizationServerMetadata mutualTlsAliases() {
		Map<String, Object> aliases = new LinkedHashMap<>();
		if (this.values.get("mtls_endpoint_aliases") instanceof Map<?, ?> members) {
			members.forEach((name, value) -> aliases.put(String.valueOf(name), value));
		}
		aliases.put("issuer", this.values.get("issuer"));
		return new AuthorizationServerMetadata(aliases);
	}

	/**
	 * An endpoint.
	 * @param name the member
	 * @return an absolute http or https URI, or {@code null} when absent or unusable: see
	 * {@link #problem(String)}
	 */
	public @Nullable URI uri(String name) {
		String text = text(name);
		try {
			return (text != null && problem(name) == null) ? new URI(text) : null;
		}
		catch (URISyntaxException ex) {
			return null;
		}
	}

	/**
	 * What is wrong with an endpoint.
	 * @param name the member
	 * @return the end of a sentence that begins with its name, {@code null} when it is
	 * absent or usable
	 */
	@Nullable String problem(String name) {
		Object value = this.values.get(name);
		if (value == null) {
			return null;
		}
		if (!(value instanceof String text)) {
			return "is no string";
		}
		try {
			String problem = problem(new URI(text));
			return (problem != null) ? problem : TargetRules.textProblem(text);
		}
		catch (URISyntaxException ex) {
			return "is no URI";
		}
	}

	private @Nullable String problem(URI uri) {
		if (!uri.isAbsolute()) {
			return "is a relative URI";
		}
		if (!"https".equalsIgnoreCase(uri.getScheme()) && !"http".equalsIgnoreCase(uri.getScheme())) {
			return "is neither https nor http";
		}
		if (uri.getHost() == null) {
			return "has no host";
		}
		if (uri.getRawFragment() != null) {
			// RFC 6749 sections 3.1 and 3.2: MUST NOT; our parameters would be in it.
			return "has a fragment";
		}
		if (uri.getRawUserInfo() != null) {
			return "has user information, which makes one host look like another";
		}
		return isSecure(uri) ? null : "is plain http, in the document of an issuer that is not";
	}

	/**
	 * Who asked over https must not be sent to plain http (RFC 8628 section 3.1), nor by
	 * another machine to a service of this one.
	 */
	private boolean isSecure(URI uri) {
		if ("https".equalsIgnoreCase(uri.getScheme())) {
			return true;
		}
		String issuer = text("issuer");
		if (issuer == null || !issuer.regionMatches(true, 0, "https:", 0, 6)) {
			return true;
		}
		return SecureTransport.isLoopback(uri) && SecureTransport.isLoopback(URI.create(issuer));
	}

}
