package io.github.oauth2pkce.sample.client;

import java.util.List;
import java.util.Map;

import io.github.oauth2pkce.bearer.AuthenticationRequiredException;
import io.github.oauth2pkce.bearer.SkipReason;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/**
 * The tools of an MCP server; one of them lists the models. Nothing here knows of logins
 * either, but to say why there are no models.
 */
@Component
@Profile("mcp")
class Tools implements ModelSource {

	private static final Logger logger = LoggerFactory.getLogger(Tools.class);

	private final McpSyncClient server;

	private final JsonMapper json = JsonMapper.shared();

	private boolean told;

	Tools(McpSyncClient server) {
		this.server = server;
	}

	/**
	 * Returns what the server offers.
	 * @return descriptions by name
	 */
	List<Tool> all() {
		return this.server.listTools()
			.tools()
			.stream()
			.map((tool) -> new Tool(tool.name(), tool.description()))
			.toList();
	}

	/**
	 * Calls a tool.
	 * @param name its name
	 * @param arguments its arguments
	 * @return its answer
	 */
	CallToolResult call(String name, Map<String, Object> arguments) {
		return this.server.callTool(CallToolRequest.builder(name).arguments(arguments).build());
	}

	@Override
	public List<Model> fetch() throws Failure {
		try {
			if (!this.told) {
				logger.info("tools: {}", String.join(", ", all().stream().map(Tool::name).toList()));
				this.told = true;
			}
			Answer answer = this.json.convertValue(call("list_models", Map.of()).structuredContent(),
					new TypeReference<>() {
					});
			return answer.models();
		}
		catch (RuntimeException ex) {
			boolean login = AuthenticationRequiredException.isAuthenticationRequired(ex);
			throw new Failure(login ? "the MCP server wants a login" : String.valueOf(ex.getMessage()),
					login ? SkipReason.NO_TOKEN : null, ex);
		}
	}

	/**
	 * A tool on offer.
	 *
	 * @param name its name
	 * @param description what it does
	 */
	record Tool(String name, String description) {

	}

	private record Answer(List<Model> models) {

	}

}
