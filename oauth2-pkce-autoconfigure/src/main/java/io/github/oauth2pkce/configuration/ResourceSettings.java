package io.github.oauth2pkce.configuration;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider.Registration;
import io.github.oauth2pkce.SecureTransport;

import org.springframework.util.StringUtils;

/**
 * What a provider leaves to be found out: its server by its resource (RFC 9728), and its
 * client by registration (RFC 7591) or by a client id metadata document.
 */
final class ResourceSettings {

	private final String prefix;

	private final ProviderProperties own;

	private final @Nullable URI resourceUri;

	ResourceSettings(String prefix, ProviderProperties own) {
		this.prefix = prefix;
		this.own = own;
		this.resourceUri = parseResource();
	}

	@Nullable URI resourceUri() {
		return this.resourceUri;
	}

	private @Nullable URI parseResource() {
		if (!StringUtils.hasText(this.own.resourceUri())) {
			return null;
		}
		String value = this.own.resourceUri().strip();
		URI uri = HttpUri.parse(this.prefix + ".resource-uri", value);
		if (!SecureTransport.isSecure(uri)) {
			throw wrong("resource-uri", value, "is plain http to another machine",
					"Use https: who can change what is read there decides where people log in.");
		}
		checkAlone();
		return uri;
	}

	/** What follows from the resource cannot be said beside it. */
	private void checkAlone() {
		Map<String, Boolean> others = new LinkedHashMap<>();
		others.put("resource", this.own.resource().stream().anyMatch(StringUtils::hasText));
		others.put("resource-metadata-uri", StringUtils.hasText(this.own.resourceMetadataUri()));
		others.put("authorization-uri", StringUtils.hasText(this.own.authorizationUri()));
		others.put("device-authorization-uri", StringUtils.hasText(this.own.deviceAuthorizationUri()));
		others.put("token-uri", StringUtils.hasText(this.own.tokenUri()));
		others.put("revocation-uri", StringUtils.hasText(this.own.revocationUri()));
		others.forEach((key, set) -> {
			if (set) {
				throw wrong(key, null, "is set beside " + this.prefix + ".resource-uri, which finds that out itself",
						"Remove one of the two.");
			}
		});
		if (!this.own.pkce()) {
			throw wrong("pkce", "false", "is set beside " + this.prefix + ".resource-uri, which demands a proof key",
					"Remove it, or configure issuer-uri and client-id instead of resource-uri.");
		}
	}

	/**
	 * How to become a client.
	 * @param clientId the configured client id, {@code null} when there is none
	 * @param application the name of the application, {@code null} when it has none
	 */
	Registration registration(@Nullable String clientId, @Nullable String application) {
		ProviderProperties.Registration settings = this.own.registration();
		boolean enabled = (settings.enabled() != null) ? settings.enabled()
				: this.resourceUri != null && clientId == null;
		String token = text(settings.initialAccessToken());
		PropertyText.checkPlaceholder(this.prefix + ".registration.initial-access-token", token, true);
		String name = text(settings.clientName());
		return new Registration(enabled, (name != null) ? name : text(application), token, clientMetadata());
	}

	/** Client ID Metadata Document: an https URL with a path, and nothing else. */
	private @Nullable URI clientMetadata() {
		String value = text(this.own.clientMetadataUri());
		if (value == null) {
			return null;
		}
		URI uri = HttpUri.parse(this.prefix + ".client-metadata-uri", value);
		if (!"https".equalsIgnoreCase(uri.getScheme()) || uri.getRawPath().length() < 2
				|| !uri.normalize().getRawPath().equals(uri.getRawPath())) {
			throw wrong("client-metadata-uri", value, "cannot be a client id",
					"Use an https address with a path, such as https://app.example.com/oauth2-pkce/client.json.");
		}
		return uri;
	}

	/** Whether a client id can be found out. */
	boolean isClientOpen() {
		return this.resourceUri != null || Boolean.TRUE.equals(this.own.registration().enabled())
				|| StringUtils.hasText(this.own.clientMetadataUri());
	}

	/**
	 * Checks that there is a way to be a client.
	 * @param clientId the configured client id, {@code null} when there is none
	 * @param issuer the configured issuer
	 */
	void checkClient(@Nullable String clientId, @Nullable String issuer, Grant grant, Registration registration) {
		if (clientId != null) {
			return;
		}
		if (StringUtils.hasText(this.own.clientSecret())) {
			throw wrong("client-secret", null, "is set without a client-id",
					"Set " + this.prefix + ".client-id to the client that it belongs to.");
		}
		if (!grant.needsPerson()) {
			throw wrong("client-id", null, "is missing: " + grant.tag() + " needs a client that is registered by hand",
					"Set it, and the secret of that client.");
		}
		if (this.resourceUri == null && issuer == null) {
			throw wrong("issuer-uri", null, "is missing: there is no server to register with",
					"Set it to the issuer of the authorization server.");
		}
		if (!registration.enabled() && registration.clientMetadataUri() == null) {
			throw wrong("client-id", null, "is missing, and this application may not register itself",
					"Set it, or remove " + this.prefix + ".registration.enabled=false.");
		}
	}

	private static @Nullable String text(@Nullable String value) {
		return StringUtils.hasText(value) ? value.strip() : null;
	}

	private InvalidPropertyException wrong(String key, @Nullable String value, String problem, String action) {
		return new InvalidPropertyException(this.prefix + "." + key, value, problem, action);
	}

}
