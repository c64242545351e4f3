package io.github.oauth2pkce.discovery;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * What one document of a server says, kept. While there is none, its monitor lets one
 * caller read and the others wait for it. Afterwards it is read again in the background:
 * a server that hangs must not hold up those who have a good document.
 *
 * @param <T> what is made of the document
 */
final class CachedDocument<T> {

	private static final Duration KEEP = Duration.ofHours(1);

	private static final Duration KEEP_FAILURE = Duration.ofSeconds(10);

	private final InstantSource clock;

	private final Executor background;

	private final Duration patience;

	private @Nullable T document;

	private @Nullable DiscoveryException failure;

	private Instant until = Instant.MIN;

	private boolean readingAgain;

	private volatile boolean expired;

	/**
	 * Creates a document that is not read yet.
	 * @param clock tells when it is too old
	 * @param background reads it again
	 * @param patience how long the caller who had it read again waits for the new one
	 */
	CachedDocument(InstantSource clock, Executor background, Duration patience) {
		this.clock = clock;
		this.background = background;
		this.patience = patience;
	}

	/**
	 * Gives the document, and has it read when what is known is too old.
	 * @param reader reads it
	 * @throws DiscoveryException when it could not be read, and never was
	 */
	T get(Supplier<T> reader) {
		synchronized (this) {
			if (this.readingAgain || isFresh()) {
				return known();
			}
			if (this.document == null) {
				read(reader);
				return known();
			}
			this.readingAgain = true;
		}
		readAgain(reader);
		synchronized (this) {
			return known();
		}
	}

	/** What is known, without asking. */
	synchronized @Nullable T peek() {
		return this.document;
	}

	/**
	 * It may have changed. It still serves whoever would have to wait for the new one.
	 */
	void expire() {
		// Event loops call this: it waits for nobody who reads.
		this.expired = true;
	}

	private void read(Supplier<T> reader) {
		Instant now = this.clock.instant();
		this.expired = false;
		try {
			T read = reader.get();
			synchronized (this) {
				this.document = read;
				this.failure = null;
				this.until = now.plus(KEEP);
			}
		}
		catch (DiscoveryException ex) {
			failed(ex);
		}
	}

	private synchronized void failed(DiscoveryException ex) {
		this.failure = ex;
		// Whose login was cancelled has learned nothing: the next caller asks.
		if (!Thread.currentThread().isInterrupted()) {
			this.until = this.clock.instant().plus(KEEP_FAILURE);
		}
	}

	/** Whatever becomes of it, there is a document to use. */
	private void readAgain(Supplier<T> reader) {
		try {
			CompletableFuture.runAsync(() -> {
				try {
					read(reader);
				}
				finally {
					ended();
				}
			}, this.background).get(this.patience.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (RejectedExecutionException ex) {
			ended();
		}
		catch (ExecutionException | TimeoutException ex) {
			// The old one will do.
		}
	}

	private synchronized void ended() {
		this.readingAgain = false;
		if (!isFresh()) {
			this.until = this.clock.instant().plus(KEEP_FAILURE);
		}
	}

	private boolean isFresh() {
		return !this.expired && this.clock.instant().isBefore(this.until);
	}

	private T known() {
		// The last good document outlives an outage of its server.
		if (this.document != null) {
			return this.document;
		}
		DiscoveryException failure = this.failure;
		throw (failure != null)
				? new DiscoveryException(String.valueOf(failure.getMessage()), failure.isUnreachable(), failure)
				: new IllegalStateException("Nothing was read");
	}

}
