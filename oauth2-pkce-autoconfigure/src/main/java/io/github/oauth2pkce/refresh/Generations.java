package io.github.oauth2pkce.refresh;

import org.jspecify.annotations.Nullable;

/**
 * The last few generations that are known to be over. A store that falls back, in a
 * failover for example, falls back by few. Not thread-safe.
 */
final class Generations {

	private static final int KEPT = 16;

	private long @Nullable [] kept;

	private int count;

	void add(long generation) {
		long[] kept = this.kept;
		if (kept == null) {
			kept = new long[KEPT];
			this.kept = kept;
		}
		if (!contains(generation)) {
			kept[this.count++ % KEPT] = generation;
		}
	}

	boolean contains(long generation) {
		long[] kept = this.kept;
		for (int i = 0; kept != null && i < Math.min(this.count, KEPT); i++) {
			if (kept[i] == generation) {
				return true;
			}
		}
		return false;
	}

}
