package io.github.oauth2pkce.bearer;

import io.github.oauth2pkce.discovery.ResourceDemand;

/**
 * Is told what each request carried. Called on the thread that sends the request: must
 * not block, and must not throw.
 */
public interface BearerListener {

	/** Listens to nothing. */
	BearerListener NONE = new BearerListener() {
	};

	/**
	 * A request was sent with a bearer.
	 */
	default void propagated(String providerId) {
	}

	/**
	 * Whether {@link #propagated} does anything. Asked once: every request with a bearer
	 * would call it for nothing.
	 * @return {@code false} only when it does not
	 */
	default boolean countsPropagated() {
		return true;
	}

	/**
	 * A request has no bearer of ours.
	 * @param providerId the provider that would have supplied it
	 * @param reason why
	 */
	default void skipped(String providerId, SkipReason reason) {
	}

	/**
	 * A resource refused a bearer of ours: by 401, or by 403 for want of a scope. Told
	 * once per request: the answer to a replay is the caller's.
	 * @param recovery what came of it
	 */
	default void unauthorized(String providerId, RecoveryOutcome recovery) {
	}

	/**
	 * A resource challenged a request by 401 or 403, and says what it wants (RFC 6750
	 * section 3): one with a bearer of ours, or one that would have had one if there were
	 * one to send. Told once per request, before anything is done about it: the answer to
	 * a replay is the caller's.
	 * @param demand what the resource says, {@link ResourceDemand#NONE} when it says
	 * nothing about tokens
	 */
	default void challenged(String providerId, ResourceDemand demand) {
	}

}
