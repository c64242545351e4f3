package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;

/**
 * Runs work at most once at a time, on a worker; whoever asks meanwhile joins. Whatever
 * is thrown in it, and wherever it hangs, nobody is left waiting, and the next caller
 * starts anew. Thread-safe.
 */
final class SingleFlight {

	private static final Logger logger = LoggerFactory.getLogger(SingleFlight.class);

	private final Worker worker;

	private final Events events;

	private final CurrentCredential current;

	private final SkipReason otherwise;

	private final Duration patience;

	private final AtomicReference<@Nullable Running> running = new AtomicReference<>();

	/**
	 * Creates a flight that does not run yet.
	 * @param worker runs it
	 * @param events are sent when it is over
	 * @param current answers the callers of a flight that fails
	 * @param otherwise why they have no token, unless that knows better
	 * @param patience how long callers wait: a flight that takes longer is stuck
	 */
	SingleFlight(Worker worker, Events events, CurrentCredential current, SkipReason otherwise, Duration patience) {
		this.worker = worker;
		this.events = events;
		this.current = current;
		this.otherwise = otherwise;
		this.patience = patience;
	}

	boolean isRunning() {
		return this.running.get() != null;
	}

	/** The running flight, {@code null} when there is none that can be joined. */
	@Nullable CompletableFuture<BearerToken> joinable() {
		return joinable(this.running.get());
	}

	private @Nullable CompletableFuture<BearerToken> joinable(@Nullable Running running) {
		return (running != null && System.nanoTime() - running.since() < this.patience.toNanos()) ? running.future()
				: null;
	}

	/**
	 * Joins what runs, or runs it.
	 * @return a future that never fails
	 */
	CompletableFuture<BearerToken> run(Supplier<BearerToken> work) {
		Running mine = new Running(new CompletableFuture<>(), System.nanoTime());
		Running other;
		do {
			other = this.running.get();
			CompletableFuture<BearerToken> joined = joinable(other);
			if (joined != null) {
				return joined;
			}
		}
		while (!this.running.compareAndSet(other, mine));
		if (!this.worker.execute(() -> run(work, mine))) {
			end(mine, null);
		}
		return mine.future();
	}

	private void run(Supplier<BearerToken> work, Running mine) {
		BearerToken token = null;
		try {
			token = work.get();
		}
		catch (Throwable ex) {
			unexpected(ex);
		}
		finally {
			BearerToken answer = token;
			try {
				// The snapshot is published: whoever comes now reads it or starts anew.
				this.events.sendAround(() -> end(mine, answer));
			}
			finally {
				end(mine, answer);
			}
		}
	}

	private void unexpected(Throwable failure) {
		try {
			logger.error("Refreshing the credential of {} failed unexpectedly", this.worker.id(), failure);
		}
		catch (RuntimeException | Error ex) {
			// Logging is other people's code.
		}
	}

	private void end(Running mine, @Nullable BearerToken token) {
		this.running.compareAndSet(mine, null);
		try {
			mine.future().complete((token != null) ? token : this.current.bearerOr(this.otherwise));
		}
		finally {
			mine.future().complete(new BearerToken.Skipped(this.otherwise, AuthorizationState.UNKNOWN));
		}
	}

	/**
	 * A flight under way.
	 *
	 * @param future its result; never fails
	 * @param since when it began
	 */
	private record Running(CompletableFuture<BearerToken> future, long since) {

	}

}
