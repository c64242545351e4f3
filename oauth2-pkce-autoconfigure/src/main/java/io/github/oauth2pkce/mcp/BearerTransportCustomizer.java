package io.github.oauth2pkce.mcp;

import java.lang.reflect.Field;

import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.customizer.McpAsyncHttpClientRequestCustomizer;
import io.modelcontextprotocol.client.transport.customizer.McpHttpClientTransportAuthorizationErrorHandler;
import org.springframework.ai.mcp.customizer.McpClientCustomizer;

import org.springframework.util.ReflectionUtils;

/**
 * Gives Spring AI's clients of MCP servers over streamable HTTP their bearers and the
 * recovery from 401, beside what the application has set. Thread-safe.
 */
public final class BearerTransportCustomizer implements McpClientCustomizer<HttpClientStreamableHttpTransport.Builder> {

	private final McpAsyncHttpClientRequestCustomizer customizer;

	private final BearerErrorHandler handler;

	/**
	 * Creates a customizer.
	 * @param customizer puts bearers on requests
	 * @param handler recovers requests
	 */
	public BearerTransportCustomizer(McpAsyncHttpClientRequestCustomizer customizer, BearerErrorHandler handler) {
		this.customizer = customizer;
		this.handler = handler;
	}

	/** Last: an {@code Authorization} that another customizer sets is the caller's. */
	@Override
	public void customize(String name, HttpClientStreamableHttpTransport.Builder builder) {
		// Without it, Spring AI has set the one customizer that a builder takes; it calls
		// ours.
		if (McpSdk.customizesReplays()) {
			builder.addAsyncHttpRequestCustomizer(this.customizer);
		}
		builder.authorizationErrorHandler(this.handler.beside(handlerOf(builder)));
	}

	/** A builder takes one handler, and does not show it. */
	private static McpHttpClientTransportAuthorizationErrorHandler handlerOf(
			HttpClientStreamableHttpTransport.Builder builder) {
		Field field = ReflectionUtils.findField(HttpClientStreamableHttpTransport.Builder.class, null,
				McpHttpClientTransportAuthorizationErrorHandler.class);
		if (field != null) {
			ReflectionUtils.makeAccessible(field);
			if (ReflectionUtils.getField(field,
					builder) instanceof McpHttpClientTransportAuthorizationErrorHandler set) {
				return set;
			}
		}
		return McpHttpClientTransportAuthorizationErrorHandler.NOOP;
	}

}
