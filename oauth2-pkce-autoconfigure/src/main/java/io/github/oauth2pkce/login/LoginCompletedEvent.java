package io.github.oauth2pkce.login;

import io.github.oauth2pkce.store.CredentialId;

/**
 * A login yielded tokens, which are stored.
 *
 * @param id whose
 */
public record LoginCompletedEvent(CredentialId id) {

}
