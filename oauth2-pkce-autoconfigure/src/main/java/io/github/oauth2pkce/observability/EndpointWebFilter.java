package io.github.oauth2pkce.observability;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.core.Ordered;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

/** The same as {@link EndpointFilter} for the reactive stack. */
public final class EndpointWebFilter implements WebFilter, Ordered {

	private final EndpointGuard guard;

	public EndpointWebFilter(EndpointGuard guard) {
		this.guard = guard;
	}

	@Override
	public int getOrder() {
		return EndpointFilter.ORDER;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		ServerHttpRequest request = exchange.getRequest();
		String refusal = this.guard.covers(request.getPath().pathWithinApplication())
				? this.guard.refusal(read(request)) : null;
		if (refusal == null) {
			return chain.filter(exchange);
		}
		ServerHttpResponse response = exchange.getResponse();
		response.setStatusCode(HttpStatus.FORBIDDEN);
		response.getHeaders().setContentType(MediaType.APPLICATION_JSON);
		return response.writeWith(Mono.fromSupplier(() -> response.bufferFactory().wrap(EndpointGuard.body(refusal))));
	}

	private static ForeignPages.Request read(ServerHttpRequest request) {
		URI uri = request.getURI();
		return new ForeignPages.Request(request.getMethod().name(), String.valueOf(uri.getScheme()),
				String.valueOf(uri.getHost()), uri.getPort(), request.getHeaders(), address(request.getLocalAddress()),
				address(request.getRemoteAddress()));
	}

	private static @Nullable InetAddress address(@Nullable InetSocketAddress socket) {
		return (socket != null) ? socket.getAddress() : null;
	}

}
