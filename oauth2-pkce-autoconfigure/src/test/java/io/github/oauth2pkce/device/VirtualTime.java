package io.github.oauth2pkce.device;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

import io.github.oauth2pkce.testing.MovableClock;

/**
 * Time that passes only by sleeping, and takes a server's clock along. It records the
 * waits, and begins where {@link System#nanoTime()} is allowed to overflow.
 */
public final class VirtualTime implements PollingTime {

	private final MovableClock clock;

	private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1);

	private final List<Duration> waits = new CopyOnWriteArrayList<>();

	private volatile Hook hook = (wait) -> {
	};

	/** What happens in the world while a login waits. */
	public interface Hook {

		/**
		 * Called at the end of each wait.
		 * @param wait its number, from 1
		 * @throws InterruptedException when the hook itself waits
		 */
		void waited(int wait) throws InterruptedException;

	}

	public VirtualTime(MovableClock clock) {
		this.clock = clock;
	}

	@Override
	public long nanoTime() {
		return this.nanos.get();
	}

	@Override
	public void sleep(Duration duration) throws InterruptedException {
		if (Thread.interrupted()) {
			throw new InterruptedException();
		}
		this.waits.add(duration);
		pass(duration);
		this.hook.waited(this.waits.size());
	}

	/** Time passes by something else than polling. */
	public void pass(Duration duration) {
		this.nanos.addAndGet(duration.toNanos());
		this.clock.advance(duration);
	}

	/** What happens while a login waits; replaces the hook before. */
	public void onWait(Hook hook) {
		this.hook = hook;
	}

	/** What happens at the end of one wait; the others pass as they are. */
	public void onWait(int number, Runnable event) {
		onWait((wait) -> {
			if (wait == number) {
				event.run();
			}
		});
	}

	public List<Duration> waits() {
		return List.copyOf(this.waits);
	}

	public List<Long> seconds() {
		return this.waits.stream().map(Duration::toSeconds).toList();
	}

	public Duration waited() {
		return this.waits.stream().reduce(Duration.ZERO, Duration::plus);
	}

}
