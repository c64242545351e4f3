package io.github.oauth2pkce.discovery;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Compares what a resource calls itself with the address that was configured (RFC 9728
 * section 3.3), and knows where its metadata is (section 3.1). Nothing here is what is
 * sent: that is the document's value, byte for byte.
 */
final class ResourceIdentifier {

	private static final Pattern DOT_SEGMENT = Pattern.compile("(^|/)(\\.|%2e){1,2}(/|$)", Pattern.CASE_INSENSITIVE);

	private ResourceIdentifier() {
	}

	/**
	 * Whether a document is about the configured resource: its {@code resource} has the
	 * same origin, and is the same path or one above it, by whole segments. Section 3.3
	 * wants them identical, but the metadata at the root of a host is about the root, and
	 * MCP servers below it are named by their host.
	 * @param resourceUri the configured resource
	 * @param resource what the document says
	 * @return {@code false} as well for what is no identifier of a resource
	 */
	static boolean matches(URI resourceUri, String resource) {
		URI uri = parse(resource);
		if (uri == null || !sameOrigin(uri, resourceUri) || uri.getRawUserInfo() != null
				|| uri.getRawFragment() != null) {
			return false;
		}
		String path = path(resourceUri);
		String prefix = path(uri);
		if (DOT_SEGMENT.matcher(path).find() || DOT_SEGMENT.matcher(prefix).find()) {
			return false;
		}
		// A query is a part of a name, not a segment: nothing is below it.
		if (uri.getRawQuery() != null
				&& !(path.equals(prefix) && uri.getRawQuery().equals(resourceUri.getRawQuery()))) {
			return false;
		}
		return path.equals(prefix) || path.startsWith(prefix + "/");
	}

	/**
	 * Where the metadata may be: the well-known path inserted before the resource's own,
	 * then the one of its host. The second is for servers that cannot serve the first.
	 * @param resourceUri the configured resource
	 * @return the addresses, each once
	 */
	static List<URI> metadataLocations(URI resourceUri) {
		String wellKnown = origin(resourceUri) + Discovery.PROTECTED_RESOURCE_PATH;
		// "any terminating slash following the host component MUST be removed"
		String path = "/".equals(resourceUri.getRawPath()) ? "" : resourceUri.getRawPath();
		String query = (resourceUri.getRawQuery() != null) ? "?" + resourceUri.getRawQuery() : "";
		return Stream.of(wellKnown + path + query, wellKnown).distinct().map(URI::create).toList();
	}

	/**
	 * RFC 6454 section 5.
	 * @return {@code false} without a host
	 */
	static boolean sameOrigin(URI one, URI other) {
		return one.getHost() != null && other.getHost() != null
				&& Objects.requireNonNullElse(one.getScheme(), "").equalsIgnoreCase(other.getScheme())
				&& one.getHost().equalsIgnoreCase(other.getHost()) && port(one) == port(other);
	}

	/** As it is written, to be shown and to be built upon. */
	static String origin(URI uri) {
		return uri.getScheme() + "://" + uri.getHost() + ((uri.getPort() >= 0) ? ":" + uri.getPort() : "");
	}

	private static int port(URI uri) {
		if (uri.getPort() >= 0) {
			return uri.getPort();
		}
		return switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
			case "https" -> 443;
			case "http" -> 80;
			default -> -1;
		};
	}

	/** Without a slash at its end: one more or less makes no other server. */
	private static String path(URI uri) {
		String path = uri.getRawPath();
		return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
	}

	private static @Nullable URI parse(String text) {
		try {
			return new URI(text);
		}
		catch (URISyntaxException ex) {
			return null;
		}
	}

}
