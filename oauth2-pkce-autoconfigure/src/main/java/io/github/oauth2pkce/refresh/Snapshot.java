package io.github.oauth2pkce.refresh;

import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.store.Credential;

/**
 * What callers read: one volatile reference to this, one clock reading, and a header
 * value that was built when the token arrived. Immutable.
 *
 * @param credential the credential, {@code null} when there is none for this provider
 * @param bearer its bearer, {@code null} when it has no access token
 * @param endsAt end of use, in milliseconds of the steady clock
 * @param staleAt when to refresh before using it, in milliseconds of the steady clock
 * @param refreshAt when to refresh ahead, in milliseconds of the steady clock
 */
record Snapshot(@Nullable Credential credential, BearerToken.@Nullable Available bearer, long endsAt, long staleAt,
		long refreshAt) {

	/**
	 * Nothing to use; a new one each time, so that a logout in between can be seen.
	 */
	static Snapshot empty() {
		return new Snapshot(null, null, Long.MIN_VALUE, Long.MIN_VALUE, Long.MAX_VALUE);
	}

	/**
	 * A credential, as of now.
	 * @param now by the wall clock, which {@link Credential#expiresAt()} is of
	 * @param steadyNow by the clock that no operator sets: the token is used by this one
	 */
	static Snapshot of(CredentialRules rules, Credential credential,
			Function<Credential, BearerToken.Available> bearers, Instant now, Instant steadyNow) {
		if (credential.accessToken().isBlank()) {
			return new Snapshot(credential, null, Long.MIN_VALUE, Long.MIN_VALUE, Long.MAX_VALUE);
		}
		long ahead = steadyNow.toEpochMilli() - now.toEpochMilli();
		return new Snapshot(credential, bearers.apply(credential), millis(rules.endsAt(credential), ahead),
				millis(rules.staleAt(credential), ahead),
				rules.isRenewable(credential, credential.issuedAt())
						? millis(rules.refreshAt(credential, ThreadLocalRandom.current().nextDouble()), ahead)
						: Long.MAX_VALUE);
	}

	private static long millis(Instant instant, long ahead) {
		if (instant.equals(Instant.MAX)) {
			return Long.MAX_VALUE;
		}
		return instant.equals(Instant.MIN) ? Long.MIN_VALUE : instant.toEpochMilli() + ahead;
	}

	/** Whether the token may be sent. */
	boolean isUsable(long now) {
		return now < this.endsAt;
	}

	/** Whether it may be sent without looking for a newer one first. */
	boolean isFresh(long now) {
		return now < this.staleAt;
	}

}
