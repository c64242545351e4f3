package io.github.oauth2pkce.code;

import java.awt.Desktop;
import java.awt.GraphicsEnvironment;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Opens the desktop's browser, if there is a desktop. Never as root: a browser that runs
 * as root is not something to start unasked. Thread-safe.
 */
public final class SystemBrowserOpener implements BrowserOpener {

	private static final long LAUNCH_SECONDS = 3;

	private final String system;

	private final boolean root;

	private final Map<String, String> environment;

	private final Predicate<URI> desktop;

	private final Predicate<List<String>> launcher;

	/** Creates the opener for the system that this runs on. */
	public SystemBrowserOpener() {
		this(System.getProperty("os.name", ""), isRoot(), System.getenv(), SystemBrowserOpener::browse,
				SystemBrowserOpener::launch);
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
		if (this.root || !isWeb(page)) {
			return false;
		}
		return this.desktop.test(page) || launch(page.toASCIIString());
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
		boolean display = this.environment.containsKey("DISPLAY") || this.environment.containsKey("WAYLAND_DISPLAY");
		return display && this.launcher.test(List.of("xdg-open", page));
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
		catch (IOException | RuntimeException | LinkageError ex) {
			// A runtime without AWT, or a desktop without a browser.
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
