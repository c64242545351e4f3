package io.github.oauth2pkce.discovery;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.AuthorizationServerClient.Answer;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.JsonAnswer;

/**
 * Reads what an issuer says about itself (RFC 8414 section 3, OpenID Connect Discovery
 * 1.0 section 4), wherever it says so. Blocking and thread-safe.
 */
final class IssuerDiscovery {

	private final AuthorizationServerClient client;

	IssuerDiscovery(AuthorizationServerClient client) {
		this.client = client;
	}

	/**
	 * Reads the metadata of an issuer.
	 * @throws DiscoveryException when it cannot be read, or may not be used
	 */
	AuthorizationServerMetadata read(Provider provider, String issuer) {
		List<String> problems = new ArrayList<>();
		boolean unreachable = false;
		boolean otherIssuer = false;
		for (URI location : locations(provider, issuer)) {
			try {
				Answer answer = this.client.get(provider, location);
				JsonAnswer json = (answer.status() == 200) ? JsonAnswer.parse(answer.body()) : null;
				if (json == null) {
					// Unlike Spring Security: a 5xx at one form does not end the search,
					// some gateways answer so for paths that they do not know.
					unreachable |= answer.status() != 404;
					problems.add(location + " answered " + answer.describe());
					continue;
				}
				String actual = json.text("issuer");
				if (!issuer.equals(actual)) {
					// RFC 8414 section 3.3: if these values are not identical, the data
					// MUST NOT be used.
					problems
						.add(location + " is of issuer '" + ServerText.printable(String.valueOf(actual), 200) + "'");
					otherIssuer = true;
					continue;
				}
				return new AuthorizationServerMetadata(json.toMap());
			}
			catch (AuthorizationServerUnreachableException ex) {
				unreachable = true;
				problems.add(String.valueOf(ex.getMessage()));
				if (Thread.currentThread().isInterrupted()) {
					// A login that was cancelled: the other forms would fail at once.
					break;
				}
			}
		}
		throw new DiscoveryException("No metadata of issuer " + issuer + " (" + provider.property("issuer-uri") + "): "
				+ String.join("; ", problems) + ((otherIssuer && provider.resourceUri() == null)
						? "; set " + provider.property("issuer-uri") + " to that" : ""),
				unreachable, null);
	}

	/**
	 * The three forms in use: OpenID Connect appends, RFC 8414 section 3.1 inserts. For a
	 * resource that names its server, RFC 8414 goes first, as MCP demands. The order only
	 * decides for servers with more than one document.
	 * @return the locations, each once
	 */
	private static List<URI> locations(Provider provider, String issuer) {
		URI uri = URI.create(issuer);
		String origin = uri.getScheme() + "://" + uri.getRawAuthority();
		String path = (uri.getRawPath() != null) ? uri.getRawPath() : "";
		String trimmed = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
		String appended = origin + trimmed + "/.well-known/openid-configuration";
		String inserted = origin + "/.well-known/openid-configuration" + trimmed;
		String oauth = origin + "/.well-known/oauth-authorization-server" + trimmed;
		return ((provider.resourceUri() != null) ? List.of(oauth, inserted, appended)
				: List.of(appended, inserted, oauth))
			.stream()
			.distinct()
			.map(URI::create)
			.toList();
	}

}
