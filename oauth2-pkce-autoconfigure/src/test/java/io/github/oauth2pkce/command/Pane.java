package io.github.oauth2pkce.command;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.awaitility.Awaitility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A shell in a pane of tmux, in a directory with an {@code app.jar}: what is typed there,
 * and what a person sees. With {@code TMUX_REQUIRED=true}, tests fail where there is no
 * tmux.
 */
final class Pane implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private static final String PROMPT = "$";

	private final Path socket;

	private Pane(Path socket) {
		this.socket = socket;
	}

	/**
	 * Opens one.
	 * @param directory where the shell is
	 * @param application the main class of the application
	 * @param environment of the shell
	 */
	static Pane open(Path directory, Class<?> application, Map<String, String> environment) throws Exception {
		if (!"true".equals(System.getenv("TMUX_REQUIRED"))) {
			assumeTrue(isInstalled(), "There is no tmux: install it");
		}
		Path home = Files.createDirectories(directory);
		jar(home.resolve("app.jar"), application);
		// The first compiler is enough for a program that ends at once.
		Path settings = Files.writeString(home.resolve(".shrc"),
				"java() { command '" + Path.of(System.getProperty("java.home"), "bin", "java")
						+ "' -XX:TieredStopAtLevel=1 -Xshare:auto \"$@\"; }\nPS1='$ '\n");
		Path terminal = Files.writeString(home.resolve(".tmux.conf"), "set -s set-clipboard on\n");
		Pane pane = new Pane(home.resolve(".tmux"));
		List<String> session = new ArrayList<>(
				List.of("-f", terminal.toString(), "new-session", "-d", "-x", "150", "-y", "60", "-c", home.toString(),
						"env", "-u", "NO_COLOR", "-u", "COLUMNS", "ENV=" + settings, "LC_ALL=C.UTF-8"));
		environment.forEach((name, value) -> session.add(name + "=" + value));
		session.addAll(List.of("sh", "-i"));
		pane.tmux(session.toArray(String[]::new));
		pane.awaitPrompt();
		return pane;
	}

	private static boolean isInstalled() {
		return Stream.of(System.getenv("PATH").split(File.pathSeparator))
			.anyMatch((path) -> Files.isExecutable(Path.of(path, "tmux")));
	}

	/** One that has nothing in it, and everything on its class path. */
	private static void jar(Path jar, Class<?> application) throws IOException {
		Manifest manifest = new Manifest();
		Attributes attributes = manifest.getMainAttributes();
		attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
		attributes.put(Attributes.Name.MAIN_CLASS, application.getName());
		attributes.putValue("Enable-Native-Access", "ALL-UNNAMED");
		attributes.put(Attributes.Name.CLASS_PATH,
				Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
					.map((entry) -> Path.of(entry).toUri())
					.map(URI::toString)
					.collect(Collectors.joining(" ")));
		new JarOutputStream(Files.newOutputStream(jar), manifest).close();
	}

	/** Types a line, and waits for the end of what it runs. */
	void run(String line) throws Exception {
		type(line);
		awaitPrompt();
	}

	/** Types a line. */
	void type(String line) throws Exception {
		tmux("send-keys", "-l", line);
		press("Enter");
	}

	/** Presses a key, such as {@code Enter} or {@code C-c}. */
	void press(String key) throws Exception {
		tmux("send-keys", key);
	}

	void await(String text) {
		Awaitility.await()
			.atMost(PATIENCE)
			.pollInterval(Duration.ofMillis(50))
			.untilAsserted(() -> assertThat(text()).contains(text));
	}

	void awaitPrompt() {
		Awaitility.await()
			.atMost(PATIENCE)
			.pollInterval(Duration.ofMillis(50))
			.untilAsserted(() -> assertThat(text().lines().toList()).last().isEqualTo(PROMPT));
	}

	/** What is to be seen, without the prompt that waits. */
	String seen() throws Exception {
		return text().replaceAll("\n\\$$", "");
	}

	void clear() throws Exception {
		tmux("send-keys", "-R", ";", "clear-history");
		press("Enter");
		awaitPrompt();
	}

	/** What a program has put into the clipboard. */
	String clipboard() throws Exception {
		return tmux("show-buffer");
	}

	private String text() throws Exception {
		return tmux("capture-pane", "-p", "-S", "-").stripTrailing();
	}

	private String tmux(String... arguments) throws Exception {
		List<String> command = new ArrayList<>(List.of("tmux", "-S", this.socket.toString()));
		command.addAll(Arrays.asList(arguments));
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
		builder.environment().keySet().removeAll(List.of("TMUX", "BROWSER", "DISPLAY", "WAYLAND_DISPLAY"));
		builder.environment().put("LC_ALL", "C.UTF-8");
		Process process = builder.start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
		assertThat(process.exitValue()).as(output).isZero();
		return output;
	}

	@Override
	public void close() throws Exception {
		tmux("kill-server");
	}

}
