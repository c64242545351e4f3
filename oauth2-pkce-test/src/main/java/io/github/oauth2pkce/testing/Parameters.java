package io.github.oauth2pkce.testing;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The {@code application/x-www-form-urlencoded} format, duplicates kept in order.
 */
final class Parameters {

	private Parameters() {
	}

	static Map<String, List<String>> parse(@Nullable String encoded) {
		Map<String, List<String>> parameters = new LinkedHashMap<>();
		if (encoded != null && !encoded.isEmpty()) {
			for (String pair : encoded.split("&")) {
				int equals = pair.indexOf('=');
				String name = (equals < 0) ? pair : pair.substring(0, equals);
				String value = (equals < 0) ? "" : pair.substring(equals + 1);
				parameters.computeIfAbsent(decodeLeniently(name), (key) -> new ArrayList<>())
					.add(decodeLeniently(value));
			}
		}
		return Collections.unmodifiableMap(parameters);
	}

	static String format(Map<String, String> parameters) {
		List<String> pairs = new ArrayList<>();
		parameters.forEach((name, value) -> pairs.add(encode(name) + "=" + encode(value)));
		return String.join("&", pairs);
	}

	// A request is recorded even if it is badly encoded.
	private static String decodeLeniently(String encoded) {
		try {
			return decode(encoded);
		}
		catch (IllegalArgumentException ex) {
			return encoded;
		}
	}

	static String decode(String encoded) {
		return URLDecoder.decode(encoded, StandardCharsets.UTF_8);
	}

	private static String encode(String value) {
		return URLEncoder.encode(value, StandardCharsets.UTF_8);
	}

}
