package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * The base URLs of one host, as a tree of their paths. A gateway may have a hundred of
 * them, and every request is looked up here: its path is read once, however many there
 * are. Immutable.
 */
final class HostRoutes {

	private final Node root;

	HostRoutes(List<Route> routes) {
		this.root = Node.of(routes, 0);
	}

	/**
	 * The policy with the longest prefix that a request lies below.
	 * @param uri the target of the request, on this host
	 * @param port its port, -1 for the usual one
	 * @return the policy, or {@code null} when there is none
	 */
	@Nullable BearerPolicy find(URI uri, int port) {
		String path = uri.getRawPath();
		BearerPolicy ofHost = null;
		BearerPolicy longest = null;
		int read = 0;
		for (Node node = this.root; node != null && path.startsWith(node.text, read); node = node.next(path, read)) {
			read += node.text.length();
			BearerPolicy policy = PathPrefix.endsSegment(path, read) ? node.find(uri, port) : null;
			if (policy != null) {
				longest = policy;
				ofHost = (read == 0) ? policy : ofHost;
			}
		}
		// A path may climb out of every prefix, but not out of the host.
		return (longest == ofHost || !PathPrefix.mayClimb(path)) ? longest : ofHost;
	}

	/** A base URL, and whose it is. */
	record Route(BaseUrl baseUrl, BearerPolicy policy) {

	}

	/** What the paths below have in common, after that which led here. */
	private static final class Node {

		private final String text;

		/** The base URLs that end here, in the order of the configuration. */
		private final Route[] routes;

		/** The characters that the paths go on with, in order. */
		private final char[] branches;

		private final Node[] nodes;

		private Node(String text, List<Route> routes, Map<Character, List<Route>> longer, int end) {
			this.text = text;
			this.routes = routes.toArray(Route[]::new);
			this.branches = new char[longer.size()];
			this.nodes = new Node[longer.size()];
			int i = 0;
			for (Map.Entry<Character, List<Route>> branch : longer.entrySet()) {
				this.branches[i] = branch.getKey();
				this.nodes[i++] = of(branch.getValue(), end);
			}
		}

		static Node of(List<Route> routes, int start) {
			String path = routes.get(0).baseUrl().path();
			int end = path.length();
			for (Route route : routes) {
				end = common(path, route.baseUrl().path(), end);
			}
			List<Route> here = new ArrayList<>();
			Map<Character, List<Route>> longer = new TreeMap<>();
			for (Route route : routes) {
				String other = route.baseUrl().path();
				((other.length() == end) ? here
						: longer.computeIfAbsent(other.charAt(end), (next) -> new ArrayList<>()))
					.add(route);
			}
			return new Node(path.substring(start, end), here, longer, end);
		}

		private static int common(String path, String other, int most) {
			int mismatch = Arrays.mismatch(path.toCharArray(), 0, most, other.toCharArray(), 0, other.length());
			return (mismatch >= 0) ? mismatch : most;
		}

		@Nullable Node next(String path, int read) {
			int branch = (read < path.length()) ? Arrays.binarySearch(this.branches, path.charAt(read)) : -1;
			return (branch >= 0) ? this.nodes[branch] : null;
		}

		@Nullable BearerPolicy find(URI uri, int port) {
			for (Route route : this.routes) {
				if (route.baseUrl().isOrigin(uri, port)) {
					return route.policy();
				}
			}
			return null;
		}

	}

}
