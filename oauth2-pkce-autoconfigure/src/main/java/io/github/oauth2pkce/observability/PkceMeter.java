package io.github.oauth2pkce.observability;

import java.util.List;

/** The meters, for dashboards and for the page that documents them. */
public enum PkceMeter {

	/** Requests sent with a bearer. */
	BEARER_PROPAGATED("oauth2.pkce.bearer.propagated", "counter", "Requests sent with a bearer", "provider"),

	/** Requests without one. */
	BEARER_SKIPPED("oauth2.pkce.bearer.skipped", "counter", "Requests without a bearer, by reason", "provider",
			"reason"),

	/** Refreshes. */
	TOKEN_REFRESH("oauth2.pkce.token.refresh", "timer", "Refreshes, by trigger and outcome", "provider", "trigger",
			"outcome"),

	/** Time left. */
	TOKEN_EXPIRES_IN("oauth2.pkce.token.expires.in", "gauge",
			"Seconds until the application's access token ends; NaN when unknown", "provider"),

	/** Logins. */
	LOGIN("oauth2.pkce.login", "timer", "Logins, by grant and outcome", "provider", "grant", "outcome"),

	/** Polls of device logins. */
	DEVICE_POLL("oauth2.pkce.device.poll", "counter", "Polls of device logins, by result", "provider", "result"),

	/** Refusals of resources. */
	UNAUTHORIZED("oauth2.pkce.unauthorized", "counter", "Bearers that APIs have refused, by what was done", "provider",
			"outcome"),

	/** State of the application's credential. */
	STATE("oauth2.pkce.state", "gauge", "1 for the state of the application's credential, else 0", "provider", "state"),

	/** Failures of the token store. */
	STORE_ERRORS("oauth2.pkce.store.errors", "counter", "Failures of the token store, by operation", "operation");

	private final String meterName;

	private final String type;

	private final String description;

	private final List<String> tags;

	PkceMeter(String meterName, String type, String description, String... tags) {
		this.meterName = meterName;
		this.type = type;
		this.description = description;
		this.tags = List.of(tags);
	}

	/**
	 * {@return the name in Micrometer's spelling, with dots}
	 */
	public String meterName() {
		return this.meterName;
	}

	/**
	 * {@return {@code counter}, {@code timer} or {@code gauge}}
	 */
	public String type() {
		return this.type;
	}

	/**
	 * {@return what it counts, in a few words}
	 */
	public String description() {
		return this.description;
	}

	/**
	 * The tag keys: ids and closed sets only.
	 * @return the keys
	 */
	public List<String> tags() {
		return this.tags;
	}

}
