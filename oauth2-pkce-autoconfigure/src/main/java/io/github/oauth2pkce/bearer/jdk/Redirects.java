package io.github.oauth2pkce.bearer.jdk;

import java.net.URI;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.token.DpopProofs;

import org.springframework.http.HttpHeaders;

/** Redirects as the JDK's client follows them (RFC 9110 section 15.4). */
final class Redirects {

	/** About its own limit, {@code jdk.httpclient.redirects.retrylimit}. */
	static final int MOST = 5;

	private static final Set<Integer> FOLLOWED = Set.of(301, 302, 303, 307, 308);

	private Redirects() {
	}

	/**
	 * Where an answer leads.
	 * @return {@code null} when it is the caller's
	 */
	static @Nullable URI target(Redirect policy, URI from, ResponseInfo answer) {
		return target(policy, from, answer.statusCode(),
				answer.headers().firstValue(HttpHeaders.LOCATION).orElse(null));
	}

	static @Nullable URI target(Redirect policy, URI from, int status, @Nullable String location) {
		if (policy == Redirect.NEVER || !FOLLOWED.contains(status) || location == null) {
			return null;
		}
		try {
			URI to = from.resolve(location);
			return isFollowed(policy, from, to) ? to : null;
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	private static boolean isFollowed(Redirect policy, URI from, URI to) {
		boolean secure = "https".equalsIgnoreCase(to.getScheme());
		boolean plain = "http".equalsIgnoreCase(to.getScheme());
		return to.getHost() != null
				&& (secure || (plain && (policy == Redirect.ALWAYS || "http".equalsIgnoreCase(from.getScheme()))));
	}

	/**
	 * The request that follows; its caller's {@code Authorization} stays in the origin.
	 */
	static HttpRequest follow(HttpRequest request, int status, URI to) {
		boolean within = isSameOrigin(request.uri(), to);
		HttpRequest.Builder next = HttpRequest
			.newBuilder(request, (name, value) -> within || !HttpHeaders.AUTHORIZATION.equalsIgnoreCase(name))
			.uri(to);
		return (becomesGet(request.method(), status) ? next.GET() : next).build();
	}

	static boolean becomesGet(String method, int status) {
		return ("POST".equals(method) && (status == 301 || status == 302)) || (status == 303 && !"HEAD".equals(method));
	}

	/**
	 * Takes away what is not for the target: what the caller authorizes by stays in the
	 * origin, and what describes a body goes with it.
	 */
	static void strip(HttpHeaders headers, URI from, URI to, boolean bodyDropped) {
		if (!isSameOrigin(from, to)) {
			headers.remove(HttpHeaders.AUTHORIZATION);
			headers.remove(DpopProofs.HEADER);
		}
		if (bodyDropped) {
			headers.remove(HttpHeaders.CONTENT_TYPE);
			headers.remove(HttpHeaders.CONTENT_LENGTH);
			headers.remove(HttpHeaders.CONTENT_ENCODING);
		}
	}

	static boolean isSameOrigin(URI one, URI other) {
		return one.getScheme().equalsIgnoreCase(other.getScheme()) && one.getHost() != null
				&& one.getHost().equalsIgnoreCase(other.getHost()) && port(one) == port(other);
	}

	private static int port(URI uri) {
		if (uri.getPort() >= 0) {
			return uri.getPort();
		}
		return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
	}

}
