package io.github.oauth2pkce.observability;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

import io.github.oauth2pkce.EventLog;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.bearer.BearerListener;
import io.github.oauth2pkce.bearer.RequestLogins;
import io.github.oauth2pkce.bearer.StepUpRequiredEvent;
import io.github.oauth2pkce.discovery.ResourceDemand;
import io.github.oauth2pkce.discovery.ResourceDemands;
import io.github.oauth2pkce.login.LoginListener;
import io.github.oauth2pkce.login.LoginOutcome;

import org.springframework.context.ApplicationEventPublisher;

/**
 * Says once that a login is not good enough: in the log and as an application event, for
 * each provider and demand until somebody has logged in. Thread-safe.
 */
public final class StepUpNotices implements BearerListener, LoginListener {

	/** A resource may think of a new demand with each answer; a log is for people. */
	private static final int MOST = 20;

	private final Providers providers;

	private final ResourceDemands demands;

	private final Supplier<ProviderReports> reports;

	private final ApplicationEventPublisher events;

	private final RequestLogins requestLogins;

	private final Map<String, Set<ResourceDemand>> told = new ConcurrentHashMap<>();

	/**
	 * Creates the listener.
	 * @param providers the providers
	 * @param demands what is demanded; whoever notes it there hears of it first
	 * @param reports what a person should do; a supplier, because credentials tell this
	 * listener what happens
	 * @param events where events go
	 * @param requestLogins logins that requests wait for
	 */
	public StepUpNotices(Providers providers, ResourceDemands demands, Supplier<ProviderReports> reports,
			ApplicationEventPublisher events, RequestLogins requestLogins) {
		this.providers = providers;
		this.demands = demands;
		this.reports = reports;
		this.events = events;
		this.requestLogins = requestLogins;
	}

	@Override
	public boolean countsPropagated() {
		return false;
	}

	@Override
	public void challenged(String providerId, ResourceDemand demand) {
		ResourceDemand missing = this.demands.missing(providerId);
		Provider provider = this.providers.find(providerId);
		if (!demand.insufficient() || !missing.insufficient() || provider == null || !isNews(providerId, missing)) {
			return;
		}
		// Where the request waits for a login, that tells of itself.
		if (!this.requestLogins.areAllowed(providerId)) {
			warn(provider, missing);
		}
		this.events.publishEvent(new StepUpRequiredEvent(providerId, missing.scopes(), missing.acrValues(),
				missing.maxAge(), missing.claims()));
	}

	private void warn(Provider provider, ResourceDemand missing) {
		String providerId = provider.id();
		String remedy = this.reports.get().remedy(provider);
		EventLog.at(Level.WARN, "oauth2_step_up_required", providerId)
			.with("scopesRequired", printable(String.join(" ", missing.scopes())))
			.with("acrValues", printable(missing.acrValues()))
			.with("maxAge", missing.maxAge())
			.with("claims", printable(missing.claims()))
			.with("remedy", remedy)
			.log("The login of '{}' is not good enough for a request. {}. Said once for each demand, until somebody"
					+ " logs in", providerId, remedy);
	}

	private boolean isNews(String providerId, ResourceDemand missing) {
		Set<ResourceDemand> told = this.told.computeIfAbsent(providerId, (id) -> ConcurrentHashMap.newKeySet());
		return told.size() < MOST && told.add(missing);
	}

	private static @Nullable String printable(@Nullable String text) {
		return (text != null) ? ServerText.printable(text, ProviderReports.LONGEST_DEMAND) : null;
	}

	@Override
	public void ended(Ended ended) {
		if (ended.outcome() == LoginOutcome.SUCCESS) {
			this.told.remove(ended.login().id().providerId());
		}
	}

}
