package io.github.oauth2pkce.refresh;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;

/**
 * A record that could not be written yet: it is newer than what the store has.
 *
 * @param next the record
 * @param expected the generation in the store that it replaces, or {@link #ANY}
 * @param spentRefreshToken the refresh token that was spent for it, {@code null} when it
 * came of a login
 */
record Unsaved(Credential next, long expected, @Nullable String spentRefreshToken) {

	/** The generation of what a store has that does not answer. */
	static final long ANY = Long.MIN_VALUE;

	/** The same, over another generation. */
	Unsaved over(long generation) {
		return new Unsaved(this.next, generation, this.spentRefreshToken);
	}

	/** The same as a later write, over what the store turned out to have. */
	Unsaved after(long generation) {
		return new Unsaved(this.next.after(generation), generation, this.spentRefreshToken);
	}

	/**
	 * Whether this record is to be written over what the store has: what it replaces,
	 * what another node has only marked as rejected, because we had spent it, and, where
	 * nobody could say what there was, everything but a newer login.
	 */
	boolean replaces(@Nullable Credential stored) {
		if (StoredCredential.generation(stored) == this.expected) {
			return true;
		}
		if (stored == null) {
			return this.expected == ANY;
		}
		if (this.spentRefreshToken != null && this.spentRefreshToken.equals(stored.refreshToken())
				&& stored.isRefreshTokenRejected()) {
			return true;
		}
		return this.expected == ANY && !isNewerLogin(stored);
	}

	/**
	 * A refresh of an earlier login does not count, nor does a login that is over. By the
	 * time of the login: the generation may be of a clock that is ahead.
	 */
	private boolean isNewerLogin(Credential stored) {
		Instant login = (stored.refreshedAt() == null) ? stored.issuedAt() : stored.loggedInAt();
		return login != null && !stored.isRefreshTokenRejected() && login.isAfter(this.next.issuedAt());
	}

	@Override
	public String toString() {
		return "Unsaved[" + this.next + ", expected=" + this.expected + "]";
	}

}
