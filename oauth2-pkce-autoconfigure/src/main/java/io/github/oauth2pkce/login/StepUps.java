package io.github.oauth2pkce.login;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.github.oauth2pkce.Listeners;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerListener;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.ResourceDemand;
import io.github.oauth2pkce.discovery.ResourceDemands;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshListener;
import io.github.oauth2pkce.refresh.RefreshOutcome;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;

import org.springframework.security.oauth2.core.OAuth2ErrorCodes;

/**
 * Notes what resources demand of a provider's tokens (RFC 6750 section 3.1, RFC 9470),
 * until there is a login that was asked for it: the next one, wherever it takes place.
 * Prompts nobody. A counter, because whoever is answered after a login must not meet what
 * was demanded before. Thread-safe.
 */
public final class StepUps implements BearerListener, RefreshListener, LoginListener, Listeners.Counter {

	/**
	 * What a server answers to a login that asks for too much, and a person who wants
	 * less: the next login would end alike, and a resource may demand anything.
	 */
	private static final Set<String> REFUSED = Set.of(OAuth2ErrorCodes.INVALID_SCOPE, OAuth2ErrorCodes.INVALID_REQUEST,
			OAuth2ErrorCodes.ACCESS_DENIED, "unmet_authentication_requirements");

	private final Providers providers;

	private final ResourceDemands demands;

	private final Discovery discovery;

	private final Supplier<Credentials> credentials;

	/** Whose last login nobody has finished. */
	private final Set<String> failed = ConcurrentHashMap.newKeySet();

	/** When the login was made that was not good enough. */
	private final Map<String, Instant> insufficient = new ConcurrentHashMap<>();

	/**
	 * Creates the listener.
	 * @param providers the providers
	 * @param demands where demands are kept
	 * @param discovery has what resources say of themselves read again
	 * @param credentials what is granted; a supplier, because credentials tell this
	 * listener what happens
	 */
	public StepUps(Providers providers, ResourceDemands demands, Discovery discovery,
			Supplier<Credentials> credentials) {
		this.providers = providers;
		this.demands = demands;
		this.discovery = discovery;
		this.credentials = credentials;
	}

	@Override
	public boolean countsPropagated() {
		return false;
	}

	@Override
	public void challenged(String providerId, ResourceDemand demand) {
		if (demand.insufficient()) {
			this.insufficient.put(providerId, loggedInAt(providerId));
		}
		this.demands.challenged(providerId, demand);
		// It may have moved to another server.
		this.discovery.refused(providerId);
	}

	/**
	 * A user's login is that of one of many, and may not be the one that was not good
	 * enough; a web login knows whether it was asked for more.
	 */
	@Override
	public void ended(Ended ended) {
		CredentialId id = ended.login().id();
		if (!isApplication(id)) {
			fulfilledIfMet(id);
		}
		else if (ended.outcome() == LoginOutcome.SUCCESS || isRefused(ended)) {
			this.demands.fulfilled(id.providerId());
			this.failed.remove(id.providerId());
		}
	}

	/**
	 * Some servers show an error page, and the login ends in time. One may have been the
	 * person's; the second in a row is taken for a refusal.
	 */
	private boolean isRefused(Ended ended) {
		return (ended.errorCode() != null && REFUSED.contains(ended.errorCode()))
				|| (ended.outcome() == LoginOutcome.EXPIRED && !this.failed.add(ended.login().id().providerId()));
	}

	private void fulfilledIfMet(CredentialId id) {
		ResourceDemand missing = this.demands.missing(id.providerId());
		if (missing.insufficient() && isMet(missing, id)) {
			this.demands.fulfilled(id.providerId());
		}
	}

	private static boolean isApplication(CredentialId id) {
		return CredentialId.APPLICATION.equals(id.principalName());
	}

	private Instant loggedInAt(String providerId) {
		Credential known = this.credentials.get().known(CredentialId.ofApplication(providerId));
		return (known != null && known.loggedInAt() != null) ? known.loggedInAt() : Instant.EPOCH;
	}

	/** Another process may have logged in, and a machine needs no login. */
	@Override
	public void refreshed(Refresh refresh) {
		String providerId = refresh.id().providerId();
		if (refresh.outcome() == RefreshOutcome.ADOPTED && isApplication(refresh.id())
				&& !loggedInAt(providerId).equals(this.insufficient.getOrDefault(providerId, Instant.EPOCH))) {
			this.demands.fulfilled(providerId);
		}
		else if (refresh.outcome() == RefreshOutcome.REFRESHED || refresh.outcome() == RefreshOutcome.ADOPTED) {
			fulfilledIfMet(refresh.id());
		}
	}

	private boolean isMet(ResourceDemand missing, CredentialId id) {
		return !this.providers.get(id.providerId()).grant().needsPerson()
				|| missing.isMetBy(this.credentials.get().status(id).scopesGranted());
	}

}
