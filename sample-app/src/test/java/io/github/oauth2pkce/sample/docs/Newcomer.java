package io.github.oauth2pkce.sample.docs;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Reads a page from top to bottom, and puts each block where the paragraph above it says:
 * "{@code `pom.xml`:}" makes that file, "Add to {@code `pom.xml`}" adds to it.
 */
final class Newcomer {

	private static final Pattern BLOCK = Pattern
		.compile("(?m)^((?!```)[^\\n]+(?:\\n(?!```)[^\\n]+)*)?\\n*^```(\\w+)\\n((?:(?!```)[^\\n]*\\n)*)```$");

	private static final Pattern FILE = Pattern.compile("`(pom\\.xml|src/[\\w./-]+)`");

	private final Path directory;

	Newcomer(Path directory) {
		this.directory = directory;
	}

	/** The blocks of a language, in order. */
	static List<String> blocks(String text, String language) {
		List<String> blocks = new ArrayList<>();
		BLOCK.matcher(text)
			.results()
			.filter((block) -> block.group(2).equals(language))
			.forEach((block) -> blocks.add(block.group(3)));
		return blocks;
	}

	/** Writes the files of a part of the page. */
	void write(String text) throws IOException {
		for (MatchResult block : BLOCK.matcher(text).results().toList()) {
			String language = block.group(2);
			if (language.equals("xml") || language.equals("yaml") || language.equals("java")) {
				String above = (block.group(1) != null) ? block.group(1) : "";
				MatchResult named = last(above);
				Path file = this.directory.resolve(named.group(1));
				if (!above.matches("(?s).*\\bAdd to\\b.*")) {
					Files.createDirectories(file.getParent());
					Files.writeString(file, block.group(3));
				}
				else if (language.equals("xml")) {
					Files.writeString(file,
							Files.readString(file).replace("</dependencies>", block.group(3) + "</dependencies>"));
				}
				else {
					Files.writeString(file, block.group(3), StandardOpenOption.APPEND);
				}
			}
		}
	}

	private static MatchResult last(String above) {
		return FILE.matcher(above)
			.results()
			.reduce((first, second) -> second)
			.orElseThrow(() -> new AssertionError("Of what file is the block below this? " + above));
	}

	/** Types a command on a terminal, which {@code script} of util-linux plays. */
	Command type(String command, Path bin, Path state) throws IOException {
		ProcessBuilder shell = new ProcessBuilder("script", "-qefc", "stty -echo; " + command, "/dev/null")
			.directory(this.directory.toFile())
			.redirectErrorStream(true);
		// No colours, and no line that is written anew.
		shell.environment().put("TERM", "dumb");
		shell.environment().put("SHELL", "/bin/bash");
		shell.environment().put("PATH", bin + ":" + System.getProperty("java.home") + "/bin:" + System.getenv("PATH"));
		shell.environment().put("JAVA_HOME", System.getProperty("java.home"));
		shell.environment().put("XDG_STATE_HOME", state.toString());
		shell.environment().keySet().removeIf((name) -> name.matches("(?i)(SPRING|OAUTH2|SERVER|MANAGEMENT)_.*"));
		return new Command(shell.start());
	}

	/** A command that runs, and what it has printed so far. */
	static final class Command implements AutoCloseable {

		private final Process process;

		private final BufferedReader reader;

		private final StringBuilder printed = new StringBuilder();

		private Command(Process process) throws IOException {
			this.process = process;
			this.reader = process.inputReader();
		}

		/** Reads up to the line with this text, or to the end. */
		String until(String text) throws IOException {
			String line = this.reader.readLine();
			while (line != null) {
				this.printed.append(line).append('\n');
				if (line.contains(text)) {
					break;
				}
				line = this.reader.readLine();
			}
			return this.printed.toString();
		}

		String toTheEnd() throws IOException {
			return until("\n");
		}

		int exitCode() throws InterruptedException {
			return this.process.waitFor();
		}

		@Override
		public void close() {
			this.process.descendants().forEach(ProcessHandle::destroy);
			this.process.destroy();
		}

	}

}
