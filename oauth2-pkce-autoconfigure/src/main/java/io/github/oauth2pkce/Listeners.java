package io.github.oauth2pkce;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
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

	/** Batches that wait for one listener, at most: it must not fill the heap. */
	private static final int LONGEST_QUEUE = 10_000;

	private static final Duration LONGEST_CLOSING = Duration.ofSeconds(2);

	private static final AtomicInteger THREADS = new AtomicInteger();

	/** One for each listener, whatever kinds of events it hears. */
	private final Map<Object, Mailbox> mailboxes;

	private final List<L> counters = new ArrayList<>();

	private final List<L> others = new ArrayList<>();

	private final Object monitor = new Object();

	private int announced;

	/**
	 * Creates the listeners.
	 * @param listeners who is notified
	 */
	public Listeners(List<? extends L> listeners) {
		this(listeners, new IdentityHashMap<>(), threads());
	}

	private Listeners(List<? extends L> listeners, Map<Object, Mailbox> known, ThreadPoolExecutor threads) {
		this.mailboxes = new IdentityHashMap<>();
		for (L listener : listeners) {
			if (listener instanceof Counter) {
				this.counters.add(listener);
			}
			else {
				this.others.add(listener);
				Mailbox mailbox = known.get(listener);
				this.mailboxes.put(listener, (mailbox != null) ? mailbox : new Mailbox(listener, threads));
			}
		}
	}

	/**
	 * Creates listeners of another kind. Whoever is among these, too, hears of both kinds
	 * in the order in which things happened.
	 * @param listeners who is notified
	 * @param <T> their kind
	 * @return the listeners
	 */
	public <T> Listeners<T> beside(List<? extends T> listeners) {
		return new Listeners<>(listeners, this.mailboxes, threads());
	}

	private static ThreadPoolExecutor threads() {
		return new ThreadPoolExecutor(0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), (task) -> {
			Thread thread = new Thread(task, "oauth2-listener-" + THREADS.incrementAndGet());
			thread.setDaemon(true);
			return thread;
		});
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
		// Before the answer, because whoever is answered may make the next thing happen
		// at once; heard of only after it.
		List<Batch> batches = new ArrayList<>(this.others.size());
		try {
			for (L listener : this.others) {
				batches.add(mailbox(listener).put(() -> events.forEach((event) -> call(listener, event))));
			}
			this.counters.forEach((counter) -> events.forEach((event) -> call(counter, event)));
		}
		finally {
			try {
				answer.run();
			}
			finally {
				batches.forEach((batch) -> batch.open = true);
				this.mailboxes.values().forEach(Mailbox::read);
				announced(-1);
			}
		}
	}

	private Mailbox mailbox(L listener) {
		Mailbox mailbox = this.mailboxes.get(listener);
		if (mailbox == null) {
			throw new IllegalStateException("Each listener has a mailbox");
		}
		return mailbox;
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
			for (Mailbox mailbox : this.mailboxes.values()) {
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
		finally {
			// An interrupt was meant for the listener.
			if (!(listener instanceof Counter)) {
				Thread.interrupted();
			}
		}
	}

	/** Logging is other people's code, too. */
	private static void warn(String message, Object listener, @Nullable Throwable failure) {
		try {
			logger.warn(message, (listener instanceof Deputy deputy) ? deputy.name() : listener.getClass().getName(),
					failure);
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

	/** A listener that stands for another one, which a log is to name. */
	public interface Deputy {

		/**
		 * {@return who the other one is}
		 */
		String name();

	}

	/** Events of one time; nobody hears of them before they are opened. */
	private static final class Batch {

		private final Runnable events;

		private volatile boolean open;

		private Batch(Runnable events) {
			this.events = events;
		}

	}

	/** What one listener has not heard yet. */
	private static final class Mailbox implements Runnable {

		private final Object listener;

		private final ThreadPoolExecutor threads;

		private final Queue<Batch> batches = new ArrayDeque<>();

		private boolean scheduled;

		private @Nullable Thread reader;

		private boolean full;

		private Mailbox(Object listener, ThreadPoolExecutor threads) {
			this.listener = listener;
			this.threads = threads;
		}

		private synchronized Batch put(Runnable events) {
			Batch batch = new Batch(events);
			if (this.batches.size() < LONGEST_QUEUE) {
				this.batches.add(batch);
			}
			else if (!this.full) {
				this.full = true;
				warn("A listener is stuck, and misses events from now on: {}", this.listener, null);
			}
			return batch;
		}

		private synchronized void read() {
			Batch next = this.batches.peek();
			if (this.scheduled || next == null || !next.open) {
				return;
			}
			try {
				this.threads.execute(this);
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
				for (Batch batch = next(); batch != null; batch = next()) {
					batch.events.run();
				}
			}
			finally {
				ended();
			}
		}

		private synchronized @Nullable Batch next() {
			this.reader = Thread.currentThread();
			Batch next = this.batches.peek();
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
