package io.github.oauth2pkce.benchmarks.page;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.github.oauth2pkce.benchmarks.part.Series;

/** A table in Markdown. */
final class Table {

	private final StringBuilder text = new StringBuilder();

	Table(List<String> columns) {
		row(columns);
		row(columns.stream().map((column) -> "---").toList());
	}

	/**
	 * Subjects as rows, metrics as columns, medians with their range as cells.
	 * @param series of one scenario
	 * @return the table
	 */
	static Table of(List<Series> series) {
		Map<String, Map<String, String>> rows = new LinkedHashMap<>();
		Set<String> metrics = new LinkedHashSet<>();
		for (Series one : series) {
			metrics.add(one.metric());
			rows.computeIfAbsent(one.subject(), (subject) -> new LinkedHashMap<>()).put(one.metric(), one.summary());
		}
		List<String> columns = new ArrayList<>(metrics);
		columns.add(0, "");
		Table table = new Table(columns);
		rows.forEach((subject, cells) -> {
			List<String> row = new ArrayList<>(List.of(subject));
			metrics.forEach((metric) -> row.add(cells.getOrDefault(metric, "-")));
			table.row(row);
		});
		return table;
	}

	Table row(String... cells) {
		return row(Arrays.asList(cells));
	}

	private Table row(List<String> cells) {
		this.text.append("| ").append(String.join(" | ", cells)).append(" |\n");
		return this;
	}

	@Override
	public String toString() {
		return this.text.toString().stripTrailing();
	}

}
