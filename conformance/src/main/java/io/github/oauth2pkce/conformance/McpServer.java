package io.github.oauth2pkce.conformance;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the application does with an MCP server, whichever of the SDK's clients it uses.
 */
interface McpServer extends AutoCloseable {

	List<Tool> tools();

	void call(String tool, Map<String, Object> arguments);

	@Override
	default void close() {
	}

	/**
	 * A tool that the server announces.
	 *
	 * @param name its name
	 * @param inputSchema the JSON schema of its arguments
	 */
	record Tool(String name, Map<String, Object> inputSchema) {

		/**
		 * Returns a number for each argument; the tools of these scenarios want no other.
		 */
		Map<String, Object> sampleArguments() {
			Map<String, Object> arguments = new TreeMap<>();
			if (this.inputSchema.get("properties") instanceof Map<?, ?> properties) {
				properties.keySet().forEach((name) -> arguments.put(name.toString(), arguments.size() + 2));
			}
			return arguments;
		}

	}

}
