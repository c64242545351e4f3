package io.github.oauth2pkce.command;

import java.util.ArrayList;
import java.util.List;

/** Rows of text in columns, the last cell of each row as long as it is. */
final class Table {

	private Table() {
	}

	static List<String> lines(List<List<String>> rows) {
		List<Integer> widths = new ArrayList<>();
		for (List<String> row : rows) {
			for (int i = 0; i < row.size(); i++) {
				int width = row.get(i).length();
				if (i == widths.size()) {
					widths.add(width);
				}
				else {
					widths.set(i, Math.max(widths.get(i), width));
				}
			}
		}
		return rows.stream().map((row) -> line(row, widths)).toList();
	}

	private static String line(List<String> row, List<Integer> widths) {
		StringBuilder line = new StringBuilder();
		for (int i = 0; i < row.size(); i++) {
			line.append(row.get(i));
			if (i < row.size() - 1) {
				line.append(" ".repeat(widths.get(i) - row.get(i).length() + 2));
			}
		}
		return line.toString();
	}

}
