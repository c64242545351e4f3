package io.github.oauth2pkce.autoconfigure;

import java.io.Console;

/** Whether a person is sitting in front of this process. */
final class Terminal {

	private Terminal() {
	}

	/**
	 * Whether both standard input and standard output are a terminal.
	 * @return {@code false} with a pipe or a file at either end
	 */
	static boolean isInteractive() {
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

}
