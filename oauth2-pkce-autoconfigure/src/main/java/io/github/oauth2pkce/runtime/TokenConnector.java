package io.github.oauth2pkce.runtime;

import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.client.HttpClientRequest;

import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpResponse;
import org.springframework.util.ClassUtils;

/**
 * The connector of token traffic. Another one can take its place while the application
 * runs, with other keys and certificates: requests that have begun end over the old one.
 */
final class TokenConnector implements ClientHttpConnector {

	private static final boolean REACTOR_NETTY = ClassUtils.isPresent("reactor.netty.http.client.HttpClientRequest",
			TokenConnector.class.getClassLoader());

	private final Supplier<ClientHttpConnector> supplier;

	/** After this no request that the old connector has begun is still waited for. */
	private final Duration patience;

	private volatile @Nullable ClientHttpConnector connector;

	TokenConnector(Supplier<ClientHttpConnector> supplier, Duration patience) {
		this.supplier = supplier;
		this.patience = patience;
	}

	@Override
	public Mono<ClientHttpResponse> connect(HttpMethod method, URI uri,
			Function<? super ClientHttpRequest, Mono<Void>> requestCallback) {
		return connector().connect(method, uri, (request) -> isRedirected(request)
				? Mono.error(new RedirectNotFollowedException()) : requestCallback.apply(request));
	}

	/**
	 * An application can make its connectors follow redirects whatever the settings say.
	 * A form with a refresh token or a secret stays with the endpoint that it is for.
	 */
	private static boolean isRedirected(ClientHttpRequest request) {
		return REACTOR_NETTY && Netty.isRedirected(request);
	}

	/** Reads what it takes to connect. */
	void open() {
		connector();
	}

	private ClientHttpConnector connector() {
		ClientHttpConnector connector = this.connector;
		return (connector != null) ? connector : first();
	}

	private synchronized ClientHttpConnector first() {
		ClientHttpConnector connector = this.connector;
		if (connector == null) {
			connector = this.supplier.get();
			this.connector = connector;
		}
		return connector;
	}

	/** Takes what the supplier has now. If it fails, all is as it was. */
	synchronized void reload() {
		ClientHttpConnector old = this.connector;
		if (old != null) {
			this.connector = this.supplier.get();
			Schedulers.boundedElastic().schedule(() -> close(old), this.patience.toMillis(), TimeUnit.MILLISECONDS);
		}
	}

	synchronized void close() {
		ClientHttpConnector connector = this.connector;
		this.connector = null;
		if (connector != null) {
			close(connector);
		}
	}

	/** Of Spring's own, Apache's has threads that nobody else ends. */
	private static void close(ClientHttpConnector connector) {
		if (connector instanceof Closeable closeable) {
			try {
				closeable.close();
			}
			catch (IOException ex) {
				// It is not used any more.
			}
		}
	}

	/** Its name is what a person reads. */
	private static final class RedirectNotFollowedException extends IOException {

		private static final long serialVersionUID = 1L;

	}

	/** Loaded only where it is. */
	private static final class Netty {

		static boolean isRedirected(ClientHttpRequest request) {
			return request.getNativeRequest() instanceof HttpClientRequest netty && netty.redirectedFrom().length > 0;
		}

	}

}
