package io.github.oauth2pkce.terminal;

import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

import org.jspecify.annotations.Nullable;

/** Finds out what this process's standard output can do. */
public final class SystemFeatures {

	private static final int USUAL_COLUMNS = 80;

	private SystemFeatures() {
	}

	/**
	 * Looks at the process and its environment. Asked anew each time: a window may have
	 * been resized, and tests replace standard output.
	 * @param palette the colours to use where colours are wanted
	 * @return the features
	 */
	public static Features now(Palette palette) {
		return of(isTerminal(), System.getenv(), charset(System.out), SystemFeatures::askTheTerminal, palette);
	}

	static Features of(boolean terminal, Map<String, String> environment, Charset charset, IntSupplier columns,
			Palette palette) {
		if (!terminal) {
			return Features.PIPE;
		}
		if ("dumb".equals(environment.get("TERM"))) {
			return Features.PLAIN;
		}
		// https://no-color.org: when present and not an empty string, regardless of its
		// value.
		String noColor = environment.get("NO_COLOR");
		boolean plain = noColor != null && !noColor.isEmpty();
		return new Features(true, true, columns(environment.get("COLUMNS"), columns),
				charset.newEncoder().canEncode('▀'), plain ? Palette.NONE : palette);
	}

	/**
	 * Whether a person can answer here, and the terminal obeys control sequences.
	 * @return {@code false} with a pipe or a file at either end, and on simple terminals
	 */
	public static boolean isInteractive() {
		String type = System.getenv("TERM");
		return isTerminal() && type != null && !type.isEmpty() && !type.equals("dumb") && !type.equals("linux");
	}

	/**
	 * Whether both standard input and standard output are a terminal.
	 * @return {@code false} with a pipe or a file at either end
	 */
	public static boolean isTerminal() {
		Console console = System.console();
		if (console == null) {
			return false;
		}
		try {
			// Since Java 22 there may be a console without a terminal.
			return (boolean) Console.class.getMethod("isTerminal").invoke(console);
		}
		catch (ReflectiveOperationException ex) {
			return true;
		}
	}

	private static int columns(@Nullable String given, IntSupplier otherwise) {
		if (given != null && given.matches("[1-9]\\d{0,4}")) {
			return Integer.parseInt(given);
		}
		int columns = otherwise.getAsInt();
		return (columns > 0) ? columns : USUAL_COLUMNS;
	}

	/** Java 17 does not tell the charset of a stream. */
	private static Charset charset(PrintStream out) {
		try {
			return (Charset) PrintStream.class.getMethod("charset").invoke(out);
		}
		catch (ReflectiveOperationException ex) {
			String name = System.getProperty("sun.stdout.encoding");
			return (name != null && Charset.isSupported(name)) ? Charset.forName(name) : Charset.defaultCharset();
		}
	}

	/** A shell does not export COLUMNS; {@code stty} is on every POSIX system. */
	private static int askTheTerminal() {
		File terminal = new File("/dev/tty");
		if (!terminal.exists()) {
			return 0;
		}
		try {
			Process stty = new ProcessBuilder("stty", "size").redirectInput(terminal)
				.redirectError(ProcessBuilder.Redirect.DISCARD)
				.start();
			if (!stty.waitFor(1, TimeUnit.SECONDS)) {
				stty.destroyForcibly();
				return 0;
			}
			String[] size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip()
				.split(" ");
			return (size.length == 2) ? Integer.parseInt(size[1]) : 0;
		}
		catch (IOException | NumberFormatException ex) {
			return 0;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return 0;
		}
	}

}
