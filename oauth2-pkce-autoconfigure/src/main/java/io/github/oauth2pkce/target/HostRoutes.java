package io.github.oauth2pkce.target;

import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * The base URLs of one host, as a tree of their paths. A gateway may have a hundred of
 * them, and every request is looked up here: only the characters in which they differ are
 * looked at, and then the path is compared with the one that is left. Immutable.
 */
final class HostRoutes {

	private final Node root;

	HostRoutes(List<Route> routes) {
		this.root = new Node(routes, null);
	}

	/**
	 * The policy with the longest prefix that a request lies below.
	 * @param uri the target of the request, on this host
	 * @param port its port, -1 for the usual one
	 * @return the policy, or {@code null} when there is none, or more than one
	 */
	@Nullable BearerPolicy find(URI uri, int port) {
		String path = uri.getRawPath();
		for (Node node = this.root.longest(path); node != null; node = node.shorter) {
			Route route = PathPrefix.contains(node.prefix, path) ? node.find(uri, port) : null;
			if (route != null) {
				return route.policy();
			}
		}
		return null;
	}

	/**
	 * A base URL, and whose it is.
	 *
	 * @param baseUrl the base URL
	 * @param policy of its provider, {@code null} when several providers have it: a
	 * bearer that goes to the wrong one may be another person's
	 */
	record Route(BaseUrl baseUrl, @Nullable BearerPolicy policy) {

	}

	/** What some paths have in common. */
	private static final class Node {

		private final String prefix;

		/** The base URLs that end here, in the order of the configuration. */
		private final Route[] routes;

		/** The next one on the way back that has base URLs. */
		private final @Nullable Node shorter;

		/**
		 * Children, indexed by the low bits of the next character: just enough bits to
		 * separate them. A wrong character may land on a child, and fails when the whole
		 * prefix is compared.
		 */
		private final @Nullable Node[] nodes;

		Node(List<Route> routes, @Nullable Node shorter) {
			this.prefix = common(routes);
			int end = this.prefix.length();
			List<Route> here = new ArrayList<>();
			Map<Character, List<Route>> longer = new TreeMap<>();
			for (Route route : routes) {
				String path = route.baseUrl().path();
				((path.length() == end) ? here : longer.computeIfAbsent(path.charAt(end), (next) -> new ArrayList<>()))
					.add(route);
			}
			this.routes = here.toArray(Route[]::new);
			this.shorter = shorter;
			this.nodes = new Node[places(longer.keySet())];
			Node parent = here.isEmpty() ? shorter : this;
			longer.forEach((next, below) -> this.nodes[place(next, this.nodes.length)] = new Node(below, parent));
		}

		private static String common(List<Route> routes) {
			String path = routes.get(0).baseUrl().path();
			int end = path.length();
			for (Route route : routes) {
				String other = route.baseUrl().path();
				int mismatch = Arrays.mismatch(path.toCharArray(), 0, end, other.toCharArray(), 0, other.length());
				end = (mismatch >= 0) ? mismatch : end;
			}
			return path.substring(0, end);
		}

		/** The least power of two that keeps them apart. */
		private static int places(Set<Character> characters) {
			int places = 1;
			while (count(characters, places) < characters.size()) {
				places *= 2;
			}
			return places;
		}

		private static long count(Set<Character> characters, int places) {
			return characters.stream().mapToInt((next) -> place(next, places)).distinct().count();
		}

		private static int place(char next, int places) {
			return next & (places - 1);
		}

		/**
		 * The longest that the path may lie below, if any; whether it does is not known.
		 */
		@Nullable Node longest(String path) {
			Node node = this;
			for (Node next = node; next != null; next = node.next(path)) {
				node = next;
			}
			return (node.routes.length > 0) ? node : node.shorter;
		}

		private @Nullable Node next(String path) {
			int read = this.prefix.length();
			return (read < path.length()) ? this.nodes[place(path.charAt(read), this.nodes.length)] : null;
		}

		@Nullable Route find(URI uri, int port) {
			for (Route route : this.routes) {
				if (route.baseUrl().isOrigin(uri, port)) {
					return route;
				}
			}
			return null;
		}

	}

}
