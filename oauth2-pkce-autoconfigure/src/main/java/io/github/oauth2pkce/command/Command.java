package io.github.oauth2pkce.command;

/**
 * A command that runs instead of the application. Blocking; runs once, on the main
 * thread.
 */
public interface Command {

	/**
	 * What a person types.
	 * @return the value of {@code oauth2.pkce.command}
	 */
	String name();

	/**
	 * Runs the command.
	 * @param line what was typed
	 * @param report takes what came of it
	 * @throws MisuseException when the command cannot be run as it was typed
	 */
	void run(CommandLine line, Report report);

}
