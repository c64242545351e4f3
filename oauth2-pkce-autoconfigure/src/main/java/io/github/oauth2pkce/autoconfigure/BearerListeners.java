package io.github.oauth2pkce.autoconfigure;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

import io.github.oauth2pkce.bearer.BearerListener;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.bearer.UnauthorizedRecovery;

import org.springframework.util.function.SingletonSupplier;

/** All bearer listeners as one; found when the first request is sent. */
final class BearerListeners implements BearerListener {

	private final Supplier<BearerListener[]> listeners;

	/**
	 * Those that every request with a bearer has to call, as one: there is one in most
	 * applications, and HotSpot would make something large of a loop.
	 */
	private final Supplier<BearerListener> counting;

	BearerListeners(Supplier<List<BearerListener>> listeners) {
		this.listeners = SingletonSupplier.of(() -> listeners.get().toArray(BearerListener[]::new));
		this.counting = SingletonSupplier.of(() -> Arrays.stream(this.listeners.get())
			.filter(BearerListener::countsPropagated)
			.reduce(Both::new)
			.orElse(BearerListener.NONE));
	}

	@Override
	public void propagated(String providerId) {
		this.counting.get().propagated(providerId);
	}

	@Override
	public void skipped(String providerId, SkipReason reason) {
		for (BearerListener listener : this.listeners.get()) {
			listener.skipped(providerId, reason);
		}
	}

	@Override
	public void unauthorized(String providerId, UnauthorizedRecovery recovery) {
		for (BearerListener listener : this.listeners.get()) {
			listener.unauthorized(providerId, recovery);
		}
	}

	private record Both(BearerListener first, BearerListener second) implements BearerListener {

		@Override
		public void propagated(String providerId) {
			this.first.propagated(providerId);
			this.second.propagated(providerId);
		}

	}

}
