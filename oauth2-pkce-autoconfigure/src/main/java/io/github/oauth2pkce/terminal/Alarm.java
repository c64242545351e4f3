package io.github.oauth2pkce.terminal;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Does things later, on some other thread, and by a clock that nobody can set. */
interface Alarm {

	/** The JDK's own timer; its thread keeps no JVM alive. */
	Alarm SYSTEM = new Alarm() {

		@Override
		public long nanoTime() {
			return System.nanoTime();
		}

		@Override
		public void after(Duration delay, Runnable action) {
			CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS).execute(action);
		}

	};

	long nanoTime();

	void after(Duration delay, Runnable action);

}
