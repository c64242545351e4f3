package io.github.oauth2pkce.observability;

/**
 * Says that the endpoint is exposed over HTTP.
 *
 * @param unrestricted whether it may act
 */
public record EndpointOverHttp(boolean unrestricted) {

}
