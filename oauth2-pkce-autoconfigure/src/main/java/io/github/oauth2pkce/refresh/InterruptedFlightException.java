package io.github.oauth2pkce.refresh;

/** The thread was told to stop while it waited; its interrupt flag is set again. */
final class InterruptedFlightException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	InterruptedFlightException() {
		super("Interrupted while waiting for the lock");
	}

}
