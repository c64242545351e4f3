package io.github.oauth2pkce.discovery;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * What one document of a server says, kept. Its monitor lets one caller read while the
 * others wait for it.
 *
 * @param <T> what is made of the document
 */
final class KeptDocument<T> {

	private static final Duration KEEP = Duration.ofHours(1);

	private static final Duration KEEP_FAILURE = Duration.ofSeconds(10);

	private final InstantSource clock;

	private @Nullable T document;

	private @Nullable DiscoveryException failure;

	private Instant until = Instant.MIN;

	KeptDocument(InstantSource clock) {
		this.clock = clock;
	}

	/**
	 * Gives the document, and reads it when what is known is too old.
	 * @param reader reads it
	 * @throws DiscoveryException when it could not be read, and never was
	 */
	synchronized T get(Supplier<T> reader) {
		Instant now = this.clock.instant();
		if (now.isBefore(this.until)) {
			return known();
		}
		try {
			this.document = reader.get();
			this.failure = null;
			this.until = now.plus(KEEP);
		}
		catch (DiscoveryException ex) {
			this.failure = ex;
			// Whose login was cancelled has learned nothing: the next caller asks.
			if (!Thread.currentThread().isInterrupted()) {
				this.until = this.clock.instant().plus(KEEP_FAILURE);
			}
		}
		return known();
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
