package io.github.oauth2pkce.runtime;

import io.github.oauth2pkce.login.LoginException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** A login that a runner asked for failed: a sentence for a person, no stack trace. */
final class LoginFailureAnalyzer extends AbstractFailureAnalyzer<LoginException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, LoginException cause) {
		String action = switch (cause.outcome()) {
			case DENIED -> "Start the application again, and approve the login; or use an account that is allowed to.";
			case EXPIRED -> "Start the application again, and finish the login in time.";
			case FAILED -> "Remove the cause, then start the application again.";
			case SUCCESS, CANCELLED -> "Start the application again to log in.";
		};
		return new FailureAnalysis("The application asked for a login and did not get one: " + cause.getMessage(),
				action, cause);
	}

}
