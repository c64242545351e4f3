package io.github.oauth2pkce.bearer.jdk;

import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;

import javax.net.ssl.SSLSession;

import org.jspecify.annotations.Nullable;

/**
 * An answer as its caller sees it. Its request has no bearer of ours, which would go
 * along with each request that is made of it.
 *
 * @param response the answer
 * @param request of the caller, or of the redirect that has led to the answer
 * @param previous the last redirect
 * @param <T> what the caller makes of a body
 */
record CallersResponse<T>(HttpResponse<T> response, HttpRequest request,
		@Nullable HttpResponse<T> previous) implements HttpResponse<T> {

	@Override
	public int statusCode() {
		return this.response.statusCode();
	}

	@Override
	public Optional<HttpResponse<T>> previousResponse() {
		return Optional.ofNullable(this.previous);
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
