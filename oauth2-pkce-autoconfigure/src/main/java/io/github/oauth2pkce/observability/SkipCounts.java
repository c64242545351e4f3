package io.github.oauth2pkce.observability;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

import io.github.oauth2pkce.bearer.BearerListener;
import io.github.oauth2pkce.bearer.SkipReason;

/** Counts skips for the endpoint, which works without a meter registry. Thread-safe. */
public final class SkipCounts implements BearerListener {

	private final Map<String, LongAdder[]> counts = new ConcurrentHashMap<>();

	/** Creates counts that are all zero. */
	public SkipCounts() {
	}

	@Override
	public boolean countsPropagated() {
		return false;
	}

	@Override
	public void skipped(String providerId, SkipReason reason) {
		of(providerId)[reason.ordinal()].increment();
	}

	private LongAdder[] of(String providerId) {
		return this.counts.computeIfAbsent(providerId, (id) -> {
			LongAdder[] counts = new LongAdder[SkipReason.values().length];
			Arrays.setAll(counts, (reason) -> new LongAdder());
			return counts;
		});
	}

	/**
	 * The counts of a provider.
	 * @param providerId the provider
	 * @return a count for every reason, zeros too
	 */
	public Map<String, Long> counts(String providerId) {
		Map<String, Long> counts = new LinkedHashMap<>();
		LongAdder[] adders = of(providerId);
		for (SkipReason reason : SkipReason.values()) {
			counts.put(reason.tag(), adders[reason.ordinal()].sum());
		}
		return counts;
	}

}
