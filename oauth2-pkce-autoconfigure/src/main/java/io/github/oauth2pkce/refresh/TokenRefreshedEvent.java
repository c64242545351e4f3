package io.github.oauth2pkce.refresh;

import io.github.oauth2pkce.store.CredentialId;

/**
 * A token was refreshed and is stored.
 *
 * @param id the credential
 * @param trigger why
 */
public record TokenRefreshedEvent(CredentialId id, RefreshTrigger trigger) {

}
