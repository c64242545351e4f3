package io.github.oauth2pkce.bearer;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.ErrorCodes;
import io.github.oauth2pkce.token.FailureKind;
import io.github.oauth2pkce.token.TokenRequestException;

import org.springframework.security.oauth2.client.ClientAuthorizationRequiredException;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;

/**
 * A request was not sent because there was no bearer for it and the provider says
 * {@code on-missing-token: fail}. Not Spring Security's
 * {@link ClientAuthorizationRequiredException}, which would redirect the inbound browser.
 */
public class AuthenticationRequiredException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private static final Set<String> LOGIN_ERROR_CODES = Set.of(OAuth2ErrorCodes.INVALID_GRANT,
			ErrorCodes.INTERACTION_REQUIRED, ErrorCodes.LOGIN_REQUIRED, ErrorCodes.CONSENT_REQUIRED);

	/** Whom to log in to. */
	private final String providerId;

	/** What the credential is good for. */
	private final AuthorizationState state;

	/** Why there is no bearer. */
	private final SkipReason reason;

	/**
	 * Creates the exception.
	 * @param providerId the provider
	 * @param state what its credential is good for
	 * @param reason why there was no bearer
	 */
	public AuthenticationRequiredException(String providerId, AuthorizationState state, SkipReason reason) {
		super("No bearer of OAuth 2.0 provider '" + providerId + "' for this request: " + reason.tag() + " (" + state
				+ ")");
		this.providerId = providerId;
		this.state = state;
		this.reason = reason;
	}

	/**
	 * {@return the provider that a person has to log in to}
	 */
	public String getProviderId() {
		return this.providerId;
	}

	/**
	 * What the credential was good for.
	 * @return the state; {@link AuthorizationState#AUTHORIZED} and
	 * {@link AuthorizationState#UNKNOWN} mean that trying again later may help
	 */
	public AuthorizationState getState() {
		return this.state;
	}

	/**
	 * {@return why there is no bearer}
	 */
	public SkipReason getReason() {
		return this.reason;
	}

	/**
	 * Whether only a person who logs in can make this failure go away. Looks through
	 * causes, suppressed exceptions and Reactor composites for this exception, for an
	 * equivalent OAuth 2.0 error and for a 401 with a Bearer challenge, as WebClient,
	 * RestClient, OpenFeign and the transports of the MCP Java SDK throw it.
	 * @param failure any failure, may be {@code null}
	 * @return {@code false} for every transient failure: I/O, timeout, 5xx, a store or a
	 * lock that is not available, a 403
	 */
	public static boolean isAuthenticationRequired(@Nullable Throwable failure) {
		Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
		Deque<Throwable> open = new ArrayDeque<>();
		if (failure != null) {
			open.add(failure);
		}
		while (!open.isEmpty()) {
			Throwable candidate = open.remove();
			if (!seen.add(candidate)) {
				continue;
			}
			if (says(candidate)) {
				return true;
			}
			if (candidate.getCause() != null) {
				open.add(candidate.getCause());
			}
			// Reactor composites keep their parts here.
			open.addAll(List.of(candidate.getSuppressed()));
		}
		return false;
	}

	private static boolean says(Throwable failure) {
		if (failure instanceof AuthenticationRequiredException required) {
			return required.state.needsPerson() && !required.reason.passes();
		}
		if (failure instanceof ClientAuthorizationRequiredException) {
			return true;
		}
		if (failure instanceof TokenRequestException request) {
			return request.kind() == FailureKind.REJECTED;
		}
		// Spring's ClientAuthorizationException is one of these.
		if (failure instanceof OAuth2AuthorizationException authorization) {
			return LOGIN_ERROR_CODES.contains(authorization.getError().getErrorCode());
		}
		if (failure instanceof OAuth2AuthenticationException authentication) {
			return LOGIN_ERROR_CODES.contains(authentication.getError().getErrorCode());
		}
		// A bare 401 proves nothing: RFC 6750 section 3 asks for a challenge. Another
		// proof may do where it is about the proof.
		return BearerChallenge.parse(ResponseFailure.challenges(failure, 401))
			.stream()
			.anyMatch((challenge) -> !BearerRules.isAboutProof(challenge, false));
	}

}
