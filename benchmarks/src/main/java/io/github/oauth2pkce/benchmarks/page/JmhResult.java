package io.github.oauth2pkce.benchmarks.page;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.oauth2pkce.benchmarks.part.Series;

/**
 * One result of JMH.
 *
 * @param benchmark class and method
 * @param variant what was measured, empty if the method says it
 * @param nanos time for one request
 * @param bytes allocated for one request
 */
record JmhResult(String benchmark, String variant, double nanos, double bytes) {

	private static final JsonMapper JSON = new JsonMapper();

	static List<JmhResult> read(Path file) {
		List<JmhResult> results = new ArrayList<>();
		for (JsonNode result : JSON.readTree(file)) {
			String[] names = result.get("benchmark").asString().split("\\.");
			results.add(new JmhResult(names[names.length - 2] + "." + names[names.length - 1],
					result.path("params").path("variant").asString(""), median(result.get("primaryMetric")),
					median(result.get("secondaryMetrics").get("gc.alloc.rate.norm"))));
		}
		return results;
	}

	/**
	 * Within a fork, because the mean is at the mercy of the neighbours; and then of the
	 * forks, because the compiler decides anew in each, and not always the same.
	 */
	private static double median(JsonNode metric) {
		List<Double> forks = new ArrayList<>();
		for (JsonNode fork : metric.get("rawData")) {
			List<Double> samples = new ArrayList<>();
			fork.forEach((sample) -> samples.add(sample.asDouble()));
			forks.add(median(samples));
		}
		return median(forks);
	}

	private static double median(List<Double> samples) {
		return new Series("", "", "", samples).median();
	}

}
