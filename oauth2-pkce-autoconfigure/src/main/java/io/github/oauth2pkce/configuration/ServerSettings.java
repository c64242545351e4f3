package io.github.oauth2pkce.configuration;

import java.net.URI;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider.Endpoints;

import org.springframework.util.StringUtils;

/** Which authorization server: its issuer, and its endpoints where they are typed in. */
final class ServerSettings {

	private final ProviderKeys keys;

	private final ResourceSettings resource;

	ServerSettings(ProviderKeys keys, ResourceSettings resource) {
		this.keys = keys;
		this.resource = resource;
	}

	@Nullable String issuer() {
		String value = this.keys.text(this.keys.own().issuerUri(), SpringRegistration::issuerUri);
		if (value == null) {
			return null;
		}
		String property = issuerProperty();
		URI uri = HttpUri.parse(property, value);
		// RFC 8414 section 2: an issuer has no query or fragment.
		if (uri.getRawQuery() != null) {
			throw new InvalidPropertyException(property, value, "has a query, which no issuer has",
					"Use the issuer exactly as its metadata names it.");
		}
		return value;
	}

	/** The one that is set, or ours if none is. */
	String issuerProperty() {
		SpringRegistration spring = this.keys.spring();
		boolean springs = spring != null && StringUtils.hasText(spring.issuerUri());
		return (springs ? this.keys.whose(this.keys.own().issuerUri(), SpringRegistration::providerPrefix)
				: this.keys.prefix()) + ".issuer-uri";
	}

	Endpoints endpoints() {
		if (this.resource.resourceUri() != null) {
			checkNoEndpointOfSpring();
			return Endpoints.NONE;
		}
		ProviderProperties own = this.keys.own();
		return new Endpoints(
				this.keys.uri("authorization-uri", own.authorizationUri(), SpringRegistration::authorizationUri),
				this.keys.uri("device-authorization-uri", own.deviceAuthorizationUri()),
				this.keys.uri("token-uri", own.tokenUri(), SpringRegistration::tokenUri),
				this.keys.uri("revocation-uri", own.revocationUri()));
	}

	/** What follows from the resource cannot be said beside it, in no shape. */
	private void checkNoEndpointOfSpring() {
		SpringRegistration spring = this.keys.spring();
		if (spring == null) {
			return;
		}
		for (String key : List.of("authorization-uri", "token-uri")) {
			String property = spring.providerPrefix() + "." + key;
			if (this.keys.isConfigured(property)) {
				throw new InvalidPropertyException(property, null,
						"is set beside " + this.keys.prefix() + ".resource-uri, which finds that out itself",
						"Remove one of the two.");
			}
		}
	}

}
