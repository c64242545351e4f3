package io.github.oauth2pkce.observability;

import io.github.oauth2pkce.bearer.BearerListener;
import io.github.oauth2pkce.bearer.BearerSkippedEvent;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.login.LoggedOutEvent;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.LoginCompletedEvent;
import io.github.oauth2pkce.login.LoginFailedEvent;
import io.github.oauth2pkce.login.LoginListener;
import io.github.oauth2pkce.login.LoginOutcome;
import io.github.oauth2pkce.login.LoginStartedEvent;
import io.github.oauth2pkce.refresh.CredentialRejectedEvent;
import io.github.oauth2pkce.refresh.RefreshListener;
import io.github.oauth2pkce.refresh.RefreshOutcome;
import io.github.oauth2pkce.refresh.TokenRefreshedEvent;
import io.github.oauth2pkce.store.CredentialId;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;

/** Publishes what happens as application events. */
public final class ApplicationEvents implements BearerListener, RefreshListener, LoginListener {

	private static final Logger logger = LoggerFactory.getLogger(ApplicationEvents.class);

	private final ApplicationEventPublisher publisher;

	/**
	 * Creates the bridge.
	 * @param publisher where events go
	 */
	public ApplicationEvents(ApplicationEventPublisher publisher) {
		this.publisher = publisher;
	}

	@Override
	public boolean countsPropagated() {
		return false;
	}

	@Override
	public void skipped(String providerId, SkipReason reason) {
		publish(new BearerSkippedEvent(providerId, reason));
	}

	@Override
	public void refreshed(Refresh refresh) {
		if (refresh.outcome() == RefreshOutcome.REFRESHED) {
			publish(new TokenRefreshedEvent(refresh.id(), refresh.trigger()));
		}
		if (refresh.outcome() == RefreshOutcome.REJECTED) {
			publish(new CredentialRejectedEvent(refresh.id(), refresh.errorCode()));
		}
	}

	@Override
	public void started(Login login) {
		publish(new LoginStartedEvent(login.id()));
	}

	@Override
	public void ended(Ended ended) {
		publish((ended.outcome() == LoginOutcome.SUCCESS) ? new LoginCompletedEvent(ended.login().id(), ended.saved())
				: new LoginFailedEvent(ended.login().id(), ended.outcome(), ended.errorCode()));
	}

	@Override
	public void loggedOut(CredentialId id, boolean revoked) {
		publish(new LoggedOutEvent(id, revoked));
	}

	/**
	 * A listener's failure, whatever it is, is its own: not that of the request, the
	 * refresh or the login that it was told about.
	 */
	private void publish(Object event) {
		try {
			this.publisher.publishEvent(event);
		}
		catch (RuntimeException | Error ex) {
			logger.warn("A listener of {} failed", event.getClass().getSimpleName(), ex);
		}
	}

}
