package io.github.oauth2pkce.refresh;

import java.time.Instant;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;

/**
 * What is known about a credential, from memory: no network, no store, no secret.
 *
 * @param state what it is good for
 * @param hasRefreshToken whether it can be refreshed
 * @param expiresAt when the access token ends, {@code null} when unknown
 * @param scopesGranted the granted scopes
 * @param lastRefreshAt the last successful refresh, {@code null} when there was none
 * @param lastOutcome how the last attempt ended, {@code null} when there was none
 * @param lastError code of the last failure, {@code null} when the last attempt succeeded
 * @param nextAttemptAt until when the server is not asked, {@code null} when it may be
 * @param failuresInARow how many attempts have failed since the last one that did not
 */
public record CredentialStatus(AuthorizationState state, boolean hasRefreshToken, @Nullable Instant expiresAt,
		Set<String> scopesGranted, @Nullable Instant lastRefreshAt, @Nullable RefreshOutcome lastOutcome,
		@Nullable String lastError, @Nullable Instant nextAttemptAt, int failuresInARow) {

}
