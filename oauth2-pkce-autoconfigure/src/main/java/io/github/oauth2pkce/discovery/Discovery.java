package io.github.oauth2pkce.discovery;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.CodeChallenge;
import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Request;
import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.token.AuthorizationServerClient;

/**
 * Finds endpoints: the configured one, else the one in the issuer's metadata (RFC 8414
 * section 3), which is read when first needed, once for all providers of an issuer, and
 * kept; and the resource that tokens are for, likewise. What is too old is read again in
 * the background. A failure is kept too, for a short while, so that a dead issuer is not
 * asked by every request. Blocking and thread-safe.
 */
public final class Discovery {

	/** What the address of a protected resource's metadata has in it (RFC 9728). */
	public static final String PROTECTED_RESOURCE_PATH = "/.well-known/oauth-protected-resource";

	/** RFC 9449 section 5.1, and RFC 9728 section 2. */
	static final String PROOF_ALGORITHMS = "dpop_signing_alg_values_supported";

	/** Long enough for a server in order, and no burden to those who wait for a token. */
	private static final Duration PATIENCE = Duration.ofSeconds(1);

	private static final String OFFLINE_ACCESS = "offline_access";

	private final IssuerDiscovery issuerDiscovery;

	private final ProtectedResourceMetadata resourceMetadata;

	private final InstantSource clock;

	private final Executor background;

	private final Map<Key, CachedDocument<AuthorizationServerMetadata>> issuers = new ConcurrentHashMap<>();

	private final Map<Key, CachedDocument<String>> resources = new ConcurrentHashMap<>();

	private final ProtectedResources protectedResources;

	private final TargetRules targets = new TargetRules();

	/**
	 * Creates the discovery.
	 * @param client reads the documents
	 * @param clock tells when a document is too old; one that nobody can set: by a wall
	 * clock that is set back a day, a failure would last a day
	 */
	public Discovery(AuthorizationServerClient client, InstantSource clock) {
		this(client, clock, new ResourceDemands());
	}

	/**
	 * Creates the discovery of an application whose requests are challenged.
	 * @param client reads the documents
	 * @param clock tells when a document is too old; one that nobody can set
	 * @param demands what resources have said in challenges
	 */
	public Discovery(AuthorizationServerClient client, InstantSource clock, ResourceDemands demands) {
		// Not the threads of refreshes: a re-read that hangs is nothing to wait for when
		// the application stops.
		this(client, clock, demands, (task) -> Schedulers.boundedElastic().schedule(task));
	}

	Discovery(AuthorizationServerClient client, InstantSource clock, Executor background) {
		this(client, clock, new ResourceDemands(), background);
	}

	private Discovery(AuthorizationServerClient client, InstantSource clock, ResourceDemands demands,
			Executor background) {
		this.issuerDiscovery = new IssuerDiscovery(client);
		this.protectedResources = new ProtectedResources(new ResourceDiscovery(client, this.targets), demands, clock,
				this::document);
		this.resourceMetadata = new ProtectedResourceMetadata(client);
		this.clock = clock;
		this.background = background;
	}

	/**
	 * Finds an endpoint that is needed.
	 * @param provider the provider
	 * @param endpoint which one
	 * @return the endpoint
	 * @throws DiscoveryException when it is neither configured nor in the metadata
	 */
	public URI endpoint(Provider provider, Endpoint endpoint) {
		URI uri = find(provider, endpoint);
		if (uri != null) {
			return uri;
		}
		String property = provider.property(endpoint.property());
		if (provider.issuerUri() == null) {
			throw new DiscoveryException(
					"There is no " + endpoint.member() + ": set " + property + ", or issuer-uri to discover it", false,
					null);
		}
		String problem = metadata(provider).problem(endpoint.member());
		// Beside a resource-uri it may not be set.
		String advice = "; set " + property + ((provider.resourceUri() != null)
				? ", with issuer-uri and client-id, instead of " + provider.property("resource-uri") : "");
		throw new DiscoveryException(
				(problem != null)
						? "The " + endpoint.member() + " in the metadata of " + provider.issuerUri() + " " + problem
								+ advice
						: "The metadata of " + provider.issuerUri() + " has no " + endpoint.member() + advice,
				false, null);
	}

