package io.github.oauth2pkce.command;

import java.io.PrintStream;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.json.JsonMapper;

/**
 * Standard output belongs to the command alone; whatever else the application prints, its
 * log and its banner included, goes to standard error. For scripts, so does all that a
 * person has to read meanwhile.
 */
public final class CommandStreams {

	/** As it was before the first context of the application took it. */
	private static @Nullable PrintStream taken;

	private final PrintStream out;

	private final PrintStream err;

	private final boolean json;

	CommandStreams(PrintStream out, PrintStream err, boolean json) {
		this.out = out;
		this.err = err;
		this.json = json;
	}

	/** Takes standard output away from everybody else. */
	static synchronized CommandStreams take(boolean json) {
		PrintStream out = System.out;
		if (out == System.err && taken != null) {
			// The child of a context that has taken it.
			out = taken;
		}
		taken = out;
		System.setOut(System.err);
		return new CommandStreams(out, System.err, json);
	}

	/**
	 * Where a person is told what to do while the command runs.
	 * @return the stream
	 */
	public PrintStream prompts() {
		return this.json ? this.err : this.out;
	}

	void print(String command, Report report) {
		report.problems().forEach(this.err::println);
		this.err.flush();
		if (this.json) {
			this.out.println(JsonMapper.shared().writeValueAsString(report.toJson(command)));
		}
		else {
			report.lines().forEach(this.out::println);
		}
		this.out.flush();
	}

}
