package io.github.oauth2pkce.discovery;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.AuthorizationServerClient.Answer;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.JsonAnswer;

/**
 * Reads what a protected resource says about itself (RFC 9728): at the address that its
 * own challenge has named, else where section 3.1 puts it. Nothing is sent to anybody
 * else before that is known to be about this resource. Blocking and thread-safe.
 */
final class ResourceDiscovery {

	private static final int MOST_SERVERS = 10;

	/** Messages repeat the issuer, some four times; no real one is half as long. */
	private static final int LONGEST_ISSUER = 500;

	private final AuthorizationServerClient client;

	private final TargetRules targets;

	ResourceDiscovery(AuthorizationServerClient client, TargetRules targets) {
		this.client = client;
		this.targets = targets;
	}

	/**
	 * Reads the metadata.
	 * @param resourceUri the protected resource
	 * @param challenged the address that a challenge of the resource has named (section
	 * 5.1), {@code null} when none has
	 * @throws DiscoveryException when there is none that may be used
	 */
	ProtectedResource read(Provider provider, URI resourceUri, @Nullable String challenged) {
		List<String> problems = new ArrayList<>();
		boolean unreachable = false;
		for (URI location : locations(resourceUri, challenged, problems)) {
			try {
				Answer answer = this.client.get(provider, location);
				JsonAnswer document = (answer.status() == 200) ? JsonAnswer.parse(answer.body()) : null;
				if (document != null) {
					return resource(provider, resourceUri, location, document);
				}
				unreachable |= answer.status() != 404;
				problems.add(location + " answered " + answer.describe());
			}
			catch (AuthorizationServerUnreachableException ex) {
				unreachable = true;
				problems.add(String.valueOf(ex.getMessage()));
				if (Thread.currentThread().isInterrupted()) {
					break;
				}
			}
		}
		throw failure(provider, String.join("; ", problems)
				+ ". It has to say which authorization server it trusts (RFC 9728); where it does not, configure "
				+ provider.property("issuer-uri") + " instead of resource-uri", unreachable);
	}

	/** The address of the challenge is the only one that counts, if it may be used. */
	private List<URI> locations(URI resourceUri, @Nullable String challenged, List<String> problems) {
		if (challenged != null) {
			try {
				URI location = new URI(challenged);
				String problem = this.targets.metadataProblem(resourceUri, location);
				if (problem == null) {
					return List.of(location);
				}
				problems.add("the address in its challenge, " + ServerText.printable(challenged, 200) + ", " + problem
						+ ", and was not asked");
			}
			catch (URISyntaxException ex) {
				problems.add("the address in its challenge is no URI");
			}
		}
		return ResourceIdentifier.metadataLocations(resourceUri);
	}

	/**
	 * Section 3.3: a document about another resource MUST NOT be used. Its servers would
	 * get a person's consent for somebody else's API.
	 */
	private ProtectedResource resource(Provider provider, URI resourceUri, URI location, JsonAnswer document) {
		String resource = document.text("resource");
		if (resource == null || !ResourceIdentifier.matches(resourceUri, resource)) {
			throw failure(provider,
					location + ((resource == null) ? " names no resource"
							: " is about '" + ServerText.printable(resource, 200) + "', which is not this resource"),
					false);
		}
		List<String> servers = new ArrayList<>();
		for (String server : document.texts("authorization_servers")) {
			if (servers.size() < MOST_SERVERS && isIssuer(server)) {
				servers.add(server);
			}
		}
		if (servers.isEmpty()) {
			throw failure(provider, location + " names no authorization server", false);
		}
		// With the limits of what a resource may ask for in a challenge.
		Set<String> scopes = new ResourceDemand(false, new LinkedHashSet<>(document.texts("scopes_supported")), null,
				null, null, null)
			.scopes();
		return new ProtectedResource(resource, List.copyOf(servers), scopes,
				document.isTrue("dpop_bound_access_tokens_required"), document.texts(Discovery.PROOF_ALGORITHMS));
	}

	/** RFC 8414 section 2: no query, no fragment. */
	private static boolean isIssuer(String text) {
		if (text.length() > LONGEST_ISSUER || TargetRules.textProblem(text) != null) {
			return false;
		}
		try {
			URI uri = new URI(text);
			return uri.getHost() != null && uri.getRawUserInfo() == null && uri.getRawQuery() == null
					&& uri.getRawFragment() == null;
		}
		catch (URISyntaxException ex) {
			return false;
		}
	}

	private static DiscoveryException failure(Provider provider, String problem, boolean unreachable) {
		return new DiscoveryException("No authorization server for " + provider.resourceUri() + " ("
				+ provider.property("resource-uri") + "): " + problem, unreachable, null);
	}

}
