package io.github.oauth2pkce.command;

/** The command itself is wrong. The message is a sentence for whoever typed it. */
public class MisuseException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message what is wrong, and what would be right
	 */
	public MisuseException(String message) {
		super(message);
	}

}
