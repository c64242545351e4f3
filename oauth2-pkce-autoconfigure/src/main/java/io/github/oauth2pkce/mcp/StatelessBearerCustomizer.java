package io.github.oauth2pkce.mcp;

import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.modern.client.transport.McpHttpRequest;
import io.modelcontextprotocol.modern.client.transport.McpHttpRequestCustomizer;
import io.modelcontextprotocol.modern.client.transport.McpHttpRequestHeaders;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpHeaders;

/**
 * {@link AsyncBearerCustomizer} for the stateless transport of MCP 2026-07-28, which the
 * SDK has since 2.2.0.
 */
public final class StatelessBearerCustomizer implements McpHttpRequestCustomizer {

	private final McpBearers bearers;

	public StatelessBearerCustomizer(McpBearers bearers) {
		this.bearers = bearers;
	}

	@Override
	public Mono<Void> customize(McpHttpRequest request, McpHttpRequestHeaders headers, McpTransportContext context) {
		return this.bearers.authorization(headers, request.uri(), headers.get(HttpHeaders.AUTHORIZATION), context)
			.doOnNext((stamp) -> stamp.on(request.httpMethod(), request.uri(), headers::set))
			.then();
	}

}
