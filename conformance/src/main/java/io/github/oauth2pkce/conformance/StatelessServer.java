package io.github.oauth2pkce.conformance;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.modelcontextprotocol.modern.client.McpClient;
import io.modelcontextprotocol.modern.client.McpSyncClient;
import io.modelcontextprotocol.modern.client.transport.McpClientTransport;

/**
 * A server of the MCP revision 2026-07-28: each request stands for itself.
 */
class StatelessServer implements McpServer {

	private final McpSyncClient client;

	StatelessServer(McpClientTransport transport) {
		this.client = McpClient.sync(transport)
			.roundTimeout(Duration.ofSeconds(20))
			.callTimeout(Duration.ofSeconds(20))
			.build();
	}

	@Override
	public List<Tool> tools() {
		return this.client.listTools()
			.list()
			.tools()
			.stream()
			.map((tool) -> new Tool(tool.name(), tool.inputSchema()))
			.toList();
	}

	@Override
	public void call(String tool, Map<String, Object> arguments) {
		this.client.tool(tool).arguments(arguments).call();
	}

}
