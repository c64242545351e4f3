package io.github.oauth2pkce.refresh;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;

/**
 * A record that is to be written: it is newer than what the store has.
 *
 * @param next the record
 * @param expected the generation in the store that it replaces, or {@link #ANY}
 * @param spentRefreshToken the refresh token that was spent for it, {@code null} when it
 * came of a login
 */
record PendingWrite(Credential next, long expected, @Nullable String spentRefreshToken) {

	/** The generation of what a store has that does not answer. */
	static final long ANY = Long.MIN_VALUE;

	/** The generation of a record; {@link Credential#NONE} without one. */
	static long generationOf(@Nullable Credential credential) {
		return (credential != null) ? credential.generation() : Credential.NONE;
	}

	/** The same, over another generation. */
	PendingWrite over(long generation) {
		return new PendingWrite(this.next, generation, this.spentRefreshToken);
	}

	/** The same as a later write, over what the store turned out to have. */
	PendingWrite after(long generation) {
		return new PendingWrite(this.next.after(generation), generation, this.spentRefreshToken);
	}

	/**
	 * Whether this record is to be written over what the store has. It is, over
	 * <ul>
	 * <li>the record that it was made from;</li>
	 * <li>a refresh token that we had spent, and that another node has marked as rejected
	 * since;</li>
	 * <li>everything but a newer login, if nobody knows what it was made from.</li>
	 * </ul>
	 */
	boolean replaces(@Nullable Credential stored) {
		if (generationOf(stored) == this.expected) {
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
	 * Whether it is the login of a person, who waits for no flight, made since the record
	 * of a generation was read, while the store was away.
	 */
	boolean isLoginSince(Credential next, long readGeneration) {
		return this.next.generation() != readGeneration && !this.next.equals(next)
				&& (this.expected == readGeneration || this.expected == ANY);
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
		return "PendingWrite[" + this.next + ", expected=" + this.expected + "]";
	}

}
