package io.github.oauth2pkce.token;

import java.net.URI;

import io.github.oauth2pkce.Provider;

/**
 * What a login came to.
 *
 * @param provider the server that issued the tokens, and the client to which it did
 * @param tokenEndpoint the endpoint that issued the tokens, the only one that may see the
 * refresh token again
 * @param response the tokens
 */
public record IssuedTokens(Provider provider, URI tokenEndpoint, TokenResponse response) {

}
