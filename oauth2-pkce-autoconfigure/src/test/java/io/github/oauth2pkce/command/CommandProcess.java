package io.github.oauth2pkce.command;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * An application in a process of its own, on whose command line a command is; what it
 * prints for people or scripts is kept apart from the rest.
 */
final class CommandProcess implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private final Process process;

	private final Output out;

	private final Output err;

	private CommandProcess(Process process) {
		this.process = process;
		this.out = new Output(process.getInputStream());
		this.err = new Output(process.getErrorStream());
	}

	/** With its input and output in pipes. */
	static CommandProcess start(Map<String, String> environment, Class<?> application, String... arguments)
			throws IOException {
		return new CommandProcess(builder(environment, command(application, arguments)).start());
	}

	/** With a terminal for its input and output, and errors on it as well. */
	static CommandProcess onATerminal(Map<String, String> environment, Class<?> application, String... arguments)
			throws IOException {
		String line = command(application, arguments).stream()
			.map((word) -> "'" + word.replace("'", "'\\''") + "'")
			.collect(Collectors.joining(" "));
		return new CommandProcess(builder(environment,
				List.of("script", "--quiet", "--flush", "--return", "--command", "exec " + line, "/dev/null"))
			.start());
	}

	private static List<String> command(Class<?> application, String... arguments) {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-Xshare:auto", "-cp", System.getProperty("java.class.path"), application.getName()));
		command.addAll(Arrays.asList(arguments));
		return command;
	}

	private static ProcessBuilder builder(Map<String, String> environment, List<String> command) {
		ProcessBuilder builder = new ProcessBuilder(command);
		builder.environment()
			.keySet()
			.removeAll(List.of("NO_COLOR", "COLUMNS", "TERM", "DISPLAY", "WAYLAND_DISPLAY", "BROWSER"));
		builder.environment().putAll(Map.of("LC_ALL", "C.UTF-8", "TERM", "xterm-256color", "SHELL", "/bin/sh"));
		builder.environment().putAll(environment);
		return builder;
	}

	/** Waits until something was printed to standard output; gives all that was. */
	String await(String text) throws InterruptedException {
		return this.out.await(text);
	}

	void type(String text) throws IOException {
		this.process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
		this.process.getOutputStream().flush();
	}

	void signal(String name) throws Exception {
		int status = new ProcessBuilder("kill", "-" + name, String.valueOf(this.process.pid())).inheritIO()
			.start()
			.waitFor();
		if (status != 0) {
			throw new AssertionError("kill says " + status);
		}
	}

	/** Waits for the end of the process. */
	int exitCode() throws InterruptedException {
		if (!this.process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
			throw new AssertionError("It goes on after\n" + this.out.text() + "\n" + this.err.text());
		}
		this.out.reader.join(PATIENCE.toMillis());
		this.err.reader.join(PATIENCE.toMillis());
		return this.process.exitValue();
	}

	String out() {
		return this.out.text();
	}

	/** Without what newer JVMs say of Netty's native library. */
	String err() {
		return this.err.text().replaceAll("(?m)^WARNING: .*\\R", "").replaceAll("\\R+$", "\n");
	}

	@Override
	public void close() {
		this.process.descendants().forEach(ProcessHandle::destroyForcibly);
		this.process.destroyForcibly();
	}

	private static final class Output {

		private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

		private final Thread reader;

		Output(InputStream in) {
			this.reader = new Thread(() -> read(in), "command-output");
			this.reader.setDaemon(true);
			this.reader.start();
		}

		private void read(InputStream in) {
			try (in) {
				byte[] some = new byte[8192];
				for (int length = in.read(some); length >= 0; length = in.read(some)) {
					synchronized (this.bytes) {
						this.bytes.write(some, 0, length);
						this.bytes.notifyAll();
					}
				}
			}
			catch (IOException ex) {
				// A terminal's other end is gone.
			}
		}

		String await(String text) throws InterruptedException {
			long deadline = System.nanoTime() + PATIENCE.toNanos();
			synchronized (this.bytes) {
				while (!text().contains(text)) {
					long left = deadline - System.nanoTime();
					if (left <= 0) {
						throw new AssertionError("No '" + text + "' in\n" + text());
					}
					TimeUnit.NANOSECONDS.timedWait(this.bytes, left);
				}
				return text();
			}
		}

		String text() {
			return this.bytes.toString(StandardCharsets.UTF_8);
		}

	}

}
