package io.github.oauth2pkce.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

/** A main class in a JVM of its own, which ends with this object. */
public final class ChildJvm implements AutoCloseable {

	private final Process process;

	private final BufferedReader output;

	private ChildJvm(Process process) {
		this.process = process;
		this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
	}

	/**
	 * Starts a JVM whose output is read line by line.
	 * @param classPath its class path
	 * @param main its main class
	 * @param arguments its arguments
	 * @return the JVM
	 * @throws IOException when it cannot be started
	 */
	public static ChildJvm start(String classPath, Class<?> main, String... arguments) throws IOException {
		return startOn(Path.of(System.getProperty("java.home")), classPath, main, arguments);
	}

	/**
	 * The same with another JDK.
	 * @param javaHome where it is
	 * @param classPath its class path
	 * @param main its main class
	 * @param arguments its arguments
	 * @return the JVM
	 * @throws IOException when it cannot be started
	 */
	public static ChildJvm startOn(Path javaHome, String classPath, Class<?> main, String... arguments)
			throws IOException {
		return new ChildJvm(builder(javaHome, classPath, main, arguments).start());
	}

	/**
	 * Starts a JVM that may well fail, without its complaints.
	 * @param classPath its class path
	 * @param main its main class
	 * @param arguments its arguments
	 * @return the JVM
	 * @throws IOException when it cannot be started
	 */
	public static ChildJvm startQuietly(String classPath, Class<?> main, String... arguments) throws IOException {
		return new ChildJvm(builder(classPath, main, arguments).redirectError(ProcessBuilder.Redirect.DISCARD).start());
	}

	/**
	 * Runs a JVM to its end; its output is this one's.
	 * @param deadline the longest that it may take
	 * @param classPath its class path
	 * @param main its main class
	 * @param arguments its arguments
	 * @throws IOException when it cannot be started
	 * @throws InterruptedException when interrupted
	 */
	public static void run(Duration deadline, String classPath, Class<?> main, String... arguments)
			throws IOException, InterruptedException {
		Process process = builder(classPath, main, arguments).redirectOutput(ProcessBuilder.Redirect.INHERIT).start();
		try (ChildJvm child = new ChildJvm(process)) {
			if (!process.waitFor(deadline.toSeconds(), TimeUnit.SECONDS)) {
				throw new IllegalStateException(main.getSimpleName() + " " + List.of(arguments)
						+ " has not ended within " + deadline.toMinutes() + " minutes");
			}
			if (process.exitValue() != 0) {
				throw new IllegalStateException(
						main.getSimpleName() + " " + List.of(arguments) + " has failed; see its output above");
			}
		}
	}

	private static ProcessBuilder builder(String classPath, Class<?> main, String... arguments) {
		return builder(Path.of(System.getProperty("java.home")), classPath, main, arguments);
	}

	private static ProcessBuilder builder(Path javaHome, String classPath, Class<?> main, String... arguments) {
		List<String> command = new ArrayList<>(
				List.of(javaHome.resolve("bin/java").toString(), "-Xmx1g", "-cp", classPath, main.getName()));
		command.addAll(List.of(arguments));
		return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
	}

	/**
	 * Writes a line to its input.
	 * @param line the line
	 * @throws IOException when it has ended
	 */
	public void writeLine(String line) throws IOException {
		this.process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
		this.process.getOutputStream().flush();
	}

	/**
	 * The next line that it prints.
	 * @param deadline how long to wait
	 * @return the line, or {@code null} when it has ended, or not printed any
	 * @throws InterruptedException when interrupted
	 */
	public @Nullable String readLine(Duration deadline) throws InterruptedException {
		CompletableFuture<@Nullable String> line = CompletableFuture.supplyAsync(() -> {
			try {
				return this.output.readLine();
			}
			catch (IOException ex) {
				return null;
			}
		});
		try {
			return line.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (TimeoutException | ExecutionException ex) {
			return null;
		}
	}

	@Override
	public void close() {
		this.process.destroyForcibly();
	}

}
