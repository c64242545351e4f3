package io.github.oauth2pkce.login;

import io.github.oauth2pkce.store.CredentialId;

/**
 * A login was forgotten because somebody asked.
 *
 * @param revoked whether the server has revoked it as well
 */
public record LoggedOutEvent(CredentialId id, boolean revoked) {

}
