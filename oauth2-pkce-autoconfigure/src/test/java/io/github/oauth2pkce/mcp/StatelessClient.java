package io.github.oauth2pkce.mcp;

import java.time.Duration;

import io.modelcontextprotocol.modern.McpSchema;
import io.modelcontextprotocol.modern.client.McpClient;
import io.modelcontextprotocol.modern.client.transport.HttpClientMcpTransport;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.testing.FakeMcpServer;

/** Apart from the tests: these classes are there since 2.2.0. */
final class StatelessClient {

	private StatelessClient() {
	}

	static String callTool(FakeMcpServer server, McpBearers bearers, int times, Duration timeout) {
		HttpClientMcpTransport.Builder builder = HttpClientMcpTransport.builder(server.uri())
			.authorizationErrorHandler(new StatelessBearerErrorHandler(bearers));
		for (int i = 0; i < times; i++) {
			builder.requestCustomizer(new StatelessBearerCustomizer(bearers));
		}
		McpSchema.CallToolResult result = McpClient.sync(builder.build())
			.callTimeout(timeout)
			.build()
			.tool("whoami")
			.call();
		return ((McpSchema.TextContent) result.content().get(0)).text();
	}

	static String callToolAs(FakeMcpServer server, McpBearers bearers, String authorization) {
		HttpClientMcpTransport transport = HttpClientMcpTransport.builder(server.uri())
			.requestCustomizer(
					(request, headers, context) -> Mono.fromRunnable(() -> headers.set("Authorization", authorization)))
			.requestCustomizer(new StatelessBearerCustomizer(bearers))
			.authorizationErrorHandler(new StatelessBearerErrorHandler(bearers))
			.build();
		McpSchema.CallToolResult result = McpClient.sync(transport).build().tool("whoami").call();
		return ((McpSchema.TextContent) result.content().get(0)).text();
	}

}
