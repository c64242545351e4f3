package io.github.oauth2pkce.autoconfigure;

/**
 * Says that the endpoint is exposed over HTTP.
 *
 * @param unrestricted whether it may act
 */
record EndpointOverHttp(boolean unrestricted) {

}
