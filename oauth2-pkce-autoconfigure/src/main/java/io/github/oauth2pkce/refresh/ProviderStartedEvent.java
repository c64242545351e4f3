package io.github.oauth2pkce.refresh;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;

/**
 * The start-up warm-up has looked at a provider's credential.
 *
 * @param providerId the provider
 * @param state what its credential is good for
 * @param failureReason {@link AuthorizationState#REAUTHENTICATION_REQUIRED} when a login
 * existed and cannot be used any more; {@code null} otherwise, also when nobody has ever
 * logged in
 */
public record ProviderStartedEvent(String providerId, AuthorizationState state,
		@Nullable AuthorizationState failureReason) {

}
