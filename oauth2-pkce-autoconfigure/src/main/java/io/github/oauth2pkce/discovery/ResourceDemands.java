package io.github.oauth2pkce.discovery;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;

/**
 * What resources have demanded of each provider's tokens since its last login, and how
 * the next login asks for it. Kept in memory. Thread-safe; no larger than a few demands
 * for each provider, whatever resources say.
 */
public final class ResourceDemands {

	private static final String OFFLINE_ACCESS = "offline_access";

	private static final String ACR_VALUES = "acr_values";

	private static final String MAX_AGE = "max_age";

	private static final String CLAIMS = "claims";

	private final Map<String, Demanded> demands = new ConcurrentHashMap<>();

	/**
	 * A resource has challenged a request.
	 * @param providerId the provider that has, or would have, supplied its bearer
	 * @param demand what the resource wants
	 */
	public void challenged(String providerId, ResourceDemand demand) {
		Demanded known = this.demands.getOrDefault(providerId, Demanded.NOTHING);
		// The same again is most of what is ever said.
		if (!known.and(demand).equals(known)) {
			this.demands.merge(providerId, Demanded.NOTHING.and(demand), (now, ignored) -> now.and(demand));
		}
	}

	/**
	 * What the next login has to ask for.
	 * @param providerId the provider
	 * @return everything that was said since the last login, and the last address of
	 * metadata that was ever said; never {@code null}
	 */
	public ResourceDemand of(String providerId) {
		Demanded known = this.demands.getOrDefault(providerId, Demanded.NOTHING);
		return known.named().and(known.missing()).withResourceMetadata(known.metadata());
	}

	/**
	 * What the present login lacks.
	 * @param providerId the provider
	 * @return the demands of the challenges that a login has to answer,
	 * {@link ResourceDemand#NONE} when there are none
	 */
	public ResourceDemand missing(String providerId) {
		return this.demands.getOrDefault(providerId, Demanded.NOTHING).missing();
	}

	/**
	 * A login is done, or has failed because of what it asked for. Forgets what was
	 * demanded, but not where the resource's metadata is.
	 * @param providerId the provider
	 */
	public void fulfilled(String providerId) {
		this.demands.computeIfPresent(providerId,
				(id, known) -> new Demanded(ResourceDemand.NONE, ResourceDemand.NONE, known.metadata()));
	}

	/**
	 * The provider as its next login has to ask. Scopes that a resource only mentions are
	 * asked for where that resource has named the server
	 * ({@link Provider#resourceUri()}).
	 * @param provider the provider as configured
	 * @return the same provider, or one whose {@link Provider#request()} asks for the
	 * scopes of both, and has {@code acr_values}, {@code max_age} (the shorter one) and
	 * {@code claims} (of both) among its additional parameters
	 */
	public Provider asked(Provider provider) {
		return asked(provider, Set.of());
	}

	/**
	 * The provider as its next login has to ask, if that is to bring more than the
	 * present one and must not bring less.
	 * @param provider the provider as configured
	 * @param granted the scopes of the present login; ignored unless something is
	 * {@link #missing}
	 * @return as {@link #asked(Provider)}, and with these scopes
	 */
	public Provider asked(Provider provider, Collection<String> granted) {
		// A 401 is nothing unusual where scopes are configured because they are known.
		ResourceDemand demand = (provider.resourceUri() != null) ? of(provider.id()) : missing(provider.id());
		if (demand.isEmpty()) {
			return provider;
		}
		Set<String> scopes = new LinkedHashSet<>(provider.request().scopes());
		if (demand.insufficient()) {
			scopes.addAll(granted);
		}
		scopes.addAll(demand.scopes());
		if (provider.resourceUri() != null && !provider.request().scopes().contains(OFFLINE_ACCESS)) {
			// It is the server's to offer, and not the resource's.
			scopes.remove(OFFLINE_ACCESS);
		}
		Map<String, String> parameters = new LinkedHashMap<>(provider.request().additionalParameters());
		addTo(parameters, demand);
		return provider.withRequest(provider.request().asking(scopes, parameters));
	}

	/**
	 * Adds what a demand wants beside scopes to the parameters of an authorization
	 * request.
	 */
	private static void addTo(Map<String, String> parameters, ResourceDemand demand) {
		if (demand.acrValues() != null) {
			parameters.put(ACR_VALUES, demand.acrValues());
		}
		if (demand.maxAge() != null) {
			parameters.merge(MAX_AGE, demand.maxAge().toString(), ResourceDemands::shorter);
		}
		if (demand.claims() != null) {
			parameters.merge(CLAIMS, demand.claims(), ClaimsRequest::merge);
		}
	}

	private static String shorter(String configured, String demanded) {
		return (configured.matches("[0-9]{1,18}") && Long.parseLong(configured) < Long.parseLong(demanded)) ? configured
				: demanded;
	}

	/**
	 * What was said of one provider's tokens.
	 *
	 * @param named what logins should ask for
	 * @param missing what the present login lacks
	 * @param metadata the last address of the resource's metadata
	 */
	private record Demanded(ResourceDemand named, ResourceDemand missing, @Nullable String metadata) {

		private static final Demanded NOTHING = new Demanded(ResourceDemand.NONE, ResourceDemand.NONE, null);

		private Demanded and(ResourceDemand demand) {
			String address = (demand.resourceMetadata() != null) ? demand.resourceMetadata() : this.metadata;
			ResourceDemand said = demand.withResourceMetadata(null);
			return demand.insufficient() ? new Demanded(this.named, this.missing.and(said), address)
					: new Demanded(this.named.and(said), this.missing, address);
		}

	}

}
