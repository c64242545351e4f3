package io.github.oauth2pkce.bearer.jdk;

import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;

import javax.net.ssl.SSLSession;

/**
 * An answer to which redirects have led.
 *
 * @param response the answer
 * @param previous the last redirect
 * @param <T> what the caller makes of a body
 */
record RedirectedResponse<T>(HttpResponse<T> response, HttpResponse<T> previous) implements HttpResponse<T> {

	@Override
	public int statusCode() {
		return this.response.statusCode();
	}

	@Override
	public HttpRequest request() {
		return this.response.request();
	}

	@Override
	public Optional<HttpResponse<T>> previousResponse() {
		return Optional.of(this.previous);
	}

	@Override
	public HttpHeaders headers() {
		return this.response.headers();
	}

	@Override
	public T body() {
		return this.response.body();
	}

	@Override
	public Optional<SSLSession> sslSession() {
		return this.response.sslSession();
	}

	@Override
	public URI uri() {
		return this.response.uri();
	}

	@Override
	public Version version() {
		return this.response.version();
	}

	@Override
	public String toString() {
		return this.response.toString();
	}

}
