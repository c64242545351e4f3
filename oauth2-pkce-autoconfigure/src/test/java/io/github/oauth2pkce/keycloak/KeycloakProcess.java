package io.github.oauth2pkce.keycloak;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One run of {@code kc.sh} as a child of this JVM. It never outlives the JVM, unless that
 * is killed without a chance to run its shutdown hooks.
 */
final class KeycloakProcess implements AutoCloseable {

	private static final Duration LIMIT = Duration.ofMinutes(5);

	private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

	private static final int LOG_LINES_TO_SHOW = 30;

	private final Process process;

	private final Path log;

	private final Thread shutdownHook = new Thread(this::stop, "keycloak-shutdown");

	private KeycloakProcess(Process process, Path log) {
		this.process = process;
		this.log = log;
		Runtime.getRuntime().addShutdownHook(this.shutdownHook);
	}

	/**
	 * Run a command that ends by itself, like {@code build}.
	 */
	static void run(Path home, String... arguments) {
		try (KeycloakProcess process = launch(home, arguments)) {
			if (!process.endedWithin(LIMIT.toMillis()) || process.process.exitValue() != 0) {
				throw process.failure("did not end with exit code 0");
			}
		}
	}

	/**
	 * Start the server and return once it answers.
	 * @param readinessUri page that answers 200 as soon as the server is usable; an open
	 * port means nothing, because Keycloak listens before it has loaded its realms
	 * @param options of this server
	 */
	static KeycloakProcess serve(Path home, int port, String readinessUri, List<String> options) {
		long start = System.nanoTime();
		List<String> arguments = new ArrayList<>(List.of("start", "--optimized", "--cache=local", "--http-enabled=true",
				"--http-host=127.0.0.1", "--http-port=" + port, "--hostname-strict=false"));
		arguments.addAll(options);
		KeycloakProcess process = launch(home, arguments.toArray(String[]::new));
		try {
			process.awaitOk(URI.create(readinessUri));
			System.out.printf("Keycloak: ready on port %d after %d ms%n", port,
					Duration.ofNanos(System.nanoTime() - start).toMillis());
			return process;
		}
		catch (RuntimeException ex) {
			process.close();
			throw ex;
		}
	}

	private static KeycloakProcess launch(Path home, String... arguments) {
		List<String> command = new ArrayList<>(List.of("sh", home.resolve("bin/kc.sh").toString()));
		command.addAll(Arrays.asList(arguments));
		Path log = home.resolveSibling(home.getFileName() + ".log");
		ProcessBuilder builder = new ProcessBuilder(command).directory(home.toFile())
			.redirectErrorStream(true)
			.redirectInput(Redirect.from(new File("/dev/null")))
			.redirectOutput(Redirect.appendTo(log.toFile()));
		Map<String, String> environment = builder.environment();
		environment.keySet().removeIf((name) -> name.startsWith("KC_") || name.startsWith("JAVA_OPTS"));
		environment.remove("JAVA");
		environment.put("JAVA_HOME", System.getProperty("java.home"));
		// A server that lives for a minute never earns back what the second compiler
		// costs.
		environment.put("JAVA_OPTS_APPEND", "-XX:TieredStopAtLevel=1");
		try {
			return new KeycloakProcess(builder.start(), log);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void awaitOk(URI uri) {
		HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
		HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build();
		long deadline = System.nanoTime() + LIMIT.toNanos();
		while (System.nanoTime() < deadline) {
			if (endedWithin(200)) {
				throw failure("ended before it was ready");
			}
			try {
				if (http.send(request, BodyHandlers.discarding()).statusCode() == 200) {
					return;
				}
			}
			catch (IOException ex) {
				// Not listening yet.
			}
			catch (InterruptedException ex) {
				throw interrupted();
			}
		}
		throw failure("was not ready after " + LIMIT);
	}

	private boolean endedWithin(long milliseconds) {
		try {
			return this.process.waitFor(milliseconds, TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			throw interrupted();
		}
	}

	/**
	 * Ask the server to end and wait until it has.
	 */
	@Override
	public void close() {
		stop();
		try {
			Runtime.getRuntime().removeShutdownHook(this.shutdownHook);
		}
		catch (IllegalStateException ex) {
			// The JVM is about to end and runs the hook itself.
		}
	}

	/**
	 * SIGTERM to {@code kc.sh}, which hands it on to its own child, the server. A shell
	 * that is killed cannot, so the last resort includes the descendants.
	 */
	private void stop() {
		this.process.destroy();
		if (!endedWithin(STOP_LIMIT.toMillis())) {
			this.process.descendants().forEach(ProcessHandle::destroyForcibly);
			this.process.destroyForcibly();
		}
	}

	private IllegalStateException failure(String sentence) {
		StringBuilder message = new StringBuilder("Keycloak " + sentence + "; the end of " + this.log + ":");
		try {
			List<String> lines = Files.readAllLines(this.log);
			lines.subList(Math.max(0, lines.size() - LOG_LINES_TO_SHOW), lines.size())
				.forEach((line) -> message.append(System.lineSeparator()).append("    ").append(line));
		}
		catch (IOException ex) {
			message.append(" (not readable: ").append(ex.getMessage()).append(')');
		}
		return new IllegalStateException(message.toString());
	}

	private static IllegalStateException interrupted() {
		Thread.currentThread().interrupt();
		return new IllegalStateException("Interrupted while waiting for Keycloak");
	}

}
