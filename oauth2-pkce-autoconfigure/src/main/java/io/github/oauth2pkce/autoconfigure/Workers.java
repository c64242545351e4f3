package io.github.oauth2pkce.autoconfigure;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.springframework.context.SmartLifecycle;

/**
 * Threads for refresh flights, of their own: whoever waits for a token may fill every
 * other pool. Not an {@code Executor} bean, which would switch off Boot's.
 */
final class Workers implements AutoCloseable, SmartLifecycle {

	private static final int THREADS = 32;

	private static final long SHUTDOWN_SECONDS = 10;

	/** After the web server, whose last requests need tokens; before connections. */
	private static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 4096;

	private final ThreadPoolExecutor threads;

	private final Object monitor = new Object();

	private int flights;

	private volatile boolean running;

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
		return this::execute;
	}

	private void execute(Runnable task) {
		count(1);
		try {
			this.threads.execute(() -> {
				try {
					task.run();
				}
				finally {
					count(-1);
				}
			});
		}
		catch (RejectedExecutionException ex) {
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

	@Override
	public void start() {
		this.running = true;
	}

	/**
	 * Lets flights land while there still are connections: a refresh that the server has
	 * answered should be saved. Redis connections, for one, stop before beans are
	 * destroyed.
	 */
	@Override
	public void stop() {
		this.running = false;
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
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

	@Override
	public void close() throws InterruptedException {
		this.threads.shutdown();
		if (!this.threads.awaitTermination(SHUTDOWN_SECONDS, TimeUnit.SECONDS)) {
			this.threads.shutdownNow();
		}
	}

}
