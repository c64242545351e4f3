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
		try {
			this.publisher.publishEvent(new BearerSkippedEvent(providerId, reason));
		}
		catch (RuntimeException ex) {
			// A listener's failure must not fail the request that it was told about.
			logger.warn("A listener of BearerSkippedEvent failed", ex);
		}
	}

	@Override
	public void refreshed(Refresh refresh) {
		if (refresh.outcome() == RefreshOutcome.REFRESHED) {
			this.publisher.publishEvent(new TokenRefreshedEvent(refresh.id(), refresh.trigger()));
		}
		if (refresh.outcome() == RefreshOutcome.REJECTED) {
			this.publisher.publishEvent(new CredentialRejectedEvent(refresh.id(), refresh.errorCode()));
		}
	}

	@Override
	public void started(Login login) {
		this.publisher.publishEvent(new LoginStartedEvent(login.id()));
	}

	@Override
	public void ended(Ended ended) {
		this.publisher.publishEvent(
				(ended.outcome() == LoginOutcome.SUCCESS) ? new LoginCompletedEvent(ended.login().id(), ended.saved())
						: new LoginFailedEvent(ended.login().id(), ended.outcome(), ended.errorCode()));
	}

	@Override
	public void loggedOut(CredentialId id, boolean revoked) {
		this.publisher.publishEvent(new LoggedOutEvent(id, revoked));
	}

}
