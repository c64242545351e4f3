package io.github.oauth2pkce.mcp;

import java.net.URI;
import java.net.http.HttpRequest;

import io.modelcontextprotocol.client.transport.customizer.McpAsyncHttpClientRequestCustomizer;
import io.modelcontextprotocol.common.McpTransportContext;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.mcp.McpBearers.Stamp;

import org.springframework.http.HttpHeaders;

/**
 * Puts a bearer on requests to MCP servers that a provider's {@code base-urls} match,
 * unless something else has put an {@code Authorization} there. Thread-safe; never
 * blocks, never prompts.
 */
public final class AsyncBearerCustomizer implements McpAsyncHttpClientRequestCustomizer {

	private final McpBearers bearers;

	public AsyncBearerCustomizer(McpBearers bearers) {
		this.bearers = bearers;
	}

	@Override
	public Publisher<HttpRequest.Builder> customize(HttpRequest.Builder builder, String method, URI endpoint,
			@Nullable String body, McpTransportContext context) {
		return authorization(this.bearers, builder, endpoint, context)
			.doOnNext((stamp) -> stamp.on(method, endpoint, builder::setHeader))
			.thenReturn(builder);
	}

	static Mono<Stamp> authorization(McpBearers bearers, HttpRequest.Builder builder, URI endpoint,
			McpTransportContext context) {
		return bearers.authorization(builder, endpoint,
				builder.copy().uri(endpoint).build().headers().allValues(HttpHeaders.AUTHORIZATION), context);
	}

}
