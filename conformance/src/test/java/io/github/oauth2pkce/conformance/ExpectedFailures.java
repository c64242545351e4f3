package io.github.oauth2pkce.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The scenarios of {@code expected-failures.txt}, each with its reason.
 */
final class ExpectedFailures {

	private ExpectedFailures() {
	}

	static Map<String, String> read() {
		Map<String, String> reasons = new LinkedHashMap<>();
		try (InputStream input = ExpectedFailures.class.getResourceAsStream("/expected-failures.txt")) {
			new String(input.readAllBytes(), StandardCharsets.UTF_8).lines()
				.filter((line) -> !line.isBlank() && !line.startsWith("#"))
				.map((line) -> line.split("\\s+", 2))
				.forEach((columns) -> reasons.put(columns[0], columns[1]));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return reasons;
	}

}
