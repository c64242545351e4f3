package io.github.oauth2pkce.mcp;

import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpSchema;
import org.springframework.ai.mcp.client.webflux.transport.WebClientStreamableHttpTransport;

import io.github.oauth2pkce.bearer.BearerTokenFilter;

import org.springframework.web.reactive.function.client.WebClient;

/** The WebClient transport, which needs no more than the filter that it is given. */
class WebClientTransportTests extends AbstractMcpClientTests {

	@Override
	String callTool() {
		WebClient.Builder builder = WebClient.builder()
			.baseUrl(this.server.origin())
			.filter(new BearerTokenFilter(this.policies, this.source, this.listener, this.logins));
		try (McpSyncClient client = McpClient.sync(WebClientStreamableHttpTransport.builder(builder).build())
			.requestTimeout(this.timeout)
			.build()) {
			client.initialize();
			McpSchema.CallToolResult result = client.callTool(McpSchema.CallToolRequest.builder("whoami").build());
			return ((McpSchema.TextContent) result.content().get(0)).text();
		}
	}

}
