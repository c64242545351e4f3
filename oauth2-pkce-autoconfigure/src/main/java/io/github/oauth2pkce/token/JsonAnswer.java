package io.github.oauth2pkce.token;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import io.github.oauth2pkce.ServerText;

import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.util.StringUtils;

/**
 * A JSON object from a server that may not have read the RFC: numbers arrive as strings,
 * floats or nonsense, and something may stand before, after or between. Immutable.
 */
public final class JsonAnswer {

	/** What matters is the size of a document, and that has its limit elsewhere. */
	private static final JsonMapper MAPPER = JsonMapper
		.builder(JsonFactory.builder()
			.streamReadConstraints(StreamReadConstraints.builder()
				.maxNumberLength(Integer.MAX_VALUE)
				.maxNameLength(Integer.MAX_VALUE)
				.build())
			.enable(StreamReadFeature.USE_FAST_BIG_NUMBER_PARSER)
			.enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
			.enable(JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
			.enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
			.enable(JsonReadFeature.ALLOW_LEADING_ZEROS_FOR_NUMBERS)
			.enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
			.build())
		.build();

	/** Longer than any real lifetime, short enough for every date computation. */
	private static final Duration LONGEST = Duration.ofDays(3650);

	/** Against a script that is loaded across origins; some send it to everybody. */
	private static final String NOT_FOR_SCRIPTS = ")]}'";

	private static final Pattern FORM = Pattern.compile("[A-Za-z_]+=[^\\s<>{}\"]*");

	/** Characters of an answer that holds nothing but tokens, as large as they are. */
	private static final int LARGE = 1 << 20;

	/** All that is kept of a larger one: the rest would take many times its size. */
	private static final Set<String> KEPT_OF_LARGE = Set.of(OAuth2ParameterNames.ACCESS_TOKEN,
			OAuth2ParameterNames.TOKEN_TYPE, OAuth2ParameterNames.EXPIRES_IN, OAuth2ParameterNames.REFRESH_TOKEN,
			"refresh_expires_in", "refresh_token_expires_in", OAuth2ParameterNames.SCOPE, "id_token",
			OAuth2ParameterNames.ERROR, OAuth2ParameterNames.ERROR_DESCRIPTION);

	/** Digits, of a number that is looked at. */
	private static final int LONG = 40;

	private static final Pattern LONG_FRACTION = Pattern.compile("(-?[0-9]+[.][0-9]{1,3})[0-9]+");

	private final ObjectNode json;

	private final boolean whole;

	private JsonAnswer(ObjectNode json, boolean whole) {
		this.json = json;
		this.whole = whole;
	}

	/**
	 * Reads a body.
	 * @param body the whole body: an error may have a description of any length, so only
	 * what is shown is ever cut
	 * @return the object, or {@code null} when the body is something else or ends before
	 * the object does
	 */
	public static @Nullable JsonAnswer parse(String body) {
		ObjectNode json = MAPPER.createObjectNode();
		return read(start(body), json, false) ? new JsonAnswer(json, true) : null;
	}

	/**
	 * Reads a body that may have been cut, or be a form, as some servers still answer.
	 * @param body what there is of it
	 * @return the members that are whole, or {@code null} when there are none
	 */
	static @Nullable JsonAnswer parseCut(String body) {
		ObjectNode json = MAPPER.createObjectNode();
		String text = start(body);
		boolean whole = read(text, json, text.length() > LARGE);
		if (!whole && text.length() <= LARGE && FORM.matcher(text.strip()).matches()) {
			whole = true;
			for (String parameter : text.strip().split("&")) {
				String[] pair = parameter.split("=", 2);
				json.put(decoded(pair[0]), decoded(pair[pair.length - 1]));
			}
		}
		return json.isEmpty() ? null : new JsonAnswer(json, whole);
	}

	/**
	 * Whether a body that has been cut is whole for all that, or has a token that is. A
	 * form does not say where it ends.
	 */
	static boolean isUsable(String body) {
		String text = start(body);
		ObjectNode json = MAPPER.createObjectNode();
		boolean whole = read(text, json, text.length() > LARGE);
		JsonAnswer answer = new JsonAnswer(json, whole);
		return whole || answer.accessToken() != null || answer.text(OAuth2ParameterNames.REFRESH_TOKEN) != null;
	}

	/**
	 * The access token.
	 * @return the token, possibly empty, or {@code null} when there is none, or its type
	 * may have been cut off
	 */
	@Nullable String accessToken() {
		return (this.whole || this.json.has(OAuth2ParameterNames.TOKEN_TYPE)) ? text(OAuth2ParameterNames.ACCESS_TOKEN)
				: null;
	}

	private static String decoded(String value) {
		try {
			return URLDecoder.decode(value, StandardCharsets.UTF_8);
		}
		catch (IllegalArgumentException ex) {
			return value;
		}
	}

	private static String start(String body) {
		String text = (!body.isEmpty() && body.charAt(0) == '\uFEFF') ? body.substring(1) : body;
		text = text.stripLeading();
		return text.startsWith(NOT_FOR_SCRIPTS) ? text.substring(NOT_FOR_SCRIPTS.length()).replaceFirst("^,?\\s*", "")
				: text;
	}

	/**
	 * Reads the members of an object, and nothing behind it.
	 * @return whether the object was read to its end
	 */
	private static boolean read(String text, ObjectNode target, boolean tokensOnly) {
		if (!text.startsWith("{")) {
			return false;
		}
		String last = null;
		try (JsonParser parser = MAPPER.createParser(text)) {
			parser.nextToken();
			while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
				String name = parser.currentName();
				JsonToken token = parser.nextToken();
				if (tokensOnly && (!KEPT_OF_LARGE.contains(name) || token.isStructStart())) {
					parser.skipChildren();
					last = null;
					continue;
				}
				JsonNode value = value(parser, token);
				// Of a member that is there twice the last one counts, if it says
				// anything.
				if (!value.isNull() || !target.has(name)) {
					target.set(name, value);
				}
				last = value.isNumber() ? name : null;
			}
			if (parser.currentToken() == JsonToken.END_OBJECT) {
				return true;
			}
		}
		catch (JacksonException ex) {
			// What was read before is good.
		}
		if (last != null) {
			// Cut behind a number: there may have been more of it.
			target.remove(last);
		}
		return false;
	}

