package io.github.oauth2pkce.bearer.jdk;

import java.net.URI;
import java.net.http.HttpClient.Redirect;
import java.time.Duration;
import java.util.function.Function;

import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpRequestDecorator;
import org.springframework.http.client.reactive.ClientHttpResponse;

/** As {@link RedirectingRequestFactory}, for reactive clients. Thread-safe. */
public final class RedirectingConnector implements ClientHttpConnector {

	/** An answer that does not end is cut off, with its connection. */
	private static final Duration RELEASE = Duration.ofSeconds(1);

	private final ClientHttpConnector connector;

	private final Redirect policy;

	/**
	 * Creates the connector.
	 * @param connector makes connections whose redirects are not followed
	 * @param policy which redirects are followed here
	 */
	public RedirectingConnector(ClientHttpConnector connector, Redirect policy) {
		this.connector = connector;
		this.policy = policy;
	}

	@Override
	public Mono<ClientHttpResponse> connect(HttpMethod method, URI uri,
			Function<? super ClientHttpRequest, Mono<Void>> requestCallback) {
		return connect(method, uri, requestCallback, 0);
	}

	private Mono<ClientHttpResponse> connect(HttpMethod method, URI uri,
			Function<? super ClientHttpRequest, Mono<Void>> write, int redirects) {
		return this.connector.connect(method, uri, write).flatMap((response) -> {
			int status = response.getStatusCode().value();
			URI to = (redirects < Redirects.MOST)
					? Redirects.target(this.policy, uri, status, response.getHeaders().getFirst(HttpHeaders.LOCATION))
					: null;
			if (to == null) {
				return Mono.just(response);
			}
			boolean get = Redirects.becomesGet(method.name(), status);
			return release(response).then(connect(get ? HttpMethod.GET : method, to,
					(request) -> write.apply(new Redirected(request, uri, to, get)), redirects + 1));
		});
	}

	private static Mono<Void> release(ClientHttpResponse response) {
		return Flux.from(response.getBody())
			.doOnNext(DataBufferUtils::release)
			.then()
			.timeout(RELEASE)
			.onErrorComplete();
	}

	/** Written like the first one; then it loses what is not for its target. */
	private static final class Redirected extends ClientHttpRequestDecorator {

		private final boolean get;

		Redirected(ClientHttpRequest request, URI from, URI to, boolean get) {
			super(request);
			this.get = get;
			beforeCommit(() -> Mono.fromRunnable(() -> Redirects.strip(getHeaders(), from, to, get)));
		}

		@Override
		public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
			return this.get ? setComplete() : super.writeWith(body);
		}

		@Override
		public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
			return this.get ? setComplete() : super.writeAndFlushWith(body);
		}

	}

}
