package io.github.oauth2pkce.bearer;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.util.function.SingletonSupplier;

/** All bearer listeners as one; found when the first request is sent. */
public final class BearerListeners implements BearerListener {

	private static final Logger logger = LoggerFactory.getLogger(BearerListeners.class);

	private final Supplier<BearerListener[]> listeners;

	/**
	 * Those that every request with a bearer has to call, as one: there is one in most
	 * applications, and HotSpot would make something large of a loop.
	 */
	private final Supplier<BearerListener> counting;

	public BearerListeners(Supplier<List<BearerListener>> listeners) {
		this.listeners = SingletonSupplier.of(() -> listeners.get().toArray(BearerListener[]::new));
		this.counting = SingletonSupplier.of(() -> Arrays.stream(this.listeners.get())
			.filter(BearerListener::countsPropagated)
			.reduce(Both::new)
			.orElse(BearerListener.NONE));
	}

	@Override
	public void propagated(String providerId) {
		try {
			this.counting.get().propagated(providerId);
		}
		catch (RuntimeException | Error ex) {
			failed(ex);
		}
	}

	@Override
	public void skipped(String providerId, SkipReason reason) {
		tell((listener) -> listener.skipped(providerId, reason));
	}

	@Override
	public void unauthorized(String providerId, UnauthorizedRecovery recovery) {
		tell((listener) -> listener.unauthorized(providerId, recovery));
	}

	/** What one throws fails neither the request nor the others. */
	private void tell(Consumer<BearerListener> event) {
		for (BearerListener listener : this.listeners.get()) {
			try {
				event.accept(listener);
			}
			catch (RuntimeException | Error ex) {
				failed(ex);
			}
		}
	}

	private static void failed(Throwable failure) {
		logger.warn("A bearer listener failed", failure);
	}

	private record Both(BearerListener first, BearerListener second) implements BearerListener {

		@Override
		public void propagated(String providerId) {
			try {
				this.first.propagated(providerId);
			}
			catch (RuntimeException | Error ex) {
				failed(ex);
			}
			this.second.propagated(providerId);
		}

	}

}
