package io.github.oauth2pkce.observability;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.github.oauth2pkce.login.LoginListener;
import io.github.oauth2pkce.login.LoginOutcome;
import io.github.oauth2pkce.refresh.RefreshListener;
import io.github.oauth2pkce.store.CredentialId;

/** Counts the refreshes of the application's logins that failed in a row. Thread-safe. */
public final class FailedRefreshes implements RefreshListener, LoginListener {

	private final Map<String, Integer> inARow = new ConcurrentHashMap<>();

	/** Creates counts that are all zero. */
	public FailedRefreshes() {
	}

	@Override
	public void refreshed(Refresh refresh) {
		if (!CredentialId.APPLICATION.equals(refresh.id().principalName())) {
			return;
		}
		switch (refresh.outcome()) {
			case REFRESHED, ADOPTED, PERSIST_FAILED -> this.inARow.remove(refresh.id().providerId());
			// Nothing was tried.
			case SUPPRESSED -> {
			}
			default -> this.inARow.merge(refresh.id().providerId(), 1, Integer::sum);
		}
	}

	@Override
	public void ended(Ended ended) {
		if (ended.outcome() == LoginOutcome.SUCCESS) {
			forget(ended.login().id());
		}
	}

	@Override
	public void loggedOut(CredentialId id, boolean revoked) {
		forget(id);
	}

	private void forget(CredentialId id) {
		if (CredentialId.APPLICATION.equals(id.principalName())) {
			this.inARow.remove(id.providerId());
		}
	}

	int inARow(String providerId) {
		return this.inARow.getOrDefault(providerId, 0);
	}

}
