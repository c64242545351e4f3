package io.github.oauth2pkce.benchmarks.part;

import java.util.List;
import java.util.Locale;

/**
 * Samples of one thing.
 *
 * @param scenario what was done
 * @param subject who did it
 * @param metric what was counted
 * @param samples one per round
 */
public record Series(String scenario, String subject, String metric, List<Double> samples) {

	public double median() {
		List<Double> sorted = this.samples.stream().sorted().toList();
		int middle = sorted.size() / 2;
		return (sorted.size() % 2 == 1) ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
	}

	/** Median, and the range if there is one. */
	public String summary() {
		String median = number(median());
		String min = number(this.samples.stream().mapToDouble(Double::doubleValue).min().orElseThrow());
		String max = number(this.samples.stream().mapToDouble(Double::doubleValue).max().orElseThrow());
		return min.equals(max) ? median : median + " [" + min + " .. " + max + "]";
	}

	/** With about three digits that mean something. */
	public static String number(double value) {
		double size = Math.abs(value);
		if (size >= 1000 || size == Math.rint(size)) {
			return String.format(Locale.ROOT, "%,.0f", value);
		}
		return String.format(Locale.ROOT,
				(size >= 100) ? "%.0f" : (size >= 10) ? "%.1f" : (size >= 0.1) ? "%.2f" : "%.4f", value);
	}

}
