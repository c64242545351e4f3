package io.github.oauth2pkce.discovery;

import java.net.URI;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider.Endpoints;

/** The endpoints that a provider may need, by their metadata member and property. */
public enum Endpoint {

	/** RFC 6749 section 3.1. */
	AUTHORIZATION("authorization_endpoint", "authorization-uri", Endpoints::authorization),

	/** RFC 8628 section 4. */
	DEVICE_AUTHORIZATION("device_authorization_endpoint", "device-authorization-uri", Endpoints::deviceAuthorization),

	/** RFC 6749 section 3.2. */
	TOKEN("token_endpoint", "token-uri", Endpoints::token),

	/** RFC 9126 section 5; never configured. */
	PUSHED_AUTHORIZATION_REQUEST("pushed_authorization_request_endpoint", "pushed-authorization-requests",
			(endpoints) -> null),

	/** RFC 7009 section 2. */
	REVOCATION("revocation_endpoint", "revocation-uri", Endpoints::revocation),

	/** RFC 7591 section 3; never configured. */
	REGISTRATION("registration_endpoint", "client-id", (endpoints) -> null);

	private final String member;

	private final String property;

	private final Function<Endpoints, @Nullable URI> configured;

	Endpoint(String member, String property, Function<Endpoints, @Nullable URI> configured) {
		this.member = member;
		this.property = property;
		this.configured = configured;
	}

	public String member() {
		return this.member;
	}

	String property() {
		return this.property;
	}

	public @Nullable URI configured(Endpoints endpoints) {
		return this.configured.apply(endpoints);
	}

}
