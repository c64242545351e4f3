package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/** Which provider a request is for. Immutable. */
public final class BearerPolicies {

	private final Map<String, BearerPolicy> byProvider = new HashMap<>();

	/**
	 * By host, so that a hundred providers cost as little as one; longest prefix first.
	 */
	private final Map<String, List<Route>> byHost = new HashMap<>();

	/**
	 * Creates the policies.
	 * @param policies one for each provider
	 */
	public BearerPolicies(Collection<BearerPolicy> policies) {
		for (BearerPolicy policy : policies) {
			this.byProvider.put(policy.providerId(), policy);
			for (BaseUrl baseUrl : policy.baseUrls()) {
				this.byHost.computeIfAbsent(baseUrl.host(), (host) -> new ArrayList<>())
					.add(new Route(baseUrl, policy));
			}
		}
		Comparator<Route> shortest = Comparator.comparingInt((route) -> route.baseUrl().specificity());
		this.byHost.values().forEach((routes) -> routes.sort(shortest.reversed()));
	}

	/**
	 * Selects a provider: the one that the request names, else the one with the longest
	 * matching prefix.
	 * @param selectedId the provider that the request names, may be {@code null}
	 * @param uri the target of the request
	 * @return the policy, or {@code null} when the request is none of ours; a named
	 * provider that is not configured belongs to somebody else's filter
	 */
	@Nullable BearerPolicy select(@Nullable String selectedId, URI uri) {
		if (selectedId != null) {
			return this.byProvider.get(selectedId);
		}
		for (Route route : routes(uri)) {
			if (route.baseUrl().contains(uri)) {
				return route.policy();
			}
		}
		return null;
	}

	private List<Route> routes(URI uri) {
		if (this.byHost.isEmpty()) {
			return List.of();
		}
		String host = uri.getHost();
		if (host == null) {
			InternationalHost international = InternationalHost.of(uri);
			host = (international != null) ? international.host() : "";
		}
		List<Route> routes = this.byHost.get(host);
		// Nearly always in lower case already: the second look is for the rest.
		return (routes != null) ? routes : this.byHost.getOrDefault(host.toLowerCase(Locale.ROOT), List.of());
	}

	private record Route(BaseUrl baseUrl, BearerPolicy policy) {

	}

}
