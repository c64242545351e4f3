package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.util.Map;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.token.DpopBinding;
import io.github.oauth2pkce.token.DpopProofs;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.BodyInserter;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ExchangeStrategies;

/**
 * A request with a bearer on top. {@code ClientRequest.from(..)} would copy headers,
 * cookies and attributes for one header; this delegates, and puts the header where the
 * request is written.
 */
final class AuthorizedRequest implements ClientRequest {

	/**
	 * What no other code of this jar uses: up to JDK 17, HotSpot inlines no method whose
	 * signature has a class that was not resolved from the jar of the method, and these
	 * methods are called by every request.
	 */
	@SuppressWarnings("unused")
	private static final Class<?>[] RESOLVED = { HttpMethod.class, ExchangeStrategies.class };

	private final ClientRequest request;

	private final BearerToken.Available token;

	private volatile @Nullable HttpHeaders headers;

	AuthorizedRequest(ClientRequest request, BearerToken.Available token) {
		this.request = request;
		this.token = token;
	}

	@Override
	public HttpHeaders headers() {
		HttpHeaders headers = this.headers;
		if (headers == null) {
			headers = BearerHeaders.readOnly(this.request.headers(), this.token.headerValue(), proof());
			this.headers = headers;
		}
		return headers;
	}

	@Override
	public Mono<Void> writeTo(ClientHttpRequest target, ExchangeStrategies strategies) {
		// First: the delegate leaves headers alone that are there already.
		target.getHeaders().set(HttpHeaders.AUTHORIZATION, this.token.headerValue());
		if (this.token.binding() != null) {
			// Only now: until there was a connection, the server may have changed nonces.
			String proof = proof();
			target.getHeaders().set(DpopProofs.HEADER, proof);
			// What was sent, for whoever looks at it when there is an answer.
			this.headers = BearerHeaders.readOnly(this.request.headers(), this.token.headerValue(), proof);
		}
		return this.request.writeTo(target, strategies);
	}

	private @Nullable String proof() {
		DpopBinding binding = this.token.binding();
		return (binding != null) ? binding.proof(method().name(), url()) : null;
	}

	@Override
	public HttpMethod method() {
		return this.request.method();
	}

	@Override
	public URI url() {
		return this.request.url();
	}

	/** Printed by debuggers and careless filters: without headers. */
	@Override
	public String toString() {
		return "AuthorizedRequest[" + method() + " " + url().getRawPath() + "]";
	}

	@Override
	public MultiValueMap<String, String> cookies() {
		return this.request.cookies();
	}

	@Override
	public BodyInserter<?, ? super ClientHttpRequest> body() {
		return this.request.body();
	}

	@Override
	public Map<String, Object> attributes() {
		return this.request.attributes();
	}

	@Override
	public @Nullable Consumer<ClientHttpRequest> httpRequest() {
		return this.request.httpRequest();
	}

	@Override
	public String logPrefix() {
		return this.request.logPrefix();
	}

}
