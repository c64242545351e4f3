package io.github.oauth2pkce.benchmarks.request;

import java.net.URI;
import java.util.Map;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.BodyInserter;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import org.springframework.web.reactive.function.client.ExchangeStrategies;

/**
 * The least that a filter can do and still be right about an expiring token: one volatile
 * read, one clock, a header value that was built before, and a request that delegates. It
 * asks nothing: not where the request goes, not what came back, and it counts nothing.
 */
public final class Floor implements ExchangeFilterFunction {

	private volatile Token token;

	public Floor(String accessToken, long usableNanos) {
		this.token = new Token("Bearer " + accessToken, System.nanoTime() + usableNanos);
	}

	/** The header value, if it is still good. */
	String atHand() {
		Token token = this.token;
		if (token.end() - System.nanoTime() <= 0) {
			throw new IllegalStateException("The token has ended during the measurement");
		}
		return token.headerValue();
	}

	@Override
	public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
		return next.exchange(new Request(request, atHand()));
	}

	private record Token(String headerValue, long end) {

	}

	private static final class Request implements ClientRequest {

		private final ClientRequest request;

		private final String headerValue;

		Request(ClientRequest request, String headerValue) {
			this.request = request;
			this.headerValue = headerValue;
		}

		@Override
		public HttpHeaders headers() {
			HttpHeaders headers = new HttpHeaders();
			headers.putAll(this.request.headers());
			headers.set(HttpHeaders.AUTHORIZATION, this.headerValue);
			return headers;
		}

		@Override
		public Mono<Void> writeTo(ClientHttpRequest target, ExchangeStrategies strategies) {
			target.getHeaders().set(HttpHeaders.AUTHORIZATION, this.headerValue);
			return this.request.writeTo(target, strategies);
		}

		@Override
		public HttpMethod method() {
			return this.request.method();
		}

		@Override
		public URI url() {
			return this.request.url();
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

}
