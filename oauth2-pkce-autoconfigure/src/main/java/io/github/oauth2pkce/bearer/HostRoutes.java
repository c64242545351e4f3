package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The base URLs of one host, longest prefix first. A gateway may have a hundred, so that
 * many are found by their path, and only few are tried one by one. Immutable.
 */
final class HostRoutes {

	/** Up to here trying is faster than cutting the path. */
	private static final int FEW = 4;

	private final Route[] routes;

	/** The different lengths of prefixes, longest first; empty for few routes. */
	private final int[] lengths;

	private final Map<String, HostRoutes> byPath = new HashMap<>();

	HostRoutes(List<Route> routes) {
		this(routes, routes.size() > FEW);
	}

	private HostRoutes(List<Route> routes, boolean many) {
		Comparator<Route> shortest = Comparator.comparingInt((route) -> route.baseUrl().path().length());
		this.routes = routes.stream().sorted(shortest.reversed()).toArray(Route[]::new);
		this.lengths = many ? routes.stream()
			.map((route) -> route.baseUrl().path().length())
			.distinct()
			.sorted(Comparator.reverseOrder())
			.mapToInt(Integer::intValue)
			.toArray() : new int[0];
		if (many) {
			for (Route route : this.routes) {
				this.byPath.computeIfAbsent(route.baseUrl().path(),
						(path) -> new HostRoutes(
								routes.stream().filter((other) -> other.baseUrl().path().equals(path)).toList(),
								false));
			}
		}
	}

	/**
	 * The policy with the longest prefix that a request lies below.
	 * @param uri the target of the request, on this host
	 * @param port its port, -1 for the usual one
	 * @return the policy, or {@code null} when there is none
	 */
	@Nullable BearerPolicy find(URI uri, int port) {
		if (this.lengths.length == 0) {
			return tryAll(uri, port);
		}
		String path = uri.getRawPath();
		for (int length : this.lengths) {
			if (length <= path.length() && PathPrefix.endsSegment(path, length)) {
				HostRoutes routes = this.byPath.get(path.substring(0, length));
				BearerPolicy policy = (routes != null) ? routes.tryAll(uri, port) : null;
				if (policy != null) {
					return policy;
				}
			}
		}
		return null;
	}

	private @Nullable BearerPolicy tryAll(URI uri, int port) {
		for (Route route : this.routes) {
			if (route.baseUrl().containsOnHost(uri, port)) {
				return route.policy();
			}
		}
		return null;
	}

	/** A base URL, and whose it is. */
	record Route(BaseUrl baseUrl, BearerPolicy policy) {

	}

}
