package io.github.oauth2pkce.code;

import java.awt.Desktop;
import java.awt.GraphicsEnvironment;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Opens a person's browser: by the commands in the environment variable {@code BROWSER},
 * else the desktop's, if there is a desktop. The latter never as root: a browser that
 * runs as root is not something to start unasked. Thread-safe.
 */
public final class SystemBrowserOpener implements BrowserOpener {

	private static final long LAUNCH_SECONDS = 3;

	private static final Set<String> TEXT_BROWSERS = Set.of("lynx", "w3m", "links", "links2", "elinks", "www-browser",
			"browsh");

	/** Blanks in quotes separate nothing. */
	private static final Pattern WORD = Pattern.compile("(\"[^\"]*\"|'[^']*'|[^\\s\"'])+");

	private final String system;

	private final boolean root;

	private final Map<String, String> environment;

	private final Predicate<URI> desktop;

	private final Predicate<List<String>> launcher;

	/** Creates the opener for the system that this runs on. */
	public SystemBrowserOpener() {
		this(System.getProperty("os.name", ""), isRoot(), System.getenv());
	}

	SystemBrowserOpener(String system, boolean root, Map<String, String> environment) {
		this(system, root, environment, SystemBrowserOpener::browse, SystemBrowserOpener::launch);
	}

	SystemBrowserOpener(String system, boolean root, Map<String, String> environment, Predicate<URI> desktop,
			Predicate<List<String>> launcher) {
		this.system = system.toLowerCase(Locale.ROOT);
		this.root = root;
		this.environment = environment;
		this.desktop = desktop;
		this.launcher = launcher;
	}

	@Override
	public boolean open(URI page) {
		if (!isWeb(page)) {
			return false;
		}
		return launchChosen(page.toASCIIString())
				|| (!this.root && (openOnDesktop(page) || launch(page.toASCIIString())));
	}

	@Override
	public boolean isAvailable() {
		if (!this.environment.getOrDefault("BROWSER", "").isBlank()) {
			return true;
		}
		return !this.root && (this.system.startsWith("windows") || this.system.startsWith("mac") || hasDisplay());
	}

	private boolean hasDisplay() {
		return this.environment.containsKey("DISPLAY") || this.environment.containsKey("WAYLAND_DISPLAY");
	}

	/**
	 * The convention of Unix: commands to try in turn, separated as in a path, with
	 * {@code %s} for the page, which goes to the end where there is none. Somebody has
	 * set them, so no display is needed, as in a development container whose command
	 * opens a browser elsewhere.
	 */
	private boolean launchChosen(String page) {
		String separator = this.system.startsWith("windows") ? ";" : ":";
		return Stream.of(this.environment.getOrDefault("BROWSER", "").split(separator))
			.map(String::strip)
			.map((command) -> words(command, page))
			.anyMatch((words) -> !words.isEmpty() && !isTextBrowser(words.get(0)) && this.launcher.test(words));
	}

	private static List<String> words(String command, String page) {
		List<String> words = new ArrayList<>();
		if (new File(command).isFile()) {
			// With blanks in its name, as those of Windows that WSL calls.
			words.add(command);
		}
		else {
			Matcher matcher = WORD.matcher(command);
			while (matcher.find()) {
				words.add(matcher.group().replaceAll("[\"']", "").replace("%s", page));
			}
		}
		if (!words.isEmpty() && !command.contains("%s")) {
			words.add(page);
		}
		return words;
	}

	/** Has no terminal here, and would open the page, which works once, for nobody. */
	private static boolean isTextBrowser(String command) {
		return TEXT_BROWSERS.contains(command.substring(command.lastIndexOf('/') + 1));
	}

	private boolean openOnDesktop(URI page) {
		try {
			return this.desktop.test(page);
		}
		catch (RuntimeException | Error ex) {
			// A runtime without AWT, or AWT without its display: AWTError.
			return false;
		}
	}

	/** A desktop opens anything by its scheme: files, programs, mails. */
	private static boolean isWeb(URI page) {
		return "https".equalsIgnoreCase(page.getScheme()) || "http".equalsIgnoreCase(page.getScheme());
	}

	private boolean launch(String page) {
		if (this.system.startsWith("windows")) {
			// Not "cmd /c start": to cmd, the & between parameters ends the command.
			return this.launcher.test(List.of("rundll32", "url.dll,FileProtocolHandler", page));
		}
		if (this.system.startsWith("mac")) {
			return this.launcher.test(List.of("open", page));
		}
		// Without a display, xdg-open starts a text browser in our terminal.
		return hasDisplay() && this.launcher.test(List.of("xdg-open", page));
	}

	private static boolean isRoot() {
		if ("root".equals(System.getProperty("user.name"))) {
			return true;
		}
		try {
			return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
		}
		catch (IOException | UnsupportedOperationException | IllegalArgumentException ex) {
			return false;
		}
	}

	/** Boot makes applications headless; a program that wants AWT says so itself. */
	private static boolean browse(URI page) {
		try {
			if (GraphicsEnvironment.isHeadless() || !Desktop.isDesktopSupported()
					|| !Desktop.getDesktop().isSupported(Desktop.Action.BROWSE)) {
				return false;
			}
			Desktop.getDesktop().browse(page);
			return true;
		}
		catch (IOException ex) {
			// A desktop without a browser.
			return false;
		}
	}

	private static boolean launch(List<String> command) {
		try {
			Process process = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.redirectError(ProcessBuilder.Redirect.DISCARD)
				.start();
			process.getOutputStream().close();
			// Some openers stay as long as the browser does.
			return !process.waitFor(LAUNCH_SECONDS, TimeUnit.SECONDS) || process.exitValue() == 0;
		}
		catch (IOException ex) {
			return false;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

}
