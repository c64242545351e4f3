package io.github.oauth2pkce.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ServerText;

/** The lines of {@code doctor}. Not thread-safe. */
final class Checkup {

	private static final int LONGEST = 700;

	private final Report report;

	private final List<List<String>> rows = new ArrayList<>();

	private String subject = "";

	Checkup(Report report) {
		this.report = report;
	}

	/** What comes now is about this provider, or the store. */
	void about(String subject) {
		this.subject = subject;
	}

	void ok(String check, String text) {
		add(check, "ok", text, null);
	}

	/**
	 * Adds a problem.
	 * @param check what was checked
	 * @param text what is wrong
	 * @param remedy what to set, as a sentence; {@code null} when the text says it
	 */
	void problem(String check, String text, @Nullable String remedy) {
		add(check, "problem", text, remedy);
		this.report.exitCode(Report.WRONG);
	}

	private void add(String check, String result, String text, @Nullable String remedy) {
		String printable = ServerText.printable(text, LONGEST);
		this.rows.add(List.of(this.subject, check, result,
				(remedy != null) ? withoutStop(printable) + ". " + remedy : printable));
		Map<String, Object> entry = this.report.add("checks");
		entry.put("subject", this.subject);
		entry.put("check", check);
		entry.put("result", result);
		entry.put("message", printable);
		if (remedy != null) {
			entry.put("remedy", remedy);
		}
	}

	private static String withoutStop(String text) {
		return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
	}

	void print() {
		Table.lines(this.rows).forEach(this.report::line);
	}

}
