package io.github.oauth2pkce.device;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.CodeVerifier;

/**
 * A device authorization response (RFC 8628 section 3.2) and the verifier made for it.
 * Its text shows neither device code nor verifier.
 *
 * @param deviceCode the secret that the polls carry
 * @param userCode what the person needs
 * @param interval the least time between polls
 * @param codeVerifier the verifier, {@code null} without PKCE
 * @param requestedAt monotonic time before the request was sent, in nanoseconds
 */
record DeviceAuthorization(String deviceCode, UserCode userCode, Duration interval, @Nullable CodeVerifier codeVerifier,
		long requestedAt) {

	@Override
	public String toString() {
		return "DeviceAuthorization[userCode=" + this.userCode + ", interval=" + this.interval + "]";
	}

}
