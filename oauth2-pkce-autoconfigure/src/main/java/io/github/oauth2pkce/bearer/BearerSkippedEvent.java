package io.github.oauth2pkce.bearer;

/**
 * A request has no bearer of ours. Published on the thread that sends the request.
 *
 * @param providerId whose bearer it would have been
 * @param reason why
 */
public record BearerSkippedEvent(String providerId, SkipReason reason) {

}
