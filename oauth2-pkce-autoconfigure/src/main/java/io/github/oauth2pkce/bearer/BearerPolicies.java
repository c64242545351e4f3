package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/** Which provider a request is for. Immutable. */
public final class BearerPolicies {

	private final Map<String, BearerPolicy> byProvider = new HashMap<>();

	/** Longest prefix first. */
	private final List<Route> routes;

	public BearerPolicies(Collection<BearerPolicy> policies) {
		List<Route> routes = new ArrayList<>();
		for (BearerPolicy policy : policies) {
			this.byProvider.put(policy.providerId(), policy);
			policy.baseUrls().forEach((baseUrl) -> routes.add(new Route(baseUrl, policy)));
		}
		routes.sort(Comparator.comparingInt((Route route) -> route.baseUrl().specificity()).reversed());
		this.routes = List.copyOf(routes);
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
		for (Route route : this.routes) {
			if (route.baseUrl().contains(uri)) {
				return route.policy();
			}
		}
		return null;
	}

	private record Route(BaseUrl baseUrl, BearerPolicy policy) {

	}

}
