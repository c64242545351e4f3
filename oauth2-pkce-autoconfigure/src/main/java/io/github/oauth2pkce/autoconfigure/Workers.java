package io.github.oauth2pkce.autoconfigure;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads for refresh flights, of their own: whoever waits for a token may fill every
 * other pool. Not an {@code Executor} bean, which would switch off Boot's.
 */
final class Workers implements AutoCloseable {

	private static final int THREADS = 32;

	private static final long SHUTDOWN_SECONDS = 10;

	private final ThreadPoolExecutor threads;

	Workers() {
		AtomicInteger count = new AtomicInteger();
		this.threads = new ThreadPoolExecutor(THREADS, THREADS, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
				(task) -> {
					Thread thread = new Thread(task, "oauth2-refresh-" + count.incrementAndGet());
					thread.setDaemon(true);
					return thread;
				});
		this.threads.allowCoreThreadTimeOut(true);
	}

	Executor executor() {
		return this.threads;
	}

	/** Lets flights land: a refresh that the server has answered should be saved. */
	@Override
	public void close() throws InterruptedException {
		this.threads.shutdown();
		if (!this.threads.awaitTermination(SHUTDOWN_SECONDS, TimeUnit.SECONDS)) {
			this.threads.shutdownNow();
		}
	}

}
