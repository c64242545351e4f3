package io.github.oauth2pkce.discovery;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The value of the parameter {@code claims} (OpenID Connect Core section 5.5). */
final class ClaimsRequest {

	/** What a resource wrote is shown to people: ASCII only, and on one line. */
	private static final JsonMapper MAPPER = JsonMapper.builder()
		.enable(JsonWriteFeature.ESCAPE_NON_ASCII)
		.enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
		.enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
		.build();

	private ClaimsRequest() {
	}

	/**
	 * Reads a value that somebody else wrote.
	 * @return the same JSON object in printable ASCII, {@code null} when it is none
	 */
	static @Nullable String parse(String text) {
		ObjectNode claims = read(text);
		return (claims != null && !claims.isEmpty()) ? MAPPER.writeValueAsString(claims) : null;
	}

	/**
	 * Asks for what two requests ask for.
	 * @param configured the one
	 * @param demanded the other, which wins where both name a value; and altogether when
	 * the first cannot be read
	 */
	static String merge(String configured, String demanded) {
		ObjectNode first = read(configured);
		ObjectNode second = read(demanded);
		return (first != null && second != null) ? MAPPER.writeValueAsString(merge(first, second)) : demanded;
	}

	private static ObjectNode merge(ObjectNode target, ObjectNode other) {
		other.properties().forEach((member) -> {
			boolean both = target.get(member.getKey()) instanceof ObjectNode && member.getValue() instanceof ObjectNode;
			target.set(member.getKey(),
					both ? merge((ObjectNode) target.get(member.getKey()), (ObjectNode) member.getValue())
							: member.getValue());
		});
		return target;
	}

	private static @Nullable ObjectNode read(String text) {
		try {
			JsonNode json = MAPPER.readTree(text);
			return (json instanceof ObjectNode object) ? object : null;
		}
		catch (JacksonException ex) {
			return null;
		}
	}

}
