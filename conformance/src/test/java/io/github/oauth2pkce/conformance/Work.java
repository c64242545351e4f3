package io.github.oauth2pkce.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.springframework.util.FileSystemUtils;

/**
 * The directory of a run, and the processes in it.
 */
final class Work {

	static final Path DIRECTORY = Path.of(System.getProperty("conformance.work", "target/conformance"))
		.toAbsolutePath();

	private static final int LINES_AT_THE_END = 60;

	private Work() {
	}

	/**
	 * Returns an empty directory.
	 */
	static Path directory(String name) {
		try {
			Path directory = DIRECTORY.resolve(name);
			FileSystemUtils.deleteRecursively(directory);
			return Files.createDirectories(directory);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Runs a command to its end, or ends it together with all that it has started.
	 * @return its exit code; -1 if it had to be ended
	 */
	static int run(List<String> command, Path output, Duration timeout) {
		return run(command, Map.of(), output, timeout);
	}

	static int run(List<String> command, Map<String, String> environment, Path output, Duration timeout) {
		try {
			Files.createDirectories(DIRECTORY);
			ProcessBuilder builder = new ProcessBuilder(command).directory(DIRECTORY.toFile())
				.redirectErrorStream(true)
				.redirectOutput(output.toFile());
			builder.environment().putAll(environment);
			Process process = builder.start();
			process.getOutputStream().close();
			try {
				return process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS) ? process.exitValue() : -1;
			}
			finally {
				process.descendants().forEach(ProcessHandle::destroyForcibly);
				process.destroyForcibly();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot start " + command.get(0), ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Returns the last lines of a file.
	 */
	static String end(Path file) {
		try {
			List<String> lines = Files.readAllLines(file);
			return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES_AT_THE_END), lines.size()));
		}
		catch (IOException ex) {
			return "(" + ex + ")";
		}
	}

}
