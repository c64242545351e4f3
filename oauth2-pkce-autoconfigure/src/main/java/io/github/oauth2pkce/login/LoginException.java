package io.github.oauth2pkce.login;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.discovery.DiscoveryException;
import io.github.oauth2pkce.registration.RegistrationException;
import io.github.oauth2pkce.source.ForeignTokenException;
import io.github.oauth2pkce.store.LockTimeoutException;
import io.github.oauth2pkce.token.AuthorizationDeniedException;
import io.github.oauth2pkce.token.AuthorizationExpiredException;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.ClientAdvice;

import org.springframework.security.oauth2.core.OAuth2AuthorizationException;

/** A login ended without tokens. The message is a sentence for a person; no secret. */
public class LoginException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/** How the login ended. */
	private final LoginOutcome outcome;

	/** Of OAuth 2.0, or ours. */
	private final String errorCode;

	/**
	 * Creates the exception.
	 * @param outcome how the login ended
	 * @param errorCode an OAuth 2.0 error code, or one of ours
	 * @param message a sentence for people, printable
	 * @param cause the failure below, if any
	 */
	public LoginException(LoginOutcome outcome, String errorCode, String message, @Nullable Throwable cause) {
		super(message, cause);
		this.outcome = outcome;
		this.errorCode = errorCode;
	}

	/**
	 * Creates the exception for a problem of ours.
	 * @param outcome how the login ended
	 * @param problem what went wrong
	 * @param message a sentence for people, printable
	 * @param cause the failure below, if any
	 */
	public LoginException(LoginOutcome outcome, Problem problem, String message, @Nullable Throwable cause) {
		this(outcome, problem.code(), message, cause);
	}

	static LoginException cancelled() {
		return new LoginException(LoginOutcome.CANCELLED, Problem.CANCELLED, "The login was cancelled", null);
	}

	/** What a failure means for the person. */
	static LoginException of(Throwable ex) {
		if (ex instanceof LoginException known) {
			return known;
		}
		if (ex instanceof AuthorizationDeniedException denied) {
			return new LoginException(LoginOutcome.DENIED, denied.getError().getErrorCode(), "The login was denied",
					ex);
		}
		String message = String.valueOf(ex.getMessage());
		if (ex instanceof AuthorizationExpiredException expired) {
			return new LoginException(LoginOutcome.EXPIRED, expired.getError().getErrorCode(), message, ex);
		}
		if (ex instanceof OAuth2AuthorizationException refused) {
			return new LoginException(LoginOutcome.FAILED, refused.getError().getErrorCode(), message, ex);
		}
		if (ex instanceof AuthorizationServerUnreachableException) {
			return new LoginException(LoginOutcome.FAILED, Problem.UNREACHABLE, message, ex);
		}
		if (ex instanceof LockTimeoutException) {
			return new LoginException(LoginOutcome.FAILED, Problem.LOCK_TIMEOUT, message, ex);
		}
		if (ex instanceof RegistrationException) {
			return new LoginException(LoginOutcome.FAILED, Problem.REGISTRATION_FAILED, message, ex);
		}
		if (ex instanceof ForeignTokenException foreign) {
			return new LoginException(LoginOutcome.FAILED, foreign.problem(), message, ex);
		}
		if (ex instanceof DiscoveryException) {
			return new LoginException(LoginOutcome.FAILED, Problem.DISCOVERY_FAILED, message, ex);
		}
		return new LoginException(LoginOutcome.FAILED, Problem.INTERNAL_ERROR, "The login failed unexpectedly", ex);
	}

	/** Says as well which property may be to blame. */
	LoginException withAdvice(Provider provider) {
		String advice = (this.outcome == LoginOutcome.FAILED)
				? ClientAdvice.of(provider, this.errorCode, String.valueOf(getMessage())) : null;
		return (advice != null)
				? new LoginException(this.outcome, this.errorCode, getMessage() + "; " + advice, getCause()) : this;
	}

	boolean isUnexpected() {
		return Problem.of(this.errorCode) == Problem.INTERNAL_ERROR;
	}

	/**
	 * {@return how the login ended}
	 */
	public LoginOutcome outcome() {
		return this.outcome;
	}

	/**
	 * What went wrong.
	 * @return an OAuth 2.0 error code, or a short name such as {@code unreachable}
	 */
	public String errorCode() {
		return this.errorCode;
	}

}
