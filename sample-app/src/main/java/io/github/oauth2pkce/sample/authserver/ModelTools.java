package io.github.oauth2pkce.sample.authserver;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import io.github.oauth2pkce.sample.authserver.Models.Model;
import io.modelcontextprotocol.server.McpServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue as tools.
 */
final class ModelTools {

	private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

	private static final Map<String, Object> TEXT = Map.of("type", "string");

	private static final Map<String, Object> COUNT = Map.of("type", "integer", "minimum", 0);

	private ModelTools() {
	}

	static List<SyncToolSpecification> all() {
		return List.of(tool("list_models", "Lists the models on offer.", Map.of(), ModelTools::list),
				tool("describe_model", "Says what a model can do and costs.", Map.of("id", TEXT), ModelTools::describe),
				tool("estimate_price", "Estimates the price of a request, in US dollars.",
						Map.of("id", TEXT, "inputTokens", COUNT, "outputTokens", COUNT), ModelTools::estimate));
	}

	private static SyncToolSpecification tool(String name, String description, Map<String, Object> arguments,
			Function<Map<String, Object>, Map<String, Object>> answer) {
		Tool tool = Tool
			.builder(name,
					Map.of("type", "object", "properties", arguments, "required", List.copyOf(arguments.keySet())))
			.description(description)
			.build();
		return SyncToolSpecification.builder()
			.tool(tool)
			.callHandler((exchange, request) -> result(answer.apply(request.arguments())))
			.build();
	}

	private static CallToolResult result(Map<String, Object> answer) {
		return CallToolResult.builder().structuredContent(answer).isError(answer.containsKey("problem")).build();
	}

	private static Map<String, Object> list(Map<String, Object> arguments) {
		return Map.of("models", Models.ALL);
	}

	private static Map<String, Object> describe(Map<String, Object> arguments) {
		return withModel(arguments, (model) -> Map.of("model", model));
	}

	private static Map<String, Object> estimate(Map<String, Object> arguments) {
		return withModel(arguments,
				(model) -> Map.of("usDollars",
						price(model.pricing().input(), arguments.get("inputTokens"))
							.add(price(model.pricing().output(), arguments.get("outputTokens")))
							.setScale(6, RoundingMode.HALF_UP)));
	}

	private static BigDecimal price(BigDecimal ofMillion, @Nullable Object tokens) {
		return ofMillion.multiply(new BigDecimal(String.valueOf(tokens))).divide(MILLION);
	}

	private static Map<String, Object> withModel(Map<String, Object> arguments,
			Function<Model, Map<String, Object>> answer) {
		return Models.ALL.stream()
			.filter((model) -> model.id().equals(arguments.get("id")))
			.findFirst()
			.map(answer)
			.orElse(Map.of("problem", "There is no such model"));
	}

}
