package io.github.oauth2pkce.bearer;

/**
 * A request has no bearer of ours. Published on the thread that sends the request.
 *
 * @param providerId the provider that would have supplied the bearer
 * @param reason why
 */
public record BearerSkippedEvent(String providerId, SkipReason reason) {

}
