package io.github.oauth2pkce.token;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.oauth2pkce.ServerText;

import org.springframework.util.StringUtils;

/**
 * A JSON object from a server that may not have read the RFC: numbers arrive as strings,
 * floats or nonsense. Immutable.
 */
public final class JsonAnswer {

	private static final JsonMapper MAPPER = JsonMapper.shared();

	/** Longer than any real lifetime, short enough for every date computation. */
	private static final Duration LONGEST = Duration.ofDays(3650);

	private final JsonNode json;

	private JsonAnswer(JsonNode json) {
		this.json = json;
	}

	/**
	 * Reads a body.
	 * @param body the whole body: an error may have a description of any length, so only
	 * what is shown is ever cut
	 * @return the object, or {@code null} when the body is something else
	 */
	public static @Nullable JsonAnswer parse(String body) {
		try {
			JsonNode json = MAPPER.readTree(body);
			return (json != null && json.isObject()) ? new JsonAnswer(json) : null;
		}
		catch (JacksonException ex) {
			return null;
		}
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
	@Nullable String error(Set<String> listed) {
		JsonNode error = this.json.path("error");
		for (JsonNode node : List.of(error.path("code"), this.json.path("code"), this.json.path("status"),
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
	 * A member in seconds, as number or string, rounded up.
	 * @param name the member
	 * @return the time, at most ten years, or {@code null} when absent, unreadable, zero
	 * or negative
	 */
	public @Nullable Duration seconds(String name) {
		JsonNode node = this.json.get(name);
		if (node == null || !(node.isNumber() || node.isString())) {
			return null;
		}
		try {
			String text = node.asString().strip();
			if (node.isNumber() && (text.length() > 40 || text.endsWith("Infinity"))) {
				return text.startsWith("-") ? null : LONGEST;
			}
			return (text.length() > 40) ? null : seconds(new BigDecimal(text));
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
	 * A list of values, as a string separated by spaces (RFC 6749 section 3.3) or by
	 * commas (GitHub), or as an array.
	 * @param name the member
	 * @return the values, or {@code null} when absent
	 */
	public @Nullable Set<String> list(String name) {
		JsonNode node = this.json.get(name);
		Set<String> values = new LinkedHashSet<>();
		if (node != null && node.isArray()) {
			node.forEach((item) -> {
				if (item.isString()) {
					values.add(item.asString());
				}
			});
			return values;
		}
		if (node == null || !node.isString()) {
			return null;
		}
		for (String value : node.asString().split("[ ,]+")) {
			if (!value.isBlank()) {
				values.add(value);
			}
		}
		return values;
	}

	/**
	 * The whole object.
	 * @return its members as plain Java values
	 */
	@SuppressWarnings("unchecked")
	public java.util.Map<String, Object> toMap() {
		return MAPPER.convertValue(this.json, java.util.Map.class);
	}

	@Override
	public String toString() {
		return "JsonAnswer" + this.json.propertyNames();
	}

}
