package io.github.oauth2pkce.bearer.jdk;

import java.net.URI;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.Set;

import org.jspecify.annotations.Nullable;

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
		String location = answer.headers().firstValue(HttpHeaders.LOCATION).orElse(null);
		if (policy == Redirect.NEVER || !FOLLOWED.contains(answer.statusCode()) || location == null) {
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
		boolean post = "POST".equals(request.method()) && (status == 301 || status == 302);
		boolean other = status == 303 && !"HEAD".equals(request.method());
		return ((post || other) ? next.GET() : next).build();
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
