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
 * Prompts nobody. A {@link Listeners.Counter}, so that it is told before the callers are
 * answered: their next request must not meet the old demand. Thread-safe.
 */
public final class StepUps implements BearerListener, RefreshListener, LoginListener, Listeners.Counter {

	/**
	 * Errors by which the server, or the person, refuses what a resource demanded. A
	 * repeated login would fail in the same way, and a resource may demand anything.
	 */
	private static final Set<String> REFUSED = Set.of(OAuth2ErrorCodes.INVALID_SCOPE, OAuth2ErrorCodes.INVALID_REQUEST,
			OAuth2ErrorCodes.ACCESS_DENIED, "unmet_authentication_requirements");

	private final Providers providers;

	private final ResourceDemands demands;

	private final Discovery discovery;

	private final Supplier<Credentials> credentials;

	/** Whose last login nobody has finished, while something is demanded. */
	private final Set<CredentialId> failed = ConcurrentHashMap.newKeySet();

	/** What the logins that run were asked for. */
	private final Map<Login, ResourceDemand> asked = new ConcurrentHashMap<>();

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

	/** A user whose login lacks nothing is not asked for what another's lacks. */
	@Override
	public void started(Login login) {
		ResourceDemand missing = this.demands.missing(login.id().providerId());
		if (isApplication(login.id()) || (missing.insufficient() && !missing.isMetBy(granted(login.id())))) {
			this.asked.put(login, missing);
		}
	}

	/**
	 * A user's login is that of one of many, and may not be the one that was not good
	 * enough; a web login knows for itself whether it was asked for more. What was
	 * demanded after a login had begun waits for the next one.
	 */
	@Override
	public void ended(Ended ended) {
		Login login = ended.login();
		String providerId = login.id().providerId();
		ResourceDemand asked = this.asked.remove(login);
		boolean counts = (asked != null) ? asked.equals(this.demands.missing(providerId)) : isApplication(login.id());
		if (counts && (ended.outcome() == LoginOutcome.SUCCESS || isRefused(ended))) {
			this.demands.fulfilled(providerId);
			this.failed.remove(login.id());
		}
	}

	/**
	 * Some servers show an error page, and the login ends in time. One may have been the
	 * person's; the second in a row is taken for a refusal.
	 */
	private boolean isRefused(Ended ended) {
		return (ended.errorCode() != null && REFUSED.contains(ended.errorCode()))
				|| (ended.outcome() == LoginOutcome.EXPIRED && !this.failed.add(ended.login().id()));
	}

	private static boolean isApplication(CredentialId id) {
		return CredentialId.APPLICATION.equals(id.principalName());
	}

	private Instant loggedInAt(String providerId) {
		Credential known = this.credentials.get().known(CredentialId.ofApplication(providerId));
		return (known != null && known.loggedInAt() != null) ? known.loggedInAt() : Instant.EPOCH;
	}

	/**
	 * Another process may have logged in, and a machine needs no login. What a user's
	 * token is good for says nothing of the others'.
	 */
	@Override
	public void refreshed(Refresh refresh) {
		CredentialId id = refresh.id();
		boolean adopted = refresh.outcome() == RefreshOutcome.ADOPTED;
		if (!isApplication(id) || !(adopted || refresh.outcome() == RefreshOutcome.REFRESHED)) {
			return;
		}
		boolean other = adopted
				&& !loggedInAt(id.providerId()).equals(this.insufficient.getOrDefault(id.providerId(), Instant.EPOCH));
		ResourceDemand missing = this.demands.missing(id.providerId());
		if (other || (missing.insufficient() && isMet(missing, id))) {
			this.demands.fulfilled(id.providerId());
		}
	}

	/** A machine has scopes, and nobody who could authenticate in another way. */
	private boolean isMet(ResourceDemand missing, CredentialId id) {
		return this.providers.get(id.providerId()).grant().needsPerson() ? missing.isMetBy(granted(id))
				: granted(id).containsAll(missing.scopes());
	}

	private Set<String> granted(CredentialId id) {
		return this.credentials.get().status(id).scopesGranted();
	}

}
