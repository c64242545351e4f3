package io.github.oauth2pkce.testing;

import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * JSON text in and out.
 */
final class Json {

	private static final JsonMapper MAPPER = JsonMapper.builder().build();

	private Json() {
	}

	static String write(Map<String, ?> members) {
		return MAPPER.writeValueAsString(members);
	}

	/**
	 * The members of the parsed text, or null if it is no object.
	 */
	@SuppressWarnings("unchecked")
	static @Nullable Map<String, Object> readObject(String text) {
		JsonNode node = readLeniently(text);
		return node.isObject() ? MAPPER.convertValue(node, Map.class) : null;
	}

	/**
	 * The parsed text, or a missing node: scripted bodies need not be JSON.
	 */
	static JsonNode readLeniently(String text) {
		try {
			return MAPPER.readTree(text);
		}
		catch (JacksonException ex) {
			return MissingNode.getInstance();
		}
	}

}
