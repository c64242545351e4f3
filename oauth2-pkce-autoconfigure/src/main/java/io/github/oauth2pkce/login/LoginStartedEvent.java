package io.github.oauth2pkce.login;

import io.github.oauth2pkce.store.CredentialId;

/**
 * A login began.
 *
 */
public record LoginStartedEvent(CredentialId id) {

}
