package io.github.oauth2pkce.bearer;

import io.github.oauth2pkce.token.DpopBinding;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.support.HttpRequestWrapper;

/**
 * A request with a bearer on top. The original keeps its headers: a bearer left there
 * would look like the caller's own when an outer interceptor tries again, and what inner
 * interceptors add would be there twice when this one does.
 */
final class AuthorizedHttpRequest extends HttpRequestWrapper {

	private final HttpHeaders headers;

	AuthorizedHttpRequest(HttpRequest request, BearerToken.Available token) {
		super(request);
		DpopBinding binding = token.binding();
		this.headers = BearerHeaders.writable(request.getHeaders(), token.headerValue(),
				(binding != null) ? binding.proof(request.getMethod().name(), request.getURI()) : null);
	}

	@Override
	public HttpHeaders getHeaders() {
		return this.headers;
	}

	/** Printed by debuggers and careless interceptors: without headers. */
	@Override
	public String toString() {
		return "AuthorizedHttpRequest[" + getMethod() + " " + getURI().getRawPath() + "]";
	}

}
