package io.github.oauth2pkce.benchmarks.request;

import java.util.List;

import io.github.oauth2pkce.benchmarks.ProviderLayout;

/** A filter under measurement, and how it finds the provider. */
public enum FilterVariant {

	/** No filter. */
	NONE(ProviderLayout.ONE, false, false),

	/** The least that a filter can do. */
	FLOOR(ProviderLayout.ONE, false, false),

	/**
	 * The same beside an application with a hundred providers, whose objects it meets.
	 */
	FLOOR_OF_100_HOSTS(ProviderLayout.HOSTS, false, false),

	/** The same where ten share a host. */
	FLOOR_OF_10_PATHS(ProviderLayout.TEN_PATHS, false, false),

	/** The same for a request that names a provider, which costs whoever sends it. */
	FLOOR_NAMED(ProviderLayout.ONE, true, false),

	/** Ours, with a provider that the request names. */
	NAMED(ProviderLayout.ONE, true, false),

	/** Ours, found by its base URL. */
	BASE_URL(ProviderLayout.ONE, false, false),

	/** Ours, one of a hundred on as many hosts. */
	BASE_URL_OF_100_HOSTS(ProviderLayout.HOSTS, false, false),

	/** Ours, one of ten path prefixes on one host. */
	BASE_URL_OF_10_PATHS(ProviderLayout.TEN_PATHS, false, false),

	/** Ours, found by its resource, with a client that was registered. */
	RESOURCE(ProviderLayout.RESOURCE, false, false),

	/** Ours, in an application that has a meter registry. */
	METERED(ProviderLayout.ONE, false, true),

	/**
	 * Ours with a token that is bound to a key: each request has a proof (RFC 9449).
	 */
	BOUND(ProviderLayout.BOUND, false, false),

	/** {@link #BASE_URL}, and a signature of the JDK besides. */
	BASE_URL_AND_SIGNATURE(ProviderLayout.ONE, false, false),

	/** {@code ServerOAuth2AuthorizedClientExchangeFilterFunction}. */
	SPRING_REACTIVE(ProviderLayout.ONE, false, false),

	/** {@code ServletOAuth2AuthorizedClientExchangeFilterFunction}. */
	SPRING_SERVLET(ProviderLayout.ONE, false, false);

	/** Ours, which are held against their floors. */
	public static final List<FilterVariant> OURS = List.of(NAMED, BASE_URL, BASE_URL_OF_10_PATHS, BASE_URL_OF_100_HOSTS,
			METERED);

	private final ProviderLayout layout;

	private final boolean named;

	private final boolean metered;

	FilterVariant(ProviderLayout layout, boolean named, boolean metered) {
		this.layout = layout;
		this.named = named;
		this.metered = metered;
	}

	/**
	 * The floor of the same request beside the same application: an attribute costs
	 * whoever sends it, and objects of other providers are in everybody's way.
	 * @return the least that a filter can do in its place
	 */
	public FilterVariant floor() {
		if (this.named) {
			return FLOOR_NAMED;
		}
		return switch (this.layout) {
			case ONE, RESOURCE -> FLOOR;
			case BOUND -> BASE_URL_AND_SIGNATURE;
			case HOSTS -> FLOOR_OF_100_HOSTS;
			case TEN_PATHS -> FLOOR_OF_10_PATHS;
		};
	}

	/**
	 * {@return whether each request costs a signature}
	 */
	public boolean isSigned() {
		return this == BOUND || this == BASE_URL_AND_SIGNATURE;
	}

	ProviderLayout layout() {
		return this.layout;
	}

	boolean isNamed() {
		return this.named;
	}

	boolean isMetered() {
		return this.metered;
	}

}
