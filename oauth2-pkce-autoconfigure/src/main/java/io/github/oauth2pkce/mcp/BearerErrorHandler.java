package io.github.oauth2pkce.mcp;

import java.net.http.HttpResponse.ResponseInfo;

import io.modelcontextprotocol.client.transport.HttpRequestSnapshot;
import io.modelcontextprotocol.client.transport.customizer.McpHttpClientTransportAuthorizationErrorHandler;
import io.modelcontextprotocol.common.McpTransportContext;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/**
 * Recovers requests to MCP servers from a 401 that blames the bearer: a newer or a
 * refreshed one, and the request once more. Every other 401 and 403 is the caller's, an
 * {@code McpHttpClientTransportAuthorizationException}. Thread-safe; never blocks, never
 * prompts.
 */
public final class BearerErrorHandler implements McpHttpClientTransportAuthorizationErrorHandler {

	private final McpBearers bearers;

	private final McpHttpClientTransportAuthorizationErrorHandler others;

	/**
	 * Creates a handler.
	 * @param bearers recover requests with a bearer
	 */
	public BearerErrorHandler(McpBearers bearers) {
		this(bearers, NOOP);
	}

	private BearerErrorHandler(McpBearers bearers, McpHttpClientTransportAuthorizationErrorHandler others) {
		this.bearers = bearers;
		this.others = others;
	}

	/**
	 * A transport has one handler.
	 * @param others asked about each request that is not to be sent once more for a new
	 * bearer
	 * @return a handler that asks both
	 */
	BearerErrorHandler beside(McpHttpClientTransportAuthorizationErrorHandler others) {
		return new BearerErrorHandler(this.bearers, others);
	}

	@Override
	public Publisher<Boolean> handle(HttpRequestSnapshot request, ResponseInfo response, McpTransportContext context) {
		return this.bearers
			.isSentAgain(request.requestUri(), request.headers(), response.statusCode(), response.headers(), context)
			.flatMap((again) -> again ? Mono.just(true) : Mono.from(this.others.handle(request, response, context)));
	}

	/** Ours, or more that another handler wants for its own. */
	@Override
	public int maxRetries() {
		return Math.max(this.bearers.maxRetries(), this.others.maxRetries());
	}

}
