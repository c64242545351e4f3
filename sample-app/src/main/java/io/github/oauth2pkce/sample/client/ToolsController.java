package io.github.oauth2pkce.sample.client;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

import io.modelcontextprotocol.spec.McpSchema.CallToolResult;

import org.springframework.context.annotation.Profile;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Shows and calls the tools.
 */
@RestController
@Profile("mcp")
class ToolsController {

	private static final Pattern COUNT = Pattern.compile("\\d{1,18}");

	private final Tools tools;

	ToolsController(Tools tools) {
		this.tools = tools;
	}

	@GetMapping("/tools")
	List<Tools.Tool> all() {
		return this.tools.all();
	}

	@GetMapping("/tools/{name}")
	Object call(@PathVariable String name, @RequestParam Map<String, String> parameters) {
		Map<String, Object> arguments = new TreeMap<>();
		parameters.forEach((key, value) -> arguments.put(key,
				COUNT.matcher(value).matches() ? (Object) Long.valueOf(value) : value));
		CallToolResult result = this.tools.call(name, arguments);
		return (result.structuredContent() != null) ? result.structuredContent() : result.content();
	}

}
