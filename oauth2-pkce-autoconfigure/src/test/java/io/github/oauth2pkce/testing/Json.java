package io.github.oauth2pkce.testing;

import java.util.Map;

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
