package io.github.oauth2pkce.benchmarks.page;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.oauth2pkce.benchmarks.part.Series;
import io.github.oauth2pkce.benchmarks.request.FilterVariant;

/** What JMH has measured, beside the floor. */
final class RequestTables {

	private static final Map<String, String> NAMES = names();

	private final List<JmhResult> results;

	RequestTables(List<JmhResult> results) {
		this.results = results;
	}

	private static Map<String, String> names() {
		Map<String, String> names = new LinkedHashMap<>();
		names.put("NONE", "nothing");
		names.put("FLOOR", "the floor");
		names.put("FLOOR_OF_10_PATHS", "the floor, beside ten providers on one host");
		names.put("FLOOR_OF_100_HOSTS", "the floor, beside 100 providers");
		names.put("FLOOR_NAMED", "the floor, request names a provider");
		names.put("NAMED", "this starter, provider named by the request");
		names.put("BASE_URL", "this starter, provider found by `base-urls`");
		names.put("BASE_URL_OF_10_PATHS", "the same, one of ten paths on one host");
		names.put("BASE_URL_OF_100_HOSTS", "the same, one of 100 hosts");
		names.put("RESOURCE", "this starter, provider found by its `resource-uri`, with a registered client");
		names.put("BOUND", "this starter, found by `base-urls`, with a proof in each request (DPoP)");
		names.put("METERED", "this starter, found by `base-urls`, with a meter registry");
		names.put("STARTER", "this starter");
		names.put("SPRING_REACTIVE", "Spring Security's reactive filter");
		names.put("SPRING_SERVLET", "Spring Security's servlet filter");
		names.put("SPRING", "Spring Security's interceptor");
		return names;
	}

	static String name(String variant) {
		return NAMES.getOrDefault(variant, variant);
	}

	/**
	 * All variants of a benchmark.
	 * @param benchmark class and method
	 * @return the table
	 */
	Table of(String benchmark) {
		Table table = new Table(List.of("", "ns", "of the floor", "bytes", "of the floor"));
		for (JmhResult result : this.results) {
			if (result.benchmark().equals(benchmark)) {
				row(table, name(result.variant()), result, floor(result));
			}
		}
		return table;
	}

	/** Interceptors have one floor. */
	private JmhResult floor(JmhResult result) {
		FilterVariant floor = result.benchmark().startsWith("FilterBenchmark.")
				? FilterVariant.valueOf(result.variant()).floor() : FilterVariant.FLOOR;
		return find(result.benchmark(), floor.name());
	}

	Table tokens() {
		Map<String, String> subjects = new LinkedHashMap<>();
		subjects.put("floor", "the floor");
		subjects.put("starter", "this starter, `BearerTokenSource.atHand`");
		subjects.put("starterReactive", "this starter, `BearerTokenSource.current`");
		subjects.put("springManager", "Spring Security's authorized client manager");
		JmhResult floor = find("TokenBenchmark.floor", "");
		Table table = new Table(List.of("", "ns", "of the floor", "bytes", "of the floor"));
		subjects.forEach((method, name) -> row(table, name, find("TokenBenchmark." + method, ""), floor));
		return table;
	}

	private static void row(Table table, String name, JmhResult result, JmhResult floor) {
		table.row(name, Series.number(Math.rint(result.nanos())), ratio(result.nanos(), floor.nanos()),
				Series.number(Math.rint(result.bytes())), ratio(result.bytes(), floor.bytes()));
	}

	private JmhResult find(String benchmark, String variant) {
		return this.results.stream()
			.filter((result) -> result.benchmark().equals(benchmark) && result.variant().equals(variant))
			.findFirst()
			.orElseThrow(() -> new IllegalStateException("Not measured: " + benchmark + " " + variant));
	}

	private static String ratio(double value, double other) {
		return (other > 0.5) ? Series.number(value / other) + " ×" : "-";
	}

}
