package io.github.oauth2pkce.testing;

import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A browser that goes only where it is told, with one jar of cookies. For one user, and
 * one thread.
 */
public final class Browser {

	private final HttpClient http = HttpClient.newBuilder()
		// Browsers do not offer to upgrade each request to HTTP/2.
		.version(HttpClient.Version.HTTP_1_1)
		.connectTimeout(Duration.ofSeconds(5))
		.build();

	private final Map<String, String> cookies = new HashMap<>();

	/**
	 * Another window: the same cookies so far, and connections of its own. Reactor Netty
	 * now and then reads no further request from the connection of an answer that Spring
	 * Security's reactive login did not wait for, with or without our filters.
	 */
	public Browser window() {
		Browser window = new Browser();
		window.cookies.putAll(this.cookies);
		return window;
	}

	/**
	 * A page, whatever its status.
	 */
	public HttpResponse<String> get(URI uri) {
		return send("GET", uri);
	}

	/**
	 * A page, whatever its status.
	 */
	public HttpResponse<String> get(String uri) {
		return get(URI.create(uri));
	}

	/**
	 * Where a page redirects to.
	 */
	public URI redirect(URI uri) {
		HttpResponse<String> response = get(uri);
		if (response.statusCode() / 100 != 3) {
			throw new AssertionError("Status " + response.statusCode() + ": " + response.body());
		}
		return uri.resolve(response.headers().firstValue("Location").orElseThrow());
	}

	/**
	 * Where the server redirects to that a login's start page redirects to, perhaps by
	 * way of itself.
	 */
	public URI answer(URI startPage) {
		URI next = redirect(startPage);
		return redirect(next.equals(startPage) ? redirect(next) : next);
	}

	/**
	 * The answer to a request without a body.
	 * @param headers names and values in turn
	 */
	public HttpResponse<String> send(String method, URI uri, String... headers) {
		return send(method, uri, BodyPublishers.noBody(), headers);
	}

	/**
	 * The answer to a request.
	 * @param headers names and values in turn
	 */
	public HttpResponse<String> send(String method, URI uri, BodyPublisher body, String... headers) {
		try {
			HttpRequest.Builder request = HttpRequest.newBuilder(uri)
				.timeout(Duration.ofSeconds(20))
				.header("Accept", "text/html")
				.method(method, body);
			if (headers.length > 0) {
				request.headers(headers);
			}
			List<String> sent = this.cookies.entrySet().stream().map((c) -> c.getKey() + "=" + c.getValue()).toList();
			if (!sent.isEmpty()) {
				request.header("Cookie", String.join("; ", sent));
			}
			HttpResponse<String> response = this.http.send(request.build(), BodyHandlers.ofString());
			for (String cookie : response.headers().allValues("Set-Cookie")) {
				String[] pair = cookie.split(";", 2)[0].split("=", 2);
				this.cookies.put(pair[0], pair[1]);
			}
			return response;
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(method + " " + uri.getPath(), ex);
		}
	}

	/**
	 * The decoded parameters of a query.
	 */
	public static Map<String, String> query(URI uri) {
		Map<String, String> parameters = new HashMap<>();
		for (String pair : String.valueOf(uri.getRawQuery()).split("&")) {
			String[] parameter = pair.split("=", 2);
			parameters.put(parameter[0],
					URLDecoder.decode((parameter.length == 2) ? parameter[1] : "", StandardCharsets.UTF_8));
		}
		return parameters;
	}

	/**
	 * The same address with another query, or none.
	 */
	public static URI with(URI uri, @Nullable String query) {
		return URI.create(uri.toString().replaceFirst("\\?.*", "") + ((query != null) ? "?" + query : ""));
	}

}
