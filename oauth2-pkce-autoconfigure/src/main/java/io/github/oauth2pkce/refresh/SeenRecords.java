package io.github.oauth2pkce.refresh;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;

/**
 * What this process has seen in the store: by that it recognises a store that has fallen
 * back, in a failover for example. Not thread-safe.
 */
final class SeenRecords {

	/** A store that falls back falls back by few. */
	private static final int KEPT = 16;

	/** The last few generations that are known to be over. */
	private long @Nullable [] past;

	private int count;

	private @Nullable Credential last;

	/** The refresh token before the last one that was seen. */
	private @Nullable String spent;

	/** The newest record. */
	@Nullable Credential last() {
		return this.last;
	}

	/**
	 * Whether it is a record that this process knows to be over, or another node's
	 * verdict on the refresh token of one.
	 */
	boolean isOver(@Nullable Credential stored) {
		if (stored == null || isOver(stored.generation())) {
			return stored != null;
		}
		Credential known = this.last;
		String judged = stored.refreshToken();
		return stored.isRefreshTokenRejected() && Objects.equals(judged, this.spent)
				&& (known == null || !Objects.equals(judged, known.refreshToken()));
	}

	private boolean isOver(long generation) {
		long[] past = this.past;
		for (int i = 0; past != null && i < Math.min(this.count, KEPT); i++) {
			if (past[i] == generation) {
				return true;
			}
		}
		return false;
	}

	/** This is stored now. */
	void seen(@Nullable Credential stored) {
		Credential before = this.last;
		if (before != null && stored != null && before.generation() != stored.generation()) {
			over(before.generation());
			if (!Objects.equals(before.refreshToken(), stored.refreshToken())) {
				this.spent = before.refreshToken();
			}
		}
		this.last = stored;
	}

	/** This was saved in place of another record. */
	void saved(Credential next, long replaced) {
		over(replaced);
		// The store may answer so late that somebody has replaced it since.
		if (!isOver(next.generation())) {
			seen(next);
		}
	}

	/** What was stored under this generation is no more. */
	private void over(long generation) {
		if (generation == Credential.NONE || isOver(generation)) {
			return;
		}
		long[] past = this.past;
		if (past == null) {
			past = new long[KEPT];
			this.past = past;
		}
		past[this.count++ % KEPT] = generation;
	}

	/** A logout is not undone by a store that falls back. */
	void removed(@Nullable Credential credential) {
		over(PendingWrite.generationOf(credential));
		this.last = null;
	}

}
