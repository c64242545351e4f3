package io.github.oauth2pkce.testing;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Reads what a client says about itself, and refuses what RFC 7591 section 2 and OpenID
 * Connect Dynamic Client Registration section 2 do not allow.
 */
final class ClientMetadata {

	private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "[::1]", "localhost");

	private ClientMetadata() {
	}

	static Map<String, Object> read(RecordedRequest request, DiscoverySettings discovery) {
		String contentType = request.header("Content-Type");
		Map<String, Object> sent = Json.readObject(request.body());
		if (contentType == null || !contentType.startsWith("application/json") || sent == null) {
			throw invalid("Not a JSON object");
		}
		Map<String, Object> metadata = new LinkedHashMap<>();
		metadata.put("application_type", "web");
		metadata.put("grant_types", List.of("authorization_code"));
		metadata.put("response_types", List.of("code"));
		metadata.put("token_endpoint_auth_method", "client_secret_basic");
		metadata.putAll(sent);
		if (!Set.of("web", "native").contains(metadata.get("application_type"))) {
			throw invalid("Invalid application_type");
		}
		if (!discovery.authenticationMethods().contains(metadata.get("token_endpoint_auth_method"))) {
			throw invalid("Unsupported token_endpoint_auth_method");
		}
		if (!discovery.grantTypes().containsAll(list(metadata, "grant_types"))) {
			throw invalid("Unsupported grant_types");
		}
		checkRedirectUris(metadata);
		return metadata;
	}

	private static void checkRedirectUris(Map<String, Object> metadata) {
		List<String> redirectUris = list(metadata, "redirect_uris");
		if (redirectUris.isEmpty() && list(metadata, "grant_types").contains("authorization_code")) {
			throw refused("Missing redirect_uris");
		}
		boolean web = "web".equals(metadata.get("application_type"));
		for (String redirectUri : redirectUris) {
			URI uri = parse(redirectUri);
			if (uri == null || uri.getScheme() == null || uri.getRawFragment() != null) {
				throw refused("Not an absolute URI without a fragment");
			}
			// "Web Clients […] MUST NOT use localhost as the hostname. Native Clients
			// MUST only register redirect_uris using custom URI schemes or loopback
			// URLs using the http scheme".
			boolean loopback = "http".equals(uri.getScheme()) && LOOPBACK.contains(String.valueOf(uri.getHost()));
			if (web ? !"https".equals(uri.getScheme()) : !loopback && uri.getScheme().startsWith("http")) {
				throw refused("Not for the application_type");
			}
		}
	}

	private static @Nullable URI parse(String uri) {
		try {
			return URI.create(uri);
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	private static List<String> list(Map<String, Object> metadata, String name) {
		Object value = metadata.getOrDefault(name, List.of());
		if (!(value instanceof List<?> values) || !values.stream().allMatch(String.class::isInstance)) {
			throw invalid("Not an array of strings: " + name);
		}
		return values.stream().map(String.class::cast).toList();
	}

	private static ProtocolError invalid(String description) {
		return new ProtocolError(400, "invalid_client_metadata", description);
	}

	private static ProtocolError refused(String description) {
		return new ProtocolError(400, "invalid_redirect_uri", description);
	}

}
