package io.github.oauth2pkce.bearer;

import java.util.Set;

import io.github.oauth2pkce.ServerText;

import org.springframework.security.oauth2.core.OAuth2ErrorCodes;

/**
 * A resource answered 403 because the bearer lacks a scope (RFC 6750 section 3.1). Asking
 * again does not help, nor does a refresh: the provider's {@code scope} has to name it,
 * and a person has to log in with it. Not thrown unless asked for, by
 * {@code onErrorMap(InsufficientScopeException::orSame)}.
 */
public class InsufficientScopeException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final transient Set<String> requiredScopes;

	private InsufficientScopeException(Set<String> requiredScopes, Throwable answer) {
		super("The bearer is not good for this request; " + (requiredScopes.isEmpty() ? "the needed scope is not known"
				: "needed: " + ServerText.printable(String.join(" ", requiredScopes))), answer);
		this.requiredScopes = requiredScopes;
	}

	/**
	 * Gives a response exception of {@code WebClient}, {@code RestClient} or the JDK
	 * transports of the MCP Java SDK its meaning.
	 * @param failure any failure
	 * @return an exception of this type, caused by the failure, if that is a 403 with a
	 * challenge {@code insufficient_scope}; else the failure itself
	 */
	public static Throwable orSame(Throwable failure) {
		for (BearerChallenge challenge : BearerChallenge.parse(ResponseFailure.challenges(failure, 403))) {
			if (OAuth2ErrorCodes.INSUFFICIENT_SCOPE.equals(challenge.error())) {
				return new InsufficientScopeException(challenge.demand().scopes(), failure);
			}
		}
		return failure;
	}

	/**
	 * The scopes that the request needs, as far as the resource says.
	 * @return the scopes, empty when not said
	 */
	public Set<String> getRequiredScopes() {
		return (this.requiredScopes != null) ? this.requiredScopes : Set.of();
	}

}
