package io.github.oauth2pkce.bearer;

import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * A resource wants more than the present login of a provider is good for (RFC 6750
 * section 3.1, RFC 9470 section 3): somebody has to log in again, which asks for what is
 * missing. Published once for each new demand, not for each request, on the thread that
 * sends the request. The values are the resource's, of limited size and printable.
 *
 * @param providerId the provider
 * @param scopes the scopes that are demanded since the last login, possibly none
 * @param acrValues the authentication context classes, separated by spaces
 * @param maxAge the longest time in seconds since the person has logged in
 * @param claims a JSON object for the parameter {@code claims}
 */
public record StepUpRequiredEvent(String providerId, Set<String> scopes, @Nullable String acrValues,
		@Nullable Long maxAge, @Nullable String claims) {

	/**
	 * Creates the event.
	 */
	public StepUpRequiredEvent {
		scopes = Set.copyOf(scopes);
	}

}
