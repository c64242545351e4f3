package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.bearer.HostRoutes.Route;

/** Which provider a request is for. Immutable. */
public final class BearerPolicies {

	private final Map<String, BearerPolicy> byProvider = new HashMap<>();

	/** By host, so that a hundred providers cost as little as one. */
	private final Map<String, HostRoutes> byHost = new HashMap<>();

	private final boolean originShared;

	/**
	 * Creates the policies.
	 * @param policies one for each provider
	 */
	public BearerPolicies(Collection<BearerPolicy> policies) {
		Map<String, List<Route>> routes = new HashMap<>();
		for (BearerPolicy policy : policies) {
			this.byProvider.put(policy.providerId(), policy);
			for (BaseUrl baseUrl : policy.baseUrls()) {
				routes.computeIfAbsent(baseUrl.host(), (host) -> new ArrayList<>()).add(new Route(baseUrl, policy));
			}
		}
		routes.forEach((host, ofHost) -> this.byHost.put(host, new HostRoutes(ofHost)));
		this.originShared = routes.values().stream().anyMatch(BearerPolicies::shareAnOrigin);
	}

	private static boolean shareAnOrigin(List<Route> ofHost) {
		Map<String, BearerPolicy> owners = new HashMap<>();
		return ofHost.stream().anyMatch((route) -> {
			BearerPolicy owner = owners.putIfAbsent(route.baseUrl().origin(), route.policy());
			return owner != null && !owner.equals(route.policy());
		});
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
		if (this.byHost.isEmpty()) {
			return null;
		}
		String host = uri.getHost();
		if (host == null) {
			return selectInternational(uri);
		}
		HostRoutes routes = this.byHost.get(host);
		if (routes == null) {
			// Nearly always in lower case already: the second look is for the rest.
			routes = this.byHost.get(host.toLowerCase(Locale.ROOT));
		}
		return (routes != null) ? routes.find(uri, uri.getPort()) : null;
	}

	private @Nullable BearerPolicy selectInternational(URI uri) {
		InternationalHost international = InternationalHost.of(uri);
		HostRoutes routes = (international != null) ? this.byHost.get(international.host()) : null;
		return (international != null && routes != null) ? routes.find(uri, international.port()) : null;
	}

}
