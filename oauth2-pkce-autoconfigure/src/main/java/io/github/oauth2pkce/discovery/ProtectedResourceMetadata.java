package io.github.oauth2pkce.discovery;

import java.net.URI;
import java.net.URISyntaxException;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.AuthorizationServerClient.Answer;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.JsonAnswer;

/** What a protected resource says about itself (RFC 9728): what it calls itself. */
final class ProtectedResourceMetadata {

	private final AuthorizationServerClient client;

	ProtectedResourceMetadata(AuthorizationServerClient client) {
		this.client = client;
	}

	/**
	 * Reads the resource identifier.
	 * @throws DiscoveryException when it cannot be read, or may not be used
	 */
	String resource(Provider provider, URI location) {
		JsonAnswer document = read(provider, location);
		String resource = document.text("resource");
		if (resource == null) {
			throw failure(provider, location, "names no resource", false);
		}
		// Section 3.3: MUST be identical to the identifier into which the well-known path
		// was inserted. If not, the data MUST NOT be used: the audience of the token
		// would be somebody else's.
		String metadata = location(resource);
		if (!location.toString().equals(metadata)) {
			throw failure(provider, location,
					"is of resource '" + ServerText.printable(resource, 200) + "', whose metadata is elsewhere", false);
		}
		return resource;
	}

	private JsonAnswer read(Provider provider, URI location) {
		Answer answer;
		try {
			answer = this.client.get(provider, location);
		}
		catch (AuthorizationServerUnreachableException ex) {
			throw new DiscoveryException(sentence(provider) + ex.getMessage(), true, ex);
		}
		JsonAnswer document = (answer.status() == 200) ? JsonAnswer.parse(answer.body()) : null;
		if (document == null) {
			throw failure(provider, location, "answered " + answer.describe(), answer.status() != 404);
		}
		return document;
	}

	/**
	 * Where the metadata of a resource is, as section 3.1 makes it.
	 * @return the address, or {@code null} when this is no identifier of a resource
	 */
	private static @Nullable String location(String resource) {
		try {
			URI uri = new URI(resource);
			// Section 1.2: no fragment; and a comparison that leaves it out would not see
			// it.
			if (uri.getHost() == null || uri.getRawFragment() != null) {
				return null;
			}
			// Any terminating slash following the host component MUST be removed.
			String path = "/".equals(uri.getRawPath()) ? "" : uri.getRawPath();
			String query = (uri.getRawQuery() != null) ? "?" + uri.getRawQuery() : "";
			return uri.getScheme() + "://" + uri.getRawAuthority() + Discovery.PROTECTED_RESOURCE_PATH + path + query;
		}
		catch (URISyntaxException ex) {
			return null;
		}
	}

	private static DiscoveryException failure(Provider provider, URI location, String problem, boolean unreachable) {
		String address = location.getScheme() + "://" + location.getRawAuthority() + location.getRawPath();
		return new DiscoveryException(sentence(provider) + address + " " + problem, unreachable, null);
	}

	private static String sentence(Provider provider) {
		return "No audience for '" + provider.id() + "' (" + provider.property("resource-metadata-uri") + "): ";
	}

}
