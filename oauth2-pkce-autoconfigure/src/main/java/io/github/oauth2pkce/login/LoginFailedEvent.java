package io.github.oauth2pkce.login;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.CredentialId;

/**
 * A login ended without tokens.
 *
 * @param outcome how; never {@link LoginOutcome#SUCCESS}
 * @param errorCode an OAuth 2.0 error code, or a short name of what went wrong
 */
public record LoginFailedEvent(CredentialId id, LoginOutcome outcome, @Nullable String errorCode) {

}
