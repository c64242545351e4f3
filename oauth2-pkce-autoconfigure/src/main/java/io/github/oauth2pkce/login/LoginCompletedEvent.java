package io.github.oauth2pkce.login;

import io.github.oauth2pkce.store.CredentialId;

/**
 * A login yielded tokens, which are in use.
 *
 * @param saved whether the store has them; otherwise the login does not outlive the
 * application, unless a later attempt to save it succeeds
 */
public record LoginCompletedEvent(CredentialId id, boolean saved) {

}