	/**
	 * Finds an endpoint that may be missing.
	 * @param provider the provider
	 * @param endpoint which one
	 * @return the endpoint, or {@code null} when the server has none
	 * @throws DiscoveryException when the metadata could not be read
	 */
	public @Nullable URI find(Provider provider, Endpoint endpoint) {
		URI configured = endpoint.configured(provider.endpoints());
		if (configured != null) {
			return configured;
		}
		URI found = metadata(provider).uri(endpoint.member());
		String problem = (found != null) ? problem(provider, found) : null;
		if (problem != null) {
			throw notContacted(provider, "The " + endpoint.member() + " of " + provider.issuerUri(), problem);
		}
		return found;
	}

	/** An endpoint on the issuer's own host is where the metadata was. */
	private @Nullable String problem(Provider provider, URI found) {
		URI resourceUri = provider.resourceUri();
		String issuer = provider.issuerUri();
		if (resourceUri == null || (issuer != null && found.getHost().equalsIgnoreCase(URI.create(issuer).getHost()))) {
			return null;
		}
		// Endpoints may be in the same network as the issuer that the user has
		// configured.
		boolean beside = issuer != null && this.targets.problem(URI.create(issuer), found) == null;
		return beside ? null : this.targets.problem(resourceUri, found);
	}

	/**
	 * The metadata of a provider's issuer.
	 * @param provider the provider
	 * @return the metadata, {@link AuthorizationServerMetadata#NONE} without an issuer
	 * @throws DiscoveryException when it could not be read
	 */
	public AuthorizationServerMetadata metadata(Provider provider) {
		String issuer = provider.issuerUri();
		if (issuer == null) {
			return AuthorizationServerMetadata.NONE;
		}
		return this.issuers.computeIfAbsent(new Key(issuer, provider.client().sslBundle()), (key) -> document())
			.get(() -> this.issuerDiscovery.read(provider, issuer));
	}

	/**
	 * What is known of a provider's issuer. Never asks: a request that is about to be
	 * sent must not wait for another.
	 * @param provider the provider
	 * @return the metadata, {@link AuthorizationServerMetadata#NONE} when nobody has read
	 * it
	 */
	public AuthorizationServerMetadata known(Provider provider) {
		String issuer = provider.issuerUri();
		CachedDocument<AuthorizationServerMetadata> document = (issuer != null)
				? this.issuers.get(new Key(issuer, provider.client().sslBundle())) : null;
		AuthorizationServerMetadata metadata = (document != null) ? document.peek() : null;
		return (metadata != null) ? metadata : AuthorizationServerMetadata.NONE;
	}

	/**
	 * Finds the address of an endpoint for clients that have a certificate (RFC 8705
	 * section 5). Never asks.
	 * @param provider the provider
	 * @param uri the endpoint
	 * @return the alias, or the same when the server has none or the endpoint is
	 * configured
	 * @throws DiscoveryException when the alias may not be used
	 */
	public URI mutualTlsAlias(Provider provider, URI uri) {
		AuthorizationServerMetadata metadata = known(provider);
		AuthorizationServerMetadata aliases = metadata.mutualTlsAliases();
		for (Endpoint endpoint : Endpoint.values()) {
			if (endpoint.configured(provider.endpoints()) == null && uri.equals(metadata.uri(endpoint.member()))) {
				URI alias = aliases.uri(endpoint.member());
				String problem = (alias != null) ? problem(provider, alias) : aliases.problem(endpoint.member());
				if (problem != null) {
					throw new DiscoveryException("The " + endpoint.member() + " in the mtls_endpoint_aliases of "
							+ provider.issuerUri() + " " + problem + ", so nothing was sent there", false, null);
				}
				return (alias != null) ? alias : uri;
			}
		}
		return uri;
	}

