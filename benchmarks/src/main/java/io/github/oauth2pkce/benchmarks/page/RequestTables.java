package io.github.oauth2pkce.benchmarks.page;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.oauth2pkce.benchmarks.part.Series;

/** What JMH has measured, beside the floor. */
final class RequestTables {

	private static final String FILTER = "FilterBenchmark.";

	private static final Map<String, String> NAMES = names();

	private final List<JmhResult> results;

	private final List<JmhResult> onOtherJdk;

	RequestTables(List<JmhResult> results) {
		String jdk = results.isEmpty() ? "" : results.get(0).jdk();
		this.results = results.stream().filter((result) -> result.jdk().equals(jdk)).toList();
		this.onOtherJdk = results.stream().filter((result) -> !result.jdk().equals(jdk)).toList();
	}

	private static Map<String, String> names() {
		Map<String, String> names = new LinkedHashMap<>();
		names.put("NONE", "nothing");
		names.put("FLOOR", "the floor");
		names.put("FLOOR_OF_100_HOSTS", "the floor, beside 100 providers");
		names.put("FLOOR_OF_100_PATHS", "the floor, beside 100 providers on one host");
		names.put("FLOOR_NAMED", "the floor, request names a provider");
		names.put("FLOOR_NAMED_OF_100", "the floor, request names one of 100 providers");
		names.put("NAMED", "this starter, provider named by the request");
		names.put("NAMED_OF_100", "the same, one of 100 providers");
		names.put("BASE_URL", "this starter, provider found by `base-urls`");
		names.put("BASE_URL_OF_100_HOSTS", "the same, one of 100 hosts");
		names.put("BASE_URL_OF_100_PATHS", "the same, one of 100 paths on one host");
		names.put("METERED", "this starter, found by `base-urls`, with a meter registry");
		names.put("STARTER", "this starter");
		names.put("SPRING_REACTIVE", "Spring Security's reactive filter");
		names.put("SPRING_SERVLET", "Spring Security's servlet filter");
		names.put("SPRING", "Spring Security's interceptor");
		return names;
	}

	/**
	 * All variants of a benchmark.
	 * @param benchmark class and method
	 * @param threads how many at a time
	 * @return the table
	 */
	Table of(String benchmark, int threads) {
		Table table = new Table(List.of("", "ns", "of the floor", "bytes", "of the floor"));
		for (JmhResult result : this.results) {
			if (result.benchmark().equals(benchmark) && result.threads() == threads) {
				row(table, NAMES.getOrDefault(result.variant(), result.variant()), result, floor(result));
			}
		}
		return table;
	}

	/**
	 * The floor of the same request beside the same application: an attribute costs
	 * whoever sends it, and objects of other providers are in everybody's way.
	 */
	private JmhResult floor(JmhResult result) {
		String variant = result.variant();
		String floor = variant.startsWith("FLOOR") ? variant : "FLOOR";
		if (variant.startsWith("BASE_URL")) {
			floor = variant.replace("BASE_URL", "FLOOR");
		}
		if (variant.startsWith("NAMED")) {
			floor = "FLOOR_" + variant;
		}
		return find(result.benchmark(), floor, result.threads());
	}

	/** What was measured on another JDK, beside its own floor. */
	String onOtherJdk() {
		if (this.onOtherJdk.isEmpty()) {
			return "No other JDK was measured.";
		}
		Table table = new RequestTables(this.onOtherJdk).of(FILTER + "write", 1);
		return "JDK " + this.onOtherJdk.get(0).jdk() + ":\n\n" + table;
	}

	Table tokens() {
		Map<String, String> subjects = new LinkedHashMap<>();
		subjects.put("floor", "the floor");
		subjects.put("starter", "this starter, `BearerTokenSource.atHand`");
		subjects.put("starterReactive", "this starter, `BearerTokenSource.current`");
		subjects.put("springManager", "Spring Security's authorized client manager");
		JmhResult floor = find("TokenBenchmark.floor", "", 1);
		Table table = new Table(List.of("", "ns", "of the floor", "bytes", "of the floor"));
		subjects.forEach((method, name) -> row(table, name, find("TokenBenchmark." + method, "", 1), floor));
		return table;
	}

	private static void row(Table table, String name, JmhResult result, JmhResult floor) {
		table.row(name, Series.number(Math.rint(result.nanos())), ratio(result.nanos(), floor.nanos()),
				Series.number(Math.rint(result.bytes())), ratio(result.bytes(), floor.bytes()));
	}

	/** The goals that were set before anything was measured. */
	Table goals() {
		Table table = new Table(List.of("", "goal", "measured"));
		for (String variant : List.of("NAMED", "NAMED_OF_100", "BASE_URL", "BASE_URL_OF_100_HOSTS",
				"BASE_URL_OF_100_PATHS")) {
			atMost(table, NAMES.getOrDefault(variant, "").replace("the same", "this starter"), variant, 1);
		}
		atMost(table, "this starter, on two threads", "BASE_URL", 2);
		atMost(table, "this starter, one of 100 hosts, on two threads", "BASE_URL_OF_100_HOSTS", 2);
		JmhResult ours = find(FILTER + "write", "BASE_URL", 1);
		JmhResult spring = find(FILTER + "write", "SPRING_REACTIVE", 1);
		table.row("faster than Spring Security's reactive filter", "at least 15 times",
				ratio(spring.nanos(), ours.nanos()));
		table.row("leaner than Spring Security's reactive filter", "at least 6 times",
				ratio(spring.bytes(), ours.bytes()));
		return table;
	}

	private void atMost(Table table, String name, String variant, int threads) {
		JmhResult result = find(FILTER + "write", variant, threads);
		JmhResult floor = floor(result);
		table.row(name + ": time", "at most 1.25 × the floor", ratio(result.nanos(), floor.nanos()));
		table.row(name + ": bytes", "at most 1.25 × the floor", ratio(result.bytes(), floor.bytes()));
	}

	private JmhResult find(String benchmark, String variant, int threads) {
		return this.results.stream()
			.filter((result) -> result.benchmark().equals(benchmark) && result.variant().equals(variant)
					&& result.threads() == threads)
			.findFirst()
			.orElseThrow(() -> new IllegalStateException(
					"Not measured: " + benchmark + " " + variant + " on " + threads + " threads"));
	}

	private static String ratio(double value, double other) {
		return (other > 0.5) ? Series.number(value / other) + " ×" : "-";
	}

}
