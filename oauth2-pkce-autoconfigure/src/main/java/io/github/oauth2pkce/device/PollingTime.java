package io.github.oauth2pkce.device;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The time that polling goes by: monotonic, because a clock that is set must neither end
 * a login nor keep it open.
 */
public interface PollingTime {

	/** The system's time. */
	PollingTime SYSTEM = new PollingTime() {

		@Override
		public long nanoTime() {
			return System.nanoTime();
		}

		@Override
		public void sleep(Duration duration) throws InterruptedException {
			TimeUnit.NANOSECONDS.sleep(duration.toNanos());
		}

	};

	/**
	 * The time since some origin.
	 * @return nanoseconds
	 */
	long nanoTime();

	/**
	 * Waits.
	 * @param duration how long
	 * @throws InterruptedException when the login was cancelled
	 */
	void sleep(Duration duration) throws InterruptedException;

}
