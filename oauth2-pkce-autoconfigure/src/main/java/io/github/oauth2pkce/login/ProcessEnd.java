package io.github.oauth2pkce.login;

import java.util.concurrent.TimeUnit;

/**
 * The end of the process, by Ctrl-C or a signal. Whoever waited for a login that it cut
 * short must not go on: all they could do is print a stack trace over the person's
 * terminal, because what they need is closed already.
 */
public final class ProcessEnd {

	/** Not for ever: a shutdown hook may be waiting for this very thread. */
	private static final long PATIENCE_SECONDS = 10;

	private ProcessEnd() {
	}

	/** Stays here while the process ends; returns at once when it does not. */
	public static void await() {
		if (!hasBegun()) {
			return;
		}
		try {
			TimeUnit.SECONDS.sleep(PATIENCE_SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private static boolean hasBegun() {
		try {
			// The only way to ask; there is no such hook to remove.
			Runtime.getRuntime().removeShutdownHook(new Thread());
			return false;
		}
		catch (IllegalStateException ex) {
			return true;
		}
	}

}
