package io.github.oauth2pkce.observability;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.slf4j.event.Level;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.EventLog;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerListener;
import io.github.oauth2pkce.bearer.RequestLogins;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.login.LoginListener;
import io.github.oauth2pkce.login.LoginOutcome;
import io.github.oauth2pkce.refresh.RefreshListener;
import io.github.oauth2pkce.refresh.RefreshOutcome;
import io.github.oauth2pkce.store.CredentialId;

/**
 * Warns once that requests go out, or fail, without a bearer: for each provider and
 * reason, until the state changes. Someone who sees only the API's 401 would not know.
 * Costs requests with a bearer nothing. Thread-safe.
 */
public final class MissingBearers implements BearerListener, RefreshListener, LoginListener {

	private final Providers providers;

	private final Predicate<String> failing;

	private final Supplier<ProviderReports> reports;

	private final RequestLogins requestLogins;

	private final Map<String, Told> told = new ConcurrentHashMap<>();

	/**
	 * Creates the listener.
	 * @param providers the providers
	 * @param failing whether the requests of a provider fail without a bearer
	 * @param reports what a person should do; a supplier, because credentials tell this
	 * listener what happens
	 * @param requestLogins logins that requests wait for
	 */
	public MissingBearers(Providers providers, Predicate<String> failing, Supplier<ProviderReports> reports,
			RequestLogins requestLogins) {
		this.providers = providers;
		this.failing = failing;
		this.reports = reports;
		this.requestLogins = requestLogins;
	}

	@Override
	public boolean countsPropagated() {
		return false;
	}

	@Override
	public void skipped(String providerId, SkipReason reason) {
		Provider provider = this.providers.find(providerId);
		// The caller has its own Authorization: nothing is missing.
		if (reason == SkipReason.USER_SET || provider == null) {
			return;
		}
		AuthorizationState state = this.reports.get().state(provider);
		if (state.needsPerson() && this.requestLogins.areAllowed(providerId)) {
			// It waits for a login, which tells of itself.
			return;
		}
		if (toldIn(state, providerId).reasons().add(reason)) {
			String remedy = this.reports.get().remedy(provider, reason);
			EventLog.at(Level.WARN, "oauth2_bearer_missing", providerId)
				.with("reason", reason.tag())
				.with("remedy", remedy)
				.log("{} without a bearer for '{}' ({}). {}. Logged once, until the state changes",
						this.failing.test(providerId) ? "A request failed" : "A request was sent", providerId,
						reason.tag(), remedy);
		}
	}

	private Told toldIn(AuthorizationState state, String providerId) {
		Told told = this.told.get(providerId);
		if (told != null && told.state() == state) {
			return told;
		}
		return this.told.compute(providerId, (id, now) -> (now != null && now.state() == state) ? now
				: new Told(state, ConcurrentHashMap.newKeySet()));
	}

	@Override
	public void refreshed(Refresh refresh) {
		if (refresh.outcome() == RefreshOutcome.REFRESHED || refresh.outcome() == RefreshOutcome.ADOPTED) {
			Told told = this.told.get(refresh.id().providerId());
			if (told != null) {
				// A refresh ends these, and leaves the state as it was.
				told.reasons().removeIf(SkipReason::passes);
			}
		}
		look(refresh.id());
	}

	@Override
	public void ended(Ended ended) {
		if (ended.outcome() == LoginOutcome.SUCCESS) {
			startOver(ended.login().id());
		}
		look(ended.login().id());
	}

	@Override
	public void loggedOut(CredentialId id, boolean revoked) {
		startOver(id);
	}

	/** Whoever is told late would see the state of now, and not that it has changed. */
	private void startOver(CredentialId id) {
		if (CredentialId.APPLICATION.equals(id.principalName())) {
			this.told.remove(id.providerId());
		}
	}

	/** Between two requests it may change there and back. */
	private void look(CredentialId id) {
		Provider provider = this.providers.find(id.providerId());
		if (provider != null && this.told.containsKey(id.providerId())) {
			toldIn(this.reports.get().state(provider), id.providerId());
		}
	}

	/**
	 * What was said in one state.
	 *
	 * @param state the state
	 * @param reasons those that were said
	 */
	private record Told(AuthorizationState state, Set<SkipReason> reasons) {

	}

}