	/**
	 * Finds the resource that tokens are meant for: the configured one, else the one in
	 * the metadata of the protected resource (RFC 9728), which is kept as an issuer's is.
	 * @param provider the provider
	 * @return the provider, to make requests for; its resources are known
	 * @throws DiscoveryException when the metadata could not be read, or may not be used
	 */
	public Provider withResources(Provider provider) {
		URI location = provider.request().resourceMetadataUri();
		if (location == null) {
			return provider;
		}
		String resource = this.resources
			.computeIfAbsent(new Key(location.toString(), provider.client().sslBundle()), (key) -> document())
			.get(() -> this.resourceMetadata.resource(provider, location));
		return provider.withResources(List.of(resource));
	}

	/**
	 * Finds out what a provider leaves open: its authorization server by its resource
	 * (RFC 9728), and what a token for that resource has to be asked for.
	 * @param provider the provider
	 * @return the provider, to make requests for; its issuer and resources are known
	 * @throws DiscoveryException when a document could not be read, or may not be used
	 */
	public Provider resolve(Provider provider) {
		URI resourceUri = provider.resourceUri();
		if (resourceUri == null) {
			return withResources(provider);
		}
		ProtectedResource resource = this.protectedResources.get(provider, resourceUri);
		checkBoundTokens(provider, resource);
		Provider known = provider.withIssuer(issuer(provider, resource));
		AuthorizationServerMetadata metadata = metadata(known);
		checkProofKeys(known, metadata);
		Request asked = known.request();
		Set<String> scopes = new LinkedHashSet<>(asked.scopes());
		boolean offered = metadata.list("scopes_supported").contains(OFFLINE_ACCESS);
		if (!offered) {
			scopes.remove(OFFLINE_ACCESS);
		}
		if (scopes.isEmpty()) {
			scopes.addAll(resource.scopesSupported());
			// It is the server's to offer, and not the resource's.
			scopes.remove(OFFLINE_ACCESS);
		}
		if (offered && provider.grant().needsPerson()) {
			scopes.add(OFFLINE_ACCESS);
		}
		return known.withRequest(new Request(scopes, List.of(resource.resource()), null, asked.additionalParameters()));
	}

	/**
	 * The scopes that an application may come to ask for.
	 * @param provider the provider, its server known
	 * @return what it asks for now, and what its resource knows beside that
	 */
	public Set<String> possibleScopes(Provider provider) {
		Set<String> scopes = new LinkedHashSet<>(provider.request().scopes());
		URI resourceUri = provider.resourceUri();
		if (resourceUri != null) {
			scopes.addAll(this.protectedResources.get(provider, resourceUri).scopesSupported());
		}
		return scopes;
	}

	/**
	 * Whether a resource still trusts a server.
	 * @param provider the provider
	 * @param issuer the server that has issued its tokens
	 * @return {@code false} only when the resource says so: it has moved to another
	 * server, and nothing of this one's is of use to it
	 */
	public boolean isTrusted(Provider provider, String issuer) {
		try {
			return isNamed(provider, issuer);
		}
		catch (DiscoveryException ex) {
			return true;
		}
	}

	/**
	 * Whether a resource names a server, where that must not be guessed.
	 * @param provider the provider
	 * @param issuer the server
	 * @return {@code true} also when no resource is configured
	 * @throws DiscoveryException when the resource cannot be asked
	 */
	public boolean isNamed(Provider provider, String issuer) {
		URI resourceUri = provider.resourceUri();
		return resourceUri == null
				|| this.protectedResources.get(provider, resourceUri).authorizationServers().contains(issuer);
	}

	/**
	 * Whether a token for a resource is one for the resource at an address.
	 * @param resourceUri the address of the protected resource
	 * @param resource what a resource calls itself
	 * @return {@code true} for the same, or one that it is a part of
	 */
	public static boolean isAbout(URI resourceUri, String resource) {
		return ResourceIdentifier.matches(resourceUri, resource);
	}

