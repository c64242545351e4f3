package io.github.oauth2pkce.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.oauth2pkce.ServerText;

/**
 * What came of a command: lines for people, the same for scripts, and an exit code. Not
 * thread-safe.
 */
public final class Report {

	/** Something needs a person, or is wrong. */
	static final int WRONG = 1;

	/** The command itself is wrong. */
	static final int MISUSED = 2;

	private static final int LONGEST = 2000;

	private final List<String> lines = new ArrayList<>();

	private final List<String> problems = new ArrayList<>();

	private final Map<String, Object> json = new LinkedHashMap<>();

	private int exitCode;

	/**
	 * Adds a line for people.
	 * @param line the line; may quote a server
	 */
	void line(String line) {
		this.lines.add(ServerText.printable(line, LONGEST));
	}

	/**
	 * Adds a sentence on what went wrong, which a script sees as well.
	 * @param sentence the sentence; may quote a server
	 */
	void problem(String sentence) {
		this.problems.add(ServerText.printable(sentence, LONGEST));
		exitCode(WRONG);
	}

	/**
	 * Adds a member for scripts.
	 * @param name the member
	 * @param value what a JSON mapper can write
	 */
	void put(String name, Object value) {
		this.json.put(name, value);
	}

	/**
	 * Adds an object to a list for scripts.
	 * @param name the list
	 * @return the object, to be filled
	 */
	Map<String, Object> add(String name) {
		Map<String, Object> entry = new LinkedHashMap<>();
		@SuppressWarnings("unchecked")
		List<Object> list = (List<Object>) this.json.computeIfAbsent(name, (key) -> new ArrayList<>());
		list.add(entry);
		return entry;
	}

	/**
	 * Ends with this code, unless with a greater one.
	 * @param exitCode the code
	 */
	void exitCode(int exitCode) {
		this.exitCode = Math.max(this.exitCode, exitCode);
	}

	int exitCode() {
		return this.exitCode;
	}

	List<String> lines() {
		return this.lines;
	}

	List<String> problems() {
		return this.problems;
	}

	Map<String, Object> toJson(String command) {
		Map<String, Object> all = new LinkedHashMap<>();
		all.put("command", command);
		all.put("exitCode", this.exitCode);
		if (!this.problems.isEmpty()) {
			all.put("error", String.join("\n", this.problems));
		}
		all.putAll(this.json);
		return all;
	}

}
