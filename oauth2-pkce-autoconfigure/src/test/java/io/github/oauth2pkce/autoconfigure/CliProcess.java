package io.github.oauth2pkce.autoconfigure;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.micrometer.core.instrument.MeterRegistry;

import io.github.oauth2pkce.login.LoginOutcome;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * A command line program in a process of its own, in a pipe or on a terminal: asks for a
 * login by its own code or by the property, and says what it got.
 */
final class CliProcess implements AutoCloseable {

	private final Process process;

	private final ByteArrayOutputStream output = new ByteArrayOutputStream();

	private final Thread reader;

	private CliProcess(Process process) {
		this.process = process;
		this.reader = new Thread(this::read, "cli-output");
		this.reader.setDaemon(true);
		this.reader.start();
	}

	public static void main(String[] args) {
		TestApplication.of(WebApplicationType.NONE)
			.with("spring.main.register-shutdown-hook=true", "logging.level.root=info")
			.with(args)
			.with(Program.class)
			.run()
			.close();
		System.out.println("the end");
	}

	@Configuration(proxyBeanMethods = false)
	static class Program {

		@Bean
		CommandLineRunner runner(Logins logins, Environment environment) {
			return (arguments) -> {
				if (environment.getProperty("cli.asks", Boolean.class, false)) {
					logins.logIn("demo");
				}
				System.out.println("the program goes on");
			};
		}

		/** Told after everything has stopped. */
		@Bean
		DisposableBean counted(MeterRegistry meters) {
			return () -> {
				for (LoginOutcome outcome : LoginOutcome.values()) {
					System.out.println("counted " + outcome.tag() + "="
							+ meters.get("oauth2.pkce.login").tag("outcome", outcome.tag()).timer().count());
				}
			};
		}

	}

	/** With its output in a pipe, as in a container or a log file. */
	static CliProcess inAPipe(Map<String, String> environment, String... properties) throws IOException {
		return start(command(properties), environment);
	}

	/** With a terminal for its input and output. */
	static CliProcess onATerminal(Map<String, String> environment, String... properties) throws IOException {
		String line = command(properties).stream()
			.map((word) -> "'" + word.replace("'", "'\\''") + "'")
			.collect(Collectors.joining(" "));
		return start(List.of("script", "--quiet", "--flush", "--return", "--command", "exec " + line, "/dev/null"),
				environment);
	}

	private static List<String> command(String... properties) {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-Xshare:auto", "-cp", System.getProperty("java.class.path"), CliProcess.class.getName()));
		command.addAll(List.of(properties));
		return command;
	}

	private static CliProcess start(List<String> command, Map<String, String> environment) throws IOException {
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
		builder.environment().keySet().removeAll(List.of("NO_COLOR", "COLUMNS", "TERM"));
		builder.environment().putAll(Map.of("LC_ALL", "C.UTF-8", "TERM", "xterm-256color", "SHELL", "/bin/sh"));
		builder.environment().putAll(environment);
		return new CliProcess(builder.start());
	}

	private void read() {
		try (InputStream in = this.process.getInputStream()) {
			byte[] some = new byte[8192];
			for (int length = in.read(some); length >= 0; length = in.read(some)) {
				synchronized (this.output) {
					this.output.write(some, 0, length);
					this.output.notifyAll();
				}
			}
		}
		catch (IOException ex) {
			// A terminal's other end is gone.
		}
	}

	/** Waits until something was printed; gives everything that was. */
	String await(String text, Duration timeout) throws InterruptedException {
		long deadline = System.nanoTime() + timeout.toNanos();
		synchronized (this.output) {
			while (!text().contains(text)) {
				long left = deadline - System.nanoTime();
				if (left <= 0) {
					throw new AssertionError("No '" + text + "' in\n" + text());
				}
				TimeUnit.NANOSECONDS.timedWait(this.output, left);
			}
			return text();
		}
	}

	private String text() {
		return this.output.toString(StandardCharsets.UTF_8);
	}

	/** What a person does. */
	void pressControlC() {
		try {
			this.process.getOutputStream().write(3);
			this.process.getOutputStream().flush();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	void signal(String name) throws Exception {
		int status = new ProcessBuilder("kill", "-" + name, String.valueOf(this.process.pid())).inheritIO()
			.start()
			.waitFor();
		if (status != 0) {
			throw new AssertionError("kill says " + status);
		}
	}

	/** Waits for the end of the process; gives everything that it printed. */
	String awaitEnd(Duration timeout) throws InterruptedException {
		if (!this.process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
			throw new AssertionError("It goes on after\n" + text());
		}
		this.reader.join(timeout.toMillis());
		return text();
	}

	int exitCode() {
		return this.process.exitValue();
	}

	@Override
	public void close() {
		this.process.descendants().forEach(ProcessHandle::destroyForcibly);
		this.process.destroyForcibly();
	}

}
