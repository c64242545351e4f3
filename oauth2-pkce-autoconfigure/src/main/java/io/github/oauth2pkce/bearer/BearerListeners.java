package io.github.oauth2pkce.bearer;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.discovery.ResourceDemand;

import org.springframework.util.function.SingletonSupplier;

/** All bearer listeners as one; found when the first request is sent. */
public final class BearerListeners implements BearerListener {

	private static final Logger logger = LoggerFactory.getLogger(BearerListeners.class);

	private final Supplier<List<BearerListener>> listeners;

	/**
	 * Those that every request with a bearer has to call, once they are known: going
	 * through a supplier and a list costs more than what most of them do.
	 */
	private volatile BearerListener @Nullable [] counting;

	public BearerListeners(Supplier<List<BearerListener>> listeners) {
		this.listeners = SingletonSupplier.of(listeners);
	}

	/**
	 * Without {@link #tell}: every request comes here, and what it captures costs more
	 * than the call.
	 */
	@Override
	public void propagated(String providerId) {
		for (BearerListener listener : counting()) {
			try {
				listener.propagated(providerId);
			}
			catch (RuntimeException | Error ex) {
				failed(ex);
			}
		}
	}

	private BearerListener[] counting() {
		BearerListener[] counting = this.counting;
		if (counting == null) {
			counting = this.listeners.get()
				.stream()
				.filter(BearerListener::countsPropagated)
				.toArray(BearerListener[]::new);
			this.counting = counting;
		}
		return counting;
	}

	@Override
	public void skipped(String providerId, SkipReason reason) {
		tell(this.listeners.get(), (listener) -> listener.skipped(providerId, reason));
	}

	@Override
	public void unauthorized(String providerId, RecoveryOutcome recovery) {
		tell(this.listeners.get(), (listener) -> listener.unauthorized(providerId, recovery));
	}

	@Override
	public void challenged(String providerId, ResourceDemand demand) {
		tell(this.listeners.get(), (listener) -> listener.challenged(providerId, demand));
	}

	/** What one throws fails neither the request nor the others. */
	private static void tell(List<BearerListener> listeners, Consumer<BearerListener> event) {
		for (BearerListener listener : listeners) {
			try {
				event.accept(listener);
			}
			catch (RuntimeException | Error ex) {
				failed(ex);
			}
		}
	}

	private static void failed(Throwable ex) {
		logger.warn("A bearer listener failed", ex);
	}

}
