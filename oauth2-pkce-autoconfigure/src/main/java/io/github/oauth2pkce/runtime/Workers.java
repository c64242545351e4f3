package io.github.oauth2pkce.runtime;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads for refresh flights, of their own: whoever waits for a token may fill every
 * other pool. Each provider has its own, too: flights to a server that hangs, one for
 * each of many users, must not keep those to another server waiting. Not an
 * {@code Executor} bean, which would switch off Boot's.
 */
public final class Workers implements AutoCloseable {

	/** At most, for one provider; none while nothing is refreshed. */
	private static final int THREADS = 32;

	private static final long SHUTDOWN_SECONDS = 10;

	private final Map<String, ThreadPoolExecutor> threads = new ConcurrentHashMap<>();

	private final Object monitor = new Object();

	private int flights;

	/** What runs the work of a provider. */
	public Executor executor(String providerId) {
		return (task) -> execute(this.threads.computeIfAbsent(providerId, Workers::threads), task);
	}

	private static ThreadPoolExecutor threads(String providerId) {
		AtomicInteger count = new AtomicInteger();
		ThreadPoolExecutor threads = new ThreadPoolExecutor(THREADS, THREADS, 30, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(), (task) -> {
					Thread thread = new Thread(task, "oauth2-" + providerId + "-" + count.incrementAndGet());
					thread.setDaemon(true);
					return thread;
				});
		threads.allowCoreThreadTimeOut(true);
		return threads;
	}

	private void execute(ThreadPoolExecutor threads, Runnable task) {
		count(1);
		try {
			threads.execute(() -> {
				try {
					task.run();
				}
				finally {
					count(-1);
				}
			});
		}
		catch (RuntimeException | Error ex) {
			// The application is stopping, or the system has no thread left.
			count(-1);
			throw ex;
		}
	}

	private void count(int difference) {
		synchronized (this.monitor) {
			this.flights += difference;
			this.monitor.notifyAll();
		}
	}

	/** Waits for the flights that are under way. */
	void land() {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SHUTDOWN_SECONDS);
		synchronized (this.monitor) {
			try {
				while (this.flights > 0 && deadline - System.nanoTime() > 0) {
					TimeUnit.NANOSECONDS.timedWait(this.monitor, deadline - System.nanoTime());
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}
	}

	@Override
	public void close() throws InterruptedException {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SHUTDOWN_SECONDS);
		this.threads.values().forEach(ThreadPoolExecutor::shutdown);
		for (ThreadPoolExecutor threads : this.threads.values()) {
			if (!threads.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
				threads.shutdownNow();
			}
		}
	}

}
