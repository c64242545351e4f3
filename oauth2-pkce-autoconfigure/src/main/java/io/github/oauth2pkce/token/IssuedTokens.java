package io.github.oauth2pkce.token;

import java.net.URI;

/**
 * What a login came to.
 *
 * @param tokenEndpoint the endpoint that issued the tokens, the only one that may see the
 * refresh token again
 * @param response the tokens
 */
public record IssuedTokens(URI tokenEndpoint, TokenResponse response) {

}