	/**
	 * Has what a resource says read again when it is next needed: it has just refused a
	 * request, and may have moved.
	 * @param providerId the provider
	 */
	public void refused(String providerId) {
		this.protectedResources.refused(providerId);
	}

	private String issuer(Provider provider, ProtectedResource resource) {
		String pinned = provider.issuerUri();
		if (pinned != null && !resource.authorizationServers().contains(pinned)) {
			throw new DiscoveryException(
					"The resource " + provider.resourceUri() + " does not trust " + provider.property("issuer-uri")
							+ " = " + pinned + ", but "
							+ ServerText.printable(String.join(", ", resource.authorizationServers()), 300),
					false, null);
		}
		String issuer = (pinned != null) ? pinned : resource.authorizationServers().get(0);
		// Whoever has pinned it knows where it is.
		String problem = (pinned != null) ? null
				: this.targets.problem(URI.create(resource.resource()), URI.create(issuer));
		if (problem != null) {
			throw notContacted(provider, "The authorization server " + ServerText.printable(issuer, 200), problem);
		}
		return issuer;
	}

	private static DiscoveryException notContacted(Provider provider, String target, String problem) {
		return new DiscoveryException(target + ", which " + provider.resourceUri() + " ("
				+ provider.property("resource-uri") + ") names, " + problem + ", so nothing was sent there", false,
				null);
	}

	/** MCP: clients MUST refuse to proceed when the metadata does not list S256. */
	private static void checkProofKeys(Provider known, AuthorizationServerMetadata metadata) {
		if (known.grant().needsPerson()
				&& !metadata.list("code_challenge_methods_supported").contains(CodeChallenge.METHOD)) {
			throw new DiscoveryException("The authorization server " + known.issuerUri()
					+ " does not say that it checks proof keys (code_challenge_methods_supported lacks S256), so nobody"
					+ " is sent there. Where you know that it does, configure " + known.property("issuer-uri")
					+ " and client-id instead of resource-uri", false, null);
		}
	}

	private static void checkBoundTokens(Provider provider, ProtectedResource resource) {
		if (resource.boundTokensRequired() && !provider.tokens().dpop()) {
			throw new DiscoveryException(
					"The resource " + provider.resourceUri() + " takes no token that is not bound to a key"
							+ " (dpop_bound_access_tokens_required): set " + provider.property("dpop") + "=true",
					false, null);
		}
		checkProofs(provider, "The resource " + provider.resourceUri(), resource.proofAlgorithms());
	}

	/**
	 * Makes sure that a server takes our proofs (RFC 9449 section 5.1), if it says which
	 * ones it takes. Never asks: what is not known yet is no obstacle.
	 * @param provider the provider, its server known
	 * @throws DiscoveryException when it takes other ones only
	 */
	public void checkProofs(Provider provider) {
		checkProofs(provider, "The authorization server " + provider.issuerUri(),
				known(provider).list(PROOF_ALGORITHMS));
	}

	private static void checkProofs(Provider provider, String who, Collection<String> algorithms) {
		if (provider.tokens().dpop() && !algorithms.isEmpty() && !algorithms.contains(DpopKey.ALGORITHM)) {
			throw new DiscoveryException(who + " takes proofs that are signed by "
					+ ServerText.printable(String.join(", ", algorithms), 200) + " (" + PROOF_ALGORITHMS
					+ "), and none by " + DpopKey.ALGORITHM + ", which " + provider.property("dpop")
					+ " makes: have it accept " + DpopKey.ALGORITHM + ", or set that to false", false, null);
		}
	}

	private <T> CachedDocument<T> document() {
		return new CachedDocument<>(this.clock, this.background, PATIENCE);
	}

	private record Key(String address, @Nullable String sslBundle) {

	}

}
