package io.github.oauth2pkce.conformance;

import java.time.Duration;

/**
 * Ends a process that hangs. The suite gives up after a minute, but then stops only the
 * shell that it started, and waits for the output of this process to end.
 */
final class Deadline {

	private static final Duration TIME_TO_LIVE = Duration.ofSeconds(70);

	private Deadline() {
	}

	static void start() {
		Thread thread = new Thread(() -> {
			try {
				Thread.sleep(TIME_TO_LIVE.toMillis());
			}
			catch (InterruptedException ex) {
				return;
			}
			System.err.println("Still running after " + TIME_TO_LIVE + ": given up.");
			Runtime.getRuntime().halt(70);
		}, "deadline");
		thread.setDaemon(true);
		thread.start();
	}

}
