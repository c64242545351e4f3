package io.github.oauth2pkce.observability;

import io.micrometer.core.instrument.Counter;

/**
 * The same counter of two registries. Only made for a second one: with one registry a
 * request costs a single increment.
 */
record BothCounters(Counter first, Counter second) implements Counter {

	@Override
	public void increment(double amount) {
		this.first.increment(amount);
		this.second.increment(amount);
	}

	@Override
	public double count() {
		return this.first.count();
	}

	@Override
	public Id getId() {
		return this.first.getId();
	}

}
