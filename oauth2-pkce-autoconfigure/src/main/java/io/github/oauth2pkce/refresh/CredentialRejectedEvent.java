package io.github.oauth2pkce.refresh;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.CredentialId;

/**
 * The server rejected the stored refresh token: a person has to log in again.
 *
 * @param id the credential
 * @param errorCode the server's error code
 */
public record CredentialRejectedEvent(CredentialId id, @Nullable String errorCode) {

}
