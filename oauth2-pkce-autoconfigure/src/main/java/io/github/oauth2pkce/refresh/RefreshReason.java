package io.github.oauth2pkce.refresh;

import org.jspecify.annotations.Nullable;

/**
 * Why a refresh was started.
 *
 * @param trigger what happened
 * @param rejectedToken the access token that a resource rejected, if that is why
 */
record RefreshReason(RefreshTrigger trigger, @Nullable String rejectedToken) {

	@Override
	public String toString() {
		return this.trigger.name();
	}

}
