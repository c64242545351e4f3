package io.github.oauth2pkce.mcp;

import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.modern.client.transport.McpHttpAuthorizationErrorHandler;
import io.modelcontextprotocol.modern.client.transport.McpHttpRequest;
import io.modelcontextprotocol.modern.client.transport.McpHttpResponseInfo;
import reactor.core.publisher.Mono;

/**
 * {@link BearerErrorHandler} for the stateless transport of MCP 2026-07-28, which the SDK
 * has since 2.2.0.
 */
public final class StatelessBearerErrorHandler implements McpHttpAuthorizationErrorHandler {

	private final McpBearers bearers;

	public StatelessBearerErrorHandler(McpBearers bearers) {
		this.bearers = bearers;
	}

	@Override
	public Mono<Boolean> handle(McpHttpRequest request, McpHttpResponseInfo response, McpTransportContext context) {
		return this.bearers.isSentAgain(request.uri(), request.headers(), response.statusCode(), response.headers(),
				context);
	}

	@Override
	public int maxRetries() {
		return this.bearers.maxRetries();
	}

}
