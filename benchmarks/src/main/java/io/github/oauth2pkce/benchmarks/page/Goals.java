package io.github.oauth2pkce.benchmarks.page;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.oauth2pkce.benchmarks.part.Series;
import io.github.oauth2pkce.benchmarks.request.FilterVariant;

/**
 * The goals that were set before anything was measured, and what JVMs that took turns
 * have shown.
 */
final class Goals {

	private static final String RESOURCE = FilterVariant.RESOURCE.name();

	private static final String BOUND = FilterVariant.BOUND.name();

	private static final String SPRING = FilterVariant.SPRING_REACTIVE.name();

	private final List<Series> turns;

	/**
	 * Creates the goals.
	 * @param turns ratios by scenario, variant and metric
	 */
	Goals(List<Series> turns) {
		this.turns = turns;
	}

	Table table() {
		Map<List<String>, Map<String, String>> rows = new LinkedHashMap<>();
		for (Series series : this.turns) {
			rows.computeIfAbsent(List.of(series.scenario(), series.subject()), (row) -> new LinkedHashMap<>())
				.put(series.metric(), cell(series));
		}
		Table table = new Table(List.of("", "goal", "time", "bytes"));
		rows.forEach((row, cells) -> {
			String scenario = row.get(0);
			String variant = row.get(1);
			table.row(RequestTables.name(variant).replace("the same", "this starter") + where(scenario),
					goal(scenario, variant), cells.getOrDefault("time", "-"), cells.getOrDefault("bytes", "-"));
		});
		return table;
	}

	private static String where(String scenario) {
		return scenario.equals("one thread") ? "" : ", on " + scenario;
	}

	private static String goal(String scenario, String variant) {
		if (variant.equals(RESOURCE)) {
			return "no more than a provider named by the request";
		}
		if (variant.equals(BOUND)) {
			return "at most 1.25 × an ES256 signature of the JDK, and the request without";
		}
		if (!variant.equals(SPRING)) {
			return "at most 1.3 × the floor";
		}
		return "at least " + (scenario.startsWith("JDK") ? "12" : "15")
				+ " × the time and 6 × the bytes of this starter";
	}

	private static String cell(Series series) {
		String[] words = series.summary().split(" ", 2);
		return words[0] + " ×" + ((words.length > 1) ? " " + words[1] : "");
	}

}
