package io.github.oauth2pkce.observability;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * The health of a provider's credential, not of its server: read from memory, so that a
 * probe costs nothing and wakes nobody. A login that is missing is no reason to restart:
 * its status is one that Boot's status order does not know, and therefore ignores.
 */
public final class ProviderHealthIndicator implements HealthIndicator {

	/** A login that does not help: requests go without a bearer. */
	static final Status REFRESH_FAILING = new Status("REFRESH_FAILING");

	private final Provider provider;

	private final ProviderReports reports;

	/**
	 * Creates the indicator.
	 * @param provider the provider
	 * @param reports what is known of it, from memory
	 */
	public ProviderHealthIndicator(Provider provider, ProviderReports reports) {
		this.provider = provider;
		this.reports = reports;
	}

	@Override
	public Health health() {
		AuthorizationState state = this.reports.state(this.provider);
		Status status = switch (state) {
			case AUTHORIZED -> this.reports.isRefreshFailing(this.provider) ? REFRESH_FAILING : Status.UP;
			case UNKNOWN -> Status.UNKNOWN;
			case LOGIN_REQUIRED, REAUTHENTICATION_REQUIRED -> new Status(state.name());
		};
		return Health.status(status).withDetails(this.reports.health(this.provider)).build();
	}

}
