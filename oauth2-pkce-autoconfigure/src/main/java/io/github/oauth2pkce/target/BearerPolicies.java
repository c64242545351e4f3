package io.github.oauth2pkce.target;

import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/** Which provider a request is for. Immutable. */
public final class BearerPolicies {

	private static final Comparator<Route> LONGEST_FIRST = Comparator
		.comparingInt((Route route) -> route.baseUrl().path().length())
		.reversed();

	private final Map<String, BearerPolicy> byProvider = new HashMap<>();

	/** By host, the longest path first. */
	private final Map<String, List<Route>> byHost = new HashMap<>();

	private final boolean originShared;

	/** Ids of providers by base URL. */
	private final Map<String, Set<String>> claims = new LinkedHashMap<>();

	/**
	 * Creates the policies.
	 * @param policies one for each provider
	 */
	public BearerPolicies(Collection<BearerPolicy> policies) {
		for (BearerPolicy policy : policies) {
			this.byProvider.put(policy.providerId(), policy);
			policy.baseUrls()
				.forEach((baseUrl) -> this.claims.computeIfAbsent(baseUrl.toString(), (url) -> new LinkedHashSet<>())
					.add(policy.providerId()));
		}
		Set<String> contested = contested().keySet();
		for (BearerPolicy policy : policies) {
			for (BaseUrl baseUrl : policy.baseUrls()) {
				BearerPolicy owner = contested.contains(baseUrl.toString()) ? null : policy;
				this.byHost.computeIfAbsent(baseUrl.host(), (host) -> new ArrayList<>()).add(new Route(baseUrl, owner));
			}
		}
		this.byHost.values().forEach((routes) -> routes.sort(LONGEST_FIRST));
		this.originShared = shareAnOrigin(policies);
	}

	private static boolean shareAnOrigin(Collection<BearerPolicy> policies) {
		Map<String, String> owners = new HashMap<>();
		return policies.stream().anyMatch((policy) -> policy.baseUrls().stream().anyMatch((baseUrl) -> {
			String owner = owners.putIfAbsent(baseUrl.origin(), policy.providerId());
			return owner != null && !owner.equals(policy.providerId());
		}));
	}

	/**
	 * Whether two providers have base URLs of one origin, so that only the path decides
	 * between their bearers.
	 * @return whether a redirect within an origin can take a bearer to another provider's
	 * API
	 */
	public boolean isOriginShared() {
		return this.originShared;
	}

	/**
	 * The policy of a provider.
	 * @param providerId the provider
	 * @return its policy, or {@code null} when no provider has that id
	 */
	public @Nullable BearerPolicy of(String providerId) {
		return this.byProvider.get(providerId);
	}

	/**
	 * Base URLs that more than one provider has. A request below one gets no bearer
	 * unless it names its provider, or lies below a longer base URL as well.
	 * @return ids of providers by base URL, in the order of the configuration
	 */
	public Map<String, Set<String>> contested() {
		Map<String, Set<String>> contested = new LinkedHashMap<>(this.claims);
		contested.values().removeIf((providerIds) -> providerIds.size() == 1);
		return contested;
	}

	/**
	 * Base URLs on the host of a request, for a sentence about one that lies below none.
	 * @param uri the target of the request
	 * @return ids of providers by base URL, in the order of the configuration
	 */
	public Map<String, Set<String>> onHostOf(URI uri) {
		Map<String, Set<String>> found = new LinkedHashMap<>();
		this.claims.forEach((baseUrl, providerIds) -> {
			if (uri.getHost() != null && uri.getHost().equalsIgnoreCase(URI.create(baseUrl).getHost())) {
				found.put(baseUrl, providerIds);
			}
		});
		return found;
	}

	/**
	 * Selects a provider: the one that the request names, else the one with the longest
	 * matching prefix. Where two providers have the same, neither is chosen.
	 * @param selectedId the provider that the request names, may be {@code null}
	 * @param uri the target of the request
	 * @return the policy, or {@code null} when the request is none of ours; a named
	 * provider that is not configured belongs to somebody else's filter
	 */
	public @Nullable BearerPolicy select(@Nullable String selectedId, URI uri) {
		if (selectedId != null) {
			return this.byProvider.get(selectedId);
		}
		String host = uri.getHost();
		if (host != null) {
			return find(host.toLowerCase(Locale.ROOT), uri, uri.getPort());
		}
		InternationalHost international = this.byHost.isEmpty() ? null : InternationalHost.of(uri);
		return (international != null) ? find(international.host(), uri, international.port()) : null;
	}

	private @Nullable BearerPolicy find(String host, URI uri, int port) {
		for (Route route : this.byHost.getOrDefault(host, List.of())) {
			if (route.baseUrl().containsOnHost(uri, port)) {
				return route.policy();
			}
		}
		return null;
	}

	/**
	 * A base URL and the provider that it belongs to.
	 *
	 * @param baseUrl the base URL
	 * @param policy of its provider, {@code null} when several providers have it: a
	 * bearer that goes to the wrong one may be another person's
	 */
	private record Route(BaseUrl baseUrl, @Nullable BearerPolicy policy) {

	}

}
