package io.github.oauth2pkce.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A server that Node runs, as a child of this JVM. What it prints is kept, and is also in
 * {@code target/conformance/peers}.
 */
final class NodeServer implements AutoCloseable {

	private static final int SECONDS = 20;

	private final Process process;

	private final List<String> lines = new CopyOnWriteArrayList<>();

	private final CompletableFuture<String> ready = new CompletableFuture<>();

	private final Thread shutdownHook;

	private NodeServer(Process process, Path output, Pattern ready) {
		this.process = process;
		this.shutdownHook = new Thread(process::destroyForcibly);
		Runtime.getRuntime().addShutdownHook(this.shutdownHook);
		Thread reader = new Thread(() -> read(output, ready), "output of " + output.getFileName());
		reader.setDaemon(true);
		reader.start();
	}

	/**
	 * Starts a script of {@code src/test/resources/peers}.
	 * @return the server, when it has printed a line of JSON
	 */
	static NodeServer script(String name, Map<String, String> environment) {
		try {
			Path directory = Files.createDirectories(Work.DIRECTORY.resolve("peers"));
			Path script = directory.resolve(name);
			try (var content = NodeServer.class.getResourceAsStream("/peers/" + name)) {
				Files.write(script, content.readAllBytes());
			}
			link(directory.resolve("node_modules"));
			return start(List.of(script.toString()), environment, Pattern.compile("^\\{"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Node looks for packages beside the script. */
	private static synchronized void link(Path modules) throws IOException {
		Files.deleteIfExists(modules);
		Files.createSymbolicLink(modules, Npm.modules());
	}

	/**
	 * Starts a module that a package brings.
	 * @param ready what it prints when it listens
	 */
	static NodeServer module(String path, List<String> arguments, Map<String, String> environment, Pattern ready) {
		List<String> command = new ArrayList<>(List.of(Npm.modules().resolve(path).toString()));
		command.addAll(arguments);
		return start(command, environment, ready);
	}

	private static NodeServer start(List<String> arguments, Map<String, String> environment, Pattern ready) {
		try {
			Path directory = Files.createDirectories(Work.DIRECTORY.resolve("peers"));
			List<String> command = new ArrayList<>(List.of(Npm.node()));
			command.addAll(arguments);
			ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile())
				.redirectErrorStream(true)
				.redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
			builder.environment().putAll(environment);
			Path output = directory.resolve(Path.of(arguments.get(0)).getFileName() + ".txt");
			NodeServer server = new NodeServer(builder.start(), output, ready);
			server.firstLine();
			return server;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Returns the line with which it said that it listens.
	 */
	String firstLine() {
		try {
			return this.ready.get(SECONDS, TimeUnit.SECONDS);
		}
		catch (Exception ex) {
			close();
			throw new IllegalStateException("Not started: " + this.lines, ex);
		}
	}

	/**
	 * Returns how many of its lines begin like that.
	 */
	long count(String beginning) {
		return lines(beginning).size();
	}

	/**
	 * Returns how many of its lines begin like that, after a while if they are fewer:
	 * what it has printed may come later than what it has answered.
	 */
	long count(String beginning, int expected) {
		long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
		synchronized (this.lines) {
			for (long left = 10_000; count(beginning) < expected
					&& left > 0; left = (end - System.nanoTime()) / 1_000_000) {
				try {
					this.lines.wait(left);
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
					return count(beginning);
				}
			}
		}
		return count(beginning);
	}

	List<String> lines(String beginning) {
		return this.lines.stream().filter((line) -> line.startsWith(beginning)).toList();
	}

	private void read(Path output, Pattern ready) {
		try (BufferedReader reader = this.process.inputReader(); var copy = Files.newBufferedWriter(output)) {
			for (String line = reader.readLine(); line != null; line = reader.readLine()) {
				synchronized (this.lines) {
					this.lines.add(line);
					this.lines.notifyAll();
				}
				copy.write(line + "\n");
				copy.flush();
				if (ready.matcher(line).find()) {
					this.ready.complete(line);
				}
			}
		}
		catch (IOException ex) {
			this.lines.add(ex.toString());
		}
		this.ready.completeExceptionally(new IllegalStateException("It has ended"));
	}

	@Override
	public void close() {
		this.process.destroyForcibly();
		this.process.onExit().join();
		Runtime.getRuntime().removeShutdownHook(this.shutdownHook);
	}

}
