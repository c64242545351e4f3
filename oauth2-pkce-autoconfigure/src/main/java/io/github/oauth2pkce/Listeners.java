package io.github.oauth2pkce;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notifies listeners, each in order and on a thread of its own: whatever one of them
 * throws, and however long it takes, harms neither the work that it is told about nor any
 * other listener. Threads exist only while there is something to tell. Thread-safe.
 *
 * @param <L> the kind of listener
 */
public final class Listeners<L> implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(Listeners.class);

	/** Events that wait for one listener, at most: it must not fill the heap. */
	private static final int LONGEST_QUEUE = 10_000;

	private static final Duration LONGEST_CLOSING = Duration.ofSeconds(2);

	private static final AtomicInteger THREADS = new AtomicInteger();

	private final Object monitor = new Object();

	private int announced;

	private final List<L> counters = new ArrayList<>();

	private final List<Mailbox> mailboxes = new ArrayList<>();

	private final ThreadPoolExecutor threads = new ThreadPoolExecutor(0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS,
			new SynchronousQueue<>(), Listeners::thread);

	/**
	 * Creates the listeners.
	 * @param listeners who is notified
	 */
	public Listeners(List<? extends L> listeners) {
		for (L listener : listeners) {
			if (listener instanceof Counter) {
				this.counters.add(listener);
			}
			else {
				this.mailboxes.add(new Mailbox(listener));
			}
		}
	}

	private static Thread thread(Runnable task) {
		Thread thread = new Thread(task, "oauth2-listener-" + THREADS.incrementAndGet());
		thread.setDaemon(true);
		return thread;
	}

	/**
	 * Notifies of one event that nobody waits for.
	 * @param event calls a listener
	 */
	public void tell(Consumer<? super L> event) {
		tell(List.of(event), () -> {
		});
	}

	/**
	 * Notifies of events in this order: the counters first, on the calling thread, so
	 * that a count is there when the answer is; then those who wait are answered; then
	 * all other listeners hear of it, on other threads. Call it with no lock held.
	 * @param events each calls a listener
	 * @param answer answers those who wait
	 */
	public void tell(List<? extends Consumer<? super L>> events, Runnable answer) {
		announced(1);
		// In the order in which things happened: whoever is answered may make the next
		// thing happen at once.
		Batch<L> batch = new Batch<>(List.copyOf(events));
		try {
			this.mailboxes.forEach((mailbox) -> mailbox.put(batch));
			this.counters.forEach((counter) -> events.forEach((event) -> call(counter, event)));
		}
		finally {
			try {
				answer.run();
			}
			finally {
				batch.open = true;
				this.mailboxes.forEach(Mailbox::read);
				announced(-1);
			}
		}
	}

	private void announced(int difference) {
		synchronized (this.monitor) {
			this.announced += difference;
			this.monitor.notifyAll();
		}
	}

	/**
	 * Waits until every listener has heard everything, but for one that is calling this
	 * method.
	 * @param patience the longest to wait
	 * @return {@code false} when it was not enough
	 */
	public boolean await(Duration patience) {
		long deadline = System.nanoTime() + patience.toNanos();
		try {
			boolean all = await(this.monitor, () -> this.announced > 0, deadline);
			for (Mailbox mailbox : this.mailboxes) {
				all &= mailbox.await(deadline);
			}
			return all;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	private static boolean await(Object monitor, BooleanSupplier busy, long deadline) throws InterruptedException {
		synchronized (monitor) {
			while (busy.getAsBoolean()) {
				long left = deadline - System.nanoTime();
				if (left <= 0) {
					return false;
				}
				TimeUnit.NANOSECONDS.timedWait(monitor, left);
			}
			return true;
		}
	}

	/** Gives the listeners two seconds to hear what they have not heard yet. */
	@Override
	public void close() {
		await(LONGEST_CLOSING);
	}

	private static <L> void call(L listener, Consumer<? super L> event) {
		try {
			event.accept(listener);
		}
		catch (Throwable ex) {
			warn("A listener failed: {}", listener, ex);
		}
	}

	/** Logging is other people's code, too. */
	private static void warn(String message, Object listener, @Nullable Throwable failure) {
		try {
			logger.warn(message, listener.getClass().getName(), failure);
		}
		catch (Throwable ex) {
			// Nothing is left to say it with.
		}
	}

	/**
	 * A listener that only counts: quick, and without side effects that anybody waits
	 * for.
	 */
	public interface Counter {

	}

	/** Events of one time; nobody hears of them before they are opened. */
	private static final class Batch<L> {

		private final List<Consumer<? super L>> events;

		private volatile boolean open;

		private Batch(List<Consumer<? super L>> events) {
			this.events = events;
		}

	}

	/** What one listener has not heard yet. */
	private final class Mailbox implements Runnable {

		private final L listener;

		private final Queue<Batch<L>> batches = new ArrayDeque<>();

		private boolean scheduled;

		private @Nullable Thread reader;

		private boolean full;

		private Mailbox(L listener) {
			this.listener = listener;
		}

		private synchronized void put(Batch<L> batch) {
			if (this.batches.size() < LONGEST_QUEUE) {
				this.batches.add(batch);
			}
			else if (!this.full) {
				this.full = true;
				warn("A listener is stuck, and misses events from now on: {}", this.listener, null);
			}
		}

		private synchronized void read() {
			Batch<L> next = this.batches.peek();
			if (this.scheduled || next == null || !next.open) {
				return;
			}
			try {
				Listeners.this.threads.execute(this);
				this.scheduled = true;
			}
			catch (Throwable ex) {
				// No memory, or no thread: the next event tries again.
				warn("A listener cannot be notified now: {}", this.listener, ex);
			}
		}

		@Override
		public void run() {
			try {
				for (Batch<L> batch = next(); batch != null; batch = next()) {
					for (Consumer<? super L> event : batch.events) {
						call(this.listener, event);
						// An interrupt was meant for the listener.
						Thread.interrupted();
					}
				}
			}
			finally {
				ended();
			}
		}

		private synchronized @Nullable Batch<L> next() {
			this.reader = Thread.currentThread();
			Batch<L> next = this.batches.peek();
			if (next == null || !next.open) {
				ended();
				return null;
			}
			return this.batches.poll();
		}

		private synchronized void ended() {
			if (this.reader == Thread.currentThread()) {
				this.scheduled = false;
				this.full = false;
				this.reader = null;
				notifyAll();
			}
		}

		private boolean await(long deadline) throws InterruptedException {
			return isRead() || Listeners.await(this, () -> this.scheduled, deadline);
		}

		/** Whether the listener itself asks. */
		private synchronized boolean isRead() {
			return this.reader == Thread.currentThread();
		}

	}

}
