package io.github.oauth2pkce.login;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Listeners;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.store.CredentialId;

/**
 * Tells everybody how a login has ended, and remembers why the last one failed.
 * Thread-safe.
 */
final class LoginEnds {

	private final Providers providers;

	private final Listeners<LoginListener> listeners;

	/** Of the application's logins: with nothing stored, nobody else remembers why. */
	private final Map<CredentialId, String> failures = new ConcurrentHashMap<>();

	LoginEnds(Providers providers, Listeners<LoginListener> listeners) {
		this.providers = providers;
		this.listeners = listeners;
	}

	/**
	 * Completes the callers that wait first, then notifies the listeners, even if a
	 * caller then ends the application.
	 */
	void tell(Login login, Duration duration, LoginGrant.End end) {
		LoginException failure = end.failure();
		remember(login.id(), failure);
		LoginOutcome outcome = (failure != null) ? failure.outcome() : LoginOutcome.SUCCESS;
		Grant chosen = login.grant();
		Grant grant = (chosen != null) ? chosen : this.providers.get(login.id().providerId()).grant();
		LoginListener.Ended ended = new LoginListener.Ended(login, grant, outcome, end.saved(), duration,
				(failure != null) ? failure.errorCode() : null, (failure != null) ? failure.getMessage() : null);
		this.listeners.tell(List.of((listener) -> listener.ended(ended)), () -> login.end(failure));
	}

	private void remember(CredentialId id, @Nullable LoginException failure) {
		if (failure == null || failure.outcome() == LoginOutcome.CANCELLED) {
			this.failures.remove(id);
		}
		else if (CredentialId.APPLICATION.equals(id.principalName())) {
			this.failures.put(id, failure.errorCode());
		}
	}

	/** {@code null} after a login that succeeded, or was cancelled, or never was. */
	@Nullable String lastError(CredentialId id) {
		return this.failures.get(id);
	}

}
