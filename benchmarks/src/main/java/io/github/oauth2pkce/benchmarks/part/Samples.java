package io.github.oauth2pkce.benchmarks.part;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.SerializationFeature;

/** All samples of one part, in the order in which they were first taken. */
public final class Samples {

	private static final JsonMapper JSON = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

	private final Map<List<String>, List<Double>> samples = new LinkedHashMap<>();

	/**
	 * Adds a sample.
	 * @param scenario what was done, such as {@code 64 callers}
	 * @param subject who did it, such as {@code this starter}
	 * @param metric what was counted, with its unit, such as {@code token requests}
	 * @param value the sample
	 */
	public void add(String scenario, String subject, String metric, double value) {
		this.samples.computeIfAbsent(List.of(scenario, subject, metric), (key) -> new ArrayList<>()).add(value);
		System.out.printf("    %s | %s | %s: %s%n", scenario, subject, metric, Series.number(value));
	}

	/** As they are kept. */
	public List<Series> series() {
		return this.samples.entrySet()
			.stream()
			.map((entry) -> new Series(entry.getKey().get(0), entry.getKey().get(1), entry.getKey().get(2),
					entry.getValue()))
			.toList();
	}

	public void write(Path file) {
		if (this.samples.isEmpty()) {
			throw new IllegalStateException("Nothing was measured for " + file);
		}
		JSON.writeValue(file, series());
	}

	public static List<Series> read(Path file) {
		return List.of(JSON.readValue(file, Series[].class));
	}

}