	/** To read a million digits takes long, and nobody needs them. */
	private static JsonNode value(JsonParser parser, JsonToken token) {
		if (token == JsonToken.START_OBJECT) {
			ObjectNode object = MAPPER.createObjectNode();
			while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
				String name = parser.currentName();
				object.set(name, value(parser, parser.nextToken()));
			}
			return object;
		}
		if (token == JsonToken.START_ARRAY) {
			ArrayNode array = MAPPER.createArrayNode();
			for (JsonToken item = parser.nextToken(); item != JsonToken.END_ARRAY; item = parser.nextToken()) {
				array.add(value(parser, item));
			}
			return array;
		}
		if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
			String text = parser.getString();
			if (text.length() > LONG) {
				Matcher fraction = LONG_FRACTION.matcher(text);
				return MAPPER.getNodeFactory()
					.numberNode(fraction.matches() ? Double.parseDouble(fraction.group(1)) : Double.parseDouble(text));
			}
		}
		return parser.readValueAsTree();
	}

	/**
	 * A string member.
	 * @param name the member
	 * @return its text, possibly empty, or {@code null} when absent or not a string
	 */
	public @Nullable String text(String name) {
		JsonNode node = this.json.get(name);
		return (node != null && node.isString()) ? node.asString() : null;
	}

	/**
	 * The error code (RFC 6749 section 5.2).
	 * @param listed codes that are found as well where some servers write theirs:
	 * {@code error.code}, {@code code}, {@code status} and {@code suberror}
	 * @return the code, or {@code null} when there is none that can be read
	 */
	public @Nullable String error(Set<String> listed) {
		JsonNode error = this.json.path("error");
		for (JsonNode node : List.of(error, error.path("code"), this.json.path("code"), this.json.path("status"),
				this.json.path("suberror"))) {
			if (node.isValueNode() && listed.contains(node.asString().strip())) {
				return node.asString().strip();
			}
		}
		// RFC 6749 section 3.1: a parameter without a value counts as omitted.
		return (error.isString() && StringUtils.hasText(ServerText.printable(error.asString()))) ? error.asString()
				: null;
	}

	/**
	 * The first of some members that is there and has something in it, looked for beside
	 * the error and in it.
	 */
	@Nullable String first(List<String> names) {
		for (JsonNode object : List.of(this.json, this.json.path("error"))) {
			for (String name : names) {
				JsonNode node = object.path(name);
				if (node.isValueNode() && StringUtils.hasText(ServerText.printable(node.asString()))) {
					return node.asString();
				}
			}
		}
		return null;
	}

	/** The names of its members. */
	Collection<String> names() {
		return this.json.propertyNames();
	}

	/**
	 * A member in seconds, as number or string, rounded up.
	 * @param name the member
	 * @return the time, at most ten years, or {@code null} when absent, unreadable, zero
	 * or negative
	 */
	public @Nullable Duration seconds(String name) {
		JsonNode node = this.json.path(name);
		if (!node.isNumber() && !node.isString()) {
			return null;
		}
		String text = node.asString().strip();
		if (node.isNumber() && (text.length() > LONG || text.endsWith("Infinity"))) {
			return text.startsWith("-") ? null : LONGEST;
		}
		try {
			return (text.length() > LONG) ? null : seconds(new BigDecimal(text));
		}
		catch (NumberFormatException ex) {
			return null;
		}
	}

	private static @Nullable Duration seconds(BigDecimal seconds) {
		if (seconds.signum() <= 0) {
			return null;
		}
		// Rounding "1e999999999" would write it out digit by digit.
		long digits = (long) seconds.precision() - seconds.scale();
		if (digits > 9) {
			return LONGEST;
		}
		long whole = (digits > 0) ? seconds.setScale(0, RoundingMode.CEILING).longValue() : 1;
		return (whole < LONGEST.toSeconds()) ? Duration.ofSeconds(whole) : LONGEST;
	}

	/**
	 * A member that is a time in seconds since 1970, as number or string.
	 * @param name the member
	 * @return the time, {@code null} when absent, unreadable, zero, negative, or further
	 * away than anybody plans
	 */
	public @Nullable Instant instant(String name) {
		JsonNode node = this.json.path(name);
		String text = (node.isNumber() || node.isString()) ? node.asString().strip() : "";
		// The last of these is in the year 5138.
		return (text.matches("[0-9]{1,11}") && Long.parseLong(text) > 0) ? Instant.ofEpochSecond(Long.parseLong(text))
				: null;
	}

	/**
	 * A list of values, as a string separated by spaces (RFC 6749 section 3.3) or by
	 * commas (GitHub), or as an array.
	 * @param name the member
	 * @return the values, or {@code null} when there are none: a parameter without a
	 * value counts as omitted (RFC 6749 section 3.1)
	 */
	public @Nullable Set<String> list(String name) {
		JsonNode node = this.json.path(name);
		Set<String> values = new LinkedHashSet<>();
		if (node.isArray()) {
			node.forEach((item) -> addValues(item, values));
		}
		addValues(node, values);
		return values.isEmpty() ? null : values;
	}

	private static void addValues(JsonNode node, Set<String> values) {
		if (node.isString()) {
			values.addAll(List.of(StringUtils.tokenizeToStringArray(node.asString(), " ,\t\r\n")));
		}
	}

	/**
	 * A member that is an array of strings.
	 * @param name the member
	 * @return its strings in order, none when absent or something else
	 */
	public List<String> texts(String name) {
		List<String> texts = new ArrayList<>();
		JsonNode node = this.json.path(name);
		if (node.isArray()) {
			node.forEach((item) -> {
				if (item.isString()) {
					texts.add(item.asString());
				}
			});
		}
		return texts;
	}

	/**
	 * A member that is a boolean.
	 * @param name the member
	 * @return {@code false} when absent or something else
	 */
	public boolean isTrue(String name) {
		return this.json.path(name).asString("").equals("true");
	}

	/**
	 * The whole object.
	 * @return its members as plain Java values
	 */
	@SuppressWarnings("unchecked")
	public Map<String, Object> toMap() {
		return MAPPER.convertValue(this.json, Map.class);
	}

	@Override
	public String toString() {
		return "JsonAnswer" + this.json.propertyNames();
	}

}
