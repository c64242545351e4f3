package io.github.oauth2pkce.conformance;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;

/**
 * A server of the MCP revisions up to 2025-11-25: a session that begins with
 * {@code initialize}.
 */
class HandshakeServer implements McpServer {

	private final McpSyncClient client;

	HandshakeServer(McpClientTransport transport) {
		this.client = McpClient.sync(transport)
			.initializationTimeout(Duration.ofSeconds(20))
			.requestTimeout(Duration.ofSeconds(20))
			.build();
	}

	@Override
	public List<Tool> tools() {
		if (this.client.initialize().capabilities().tools() == null) {
			return List.of();
		}
		return this.client.listTools()
			.tools()
			.stream()
			.map((tool) -> new Tool(tool.name(), tool.inputSchema()))
			.toList();
	}

	@Override
	public void call(String tool, Map<String, Object> arguments) {
		this.client.callTool(CallToolRequest.builder(tool).arguments(arguments).build());
	}

	@Override
	public void close() {
		this.client.close();
	}

}
