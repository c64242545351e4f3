package io.github.oauth2pkce.discovery;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.AuthorizationServerClient.Answer;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.JsonAnswer;

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

	/** Long enough for a server in order, and no burden to those who wait for a token. */
	private static final Duration PATIENCE = Duration.ofSeconds(1);

	private final AuthorizationServerClient client;

	private final ProtectedResourceMetadata resourceMetadata;

	private final InstantSource clock;

	private final Executor background;

	private final Map<Key, CachedDocument<AuthorizationServerMetadata>> issuers = new ConcurrentHashMap<>();

	private final Map<Key, CachedDocument<String>> resources = new ConcurrentHashMap<>();

	/**
	 * Creates the discovery.
	 * @param client reads the documents
	 * @param clock tells when a document is too old; one that nobody can set: by a wall
	 * clock that is set back a day, a failure would last a day
	 */
	public Discovery(AuthorizationServerClient client, InstantSource clock) {
		// Not the threads of refreshes: a re-read that hangs is nothing to wait for when
		// the application stops.
		this(client, clock, (task) -> Schedulers.boundedElastic().schedule(task));
	}

	Discovery(AuthorizationServerClient client, InstantSource clock, Executor background) {
		this.client = client;
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
		throw new DiscoveryException((problem != null)
				? "The " + endpoint.member() + " in the metadata of " + provider.issuerUri() + " " + problem + "; set "
						+ property
				: "The metadata of " + provider.issuerUri() + " has no " + endpoint.member() + "; set " + property,
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
		return (configured != null) ? configured : metadata(provider).uri(endpoint.member());
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
			.get(() -> read(provider, issuer));
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

	private <T> CachedDocument<T> document() {
		return new CachedDocument<>(this.clock, this.background, PATIENCE);
	}

	private AuthorizationServerMetadata read(Provider provider, String issuer) {
		List<String> problems = new ArrayList<>();
		boolean unreachable = false;
		boolean otherIssuer = false;
		for (URI location : locations(issuer)) {
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
		throw new DiscoveryException(
				"No metadata of issuer " + issuer + " (" + provider.property("issuer-uri") + "): "
						+ String.join("; ", problems)
						+ (otherIssuer ? "; set " + provider.property("issuer-uri") + " to that" : ""),
				unreachable, null);
	}

	/**
	 * The three forms in use: OpenID Connect appends, RFC 8414 section 3.1 inserts.
	 * @param issuer the issuer
	 * @return the locations, each once
	 */
	private static List<URI> locations(String issuer) {
		URI uri = URI.create(issuer);
		String origin = uri.getScheme() + "://" + uri.getRawAuthority();
		String path = (uri.getRawPath() != null) ? uri.getRawPath() : "";
		String trimmed = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
		return List
			.of(origin + trimmed + "/.well-known/openid-configuration",
					origin + "/.well-known/openid-configuration" + trimmed,
					origin + "/.well-known/oauth-authorization-server" + trimmed)
			.stream()
			.distinct()
			.map(URI::create)
			.toList();
	}

	private record Key(String address, @Nullable String sslBundle) {

	}

}
