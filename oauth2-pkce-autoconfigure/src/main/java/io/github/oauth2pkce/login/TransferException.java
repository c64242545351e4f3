package io.github.oauth2pkce.login;

/** A login does not travel. The message is a sentence for a person; no secret. */
public class TransferException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message what is in the way, and what to do
	 */
	public TransferException(String message) {
		super(message);
	}

}
