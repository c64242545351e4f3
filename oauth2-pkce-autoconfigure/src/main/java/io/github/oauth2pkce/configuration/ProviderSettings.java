package io.github.oauth2pkce.configuration;

import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Registration;
import io.github.oauth2pkce.ProviderBuilder;
import io.github.oauth2pkce.target.BearerPolicy;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.util.StringUtils;

/**
 * One provider's settings from both shapes, put together from those of its parts.
 * Whatever is wrong stops the start with a sentence that names the property.
 */
public final class ProviderSettings {

	static final String PROVIDERS = "oauth2.pkce.providers";

	private static final String BUNDLE_OF_ALL_CLIENTS = "spring.http.clients.ssl.bundle";

	private final ProviderKeys keys;

	private final ResourceSettings resource;

	private final ServerSettings server;

	private final ClientSettings client;

	private final ClientAssertionSettings assertion;

	private final RequestSettings request;

	private final ForeignTokenSettings foreignTokens;

	private final LoginSettings login;

	private final TokenSettings tokens;

	private final TargetSettings target;

	ProviderSettings(String id, @Nullable ProviderProperties own, @Nullable SpringRegistration spring, Binder binder) {
		this.keys = new ProviderKeys(id, own, spring, binder);
		this.resource = new ResourceSettings(this.keys.prefix(), this.keys.own());
		this.server = new ServerSettings(this.keys, this.resource);
		this.client = new ClientSettings(this.keys, this.resource);
		this.assertion = new ClientAssertionSettings(this.keys.prefix(), this.keys.own().clientAssertion());
		this.request = new RequestSettings(this.keys, this.resource);
		this.foreignTokens = new ForeignTokenSettings(this.keys.prefix(), this.keys.own());
		this.login = new LoginSettings(this.keys);
		this.tokens = new TokenSettings(this.keys);
		this.target = new TargetSettings(this.keys, this.resource);
	}

	/**
	 * Whether a registration, beside which there is nothing of ours, is for a grant that
	 * is none of ours, or for a client whose key only the application's own code knows.
	 */
	static boolean isForeign(SpringRegistration spring) {
		Grant grant = (spring.grant() != null) ? Grant.find(spring.grant()) : null;
		// A registration has no property that says where a foreign token comes from.
		boolean otherGrant = spring.grant() != null && (grant == null || grant.needsForeignToken());
		return otherGrant || ClientSettings.isForeign(spring);
	}

	/**
	 * As it is written in a file: ids beyond letters, digits and dashes need brackets.
	 */
	public static String prefix(String id) {
		return id.matches("[A-Za-z0-9_-]+") ? PROVIDERS + "." + id : PROVIDERS + "[" + id + "]";
	}

	Provider provider() {
		checkId();
		this.keys.checkBoolean("pkce");
		this.keys.checkBoolean("dpop");
		this.keys.checkBoolean("require-iss");
		ProviderProperties own = this.keys.own();
		String issuer = this.server.issuer();
		this.login.checkIssuer(issuer != null || this.resource.resourceUri() != null);
		String clientId = this.client.id();
		Registration registration = this.client.registration(clientId);
		Grant grant = this.request.grant();
		this.resource.checkClient(clientId, issuer, grant, registration);
		boolean fapi2 = own.profile() == ProviderProperties.Profile.FAPI2;
		ProviderBuilder provider = ((clientId != null) ? Provider.withId(this.keys.id(), clientId)
				: Provider.withId(this.keys.id()))
			.redirectPort(this.login.redirectPort())
			.refreshSkew(this.tokens.skew())
			.assumeExpiry(this.tokens.assumeExpiry())
			.issuerUri(issuer)
			.resourceUri(this.resource.resourceUri())
			.registration(registration)
			.endpoints(this.server.endpoints())
			.clientSecret(this.client.secret())
			.clientAuthenticationMethod(this.client.method(fapi2))
			.assertion(this.assertion.assertion(this.foreignTokens.clientAssertion()))
			.grant(grant)
			.grantOpen(this.request.isGrantOpen())
			.scopes(this.request.scopes())
			.pkce(own.pkce())
			.principal(own.principal())
			.resources(this.request.resources())
			.resourceMetadataUri(this.request.resourceMetadata())
			.additionalParameters(AdditionalParameters.check(this.keys.prefix(), own.additionalParameters()))
			.acceptedTokenTypes(this.tokens.acceptedTypes())
			.dpop(own.dpop())
			.pushedRequests(this.login.pushedRequests(fapi2))
			.rejectedErrorCodes(this.tokens.rejectedErrorCodes())
			.redirectUri(this.login.redirectUri())
			.issRequired(own.requireIss() || fapi2)
			.exchange(this.foreignTokens.exchange(grant))
			.sslBundle(this.client.sslBundle());
		properties(issuer).forEach(provider::property);
		Provider built = provider.build();
		this.assertion.check(built, this.client.writtenMethod());
		if (fapi2) {
			Fapi2.check(built);
		}
		return built;
	}

	/** What sentences name, where that is not our own. */
	private Map<String, String> properties(@Nullable String issuer) {
		ProviderProperties own = this.keys.own();
		SpringRegistration spring = this.keys.spring();
		Map<String, String> properties = new HashMap<>();
		// Whose issuer is wrong has the resource to look at.
		properties.put("issuer-uri", (this.resource.resourceUri() != null && issuer == null)
				? this.keys.prefix() + ".resource-uri" : this.server.issuerProperty());
		properties.put("jwk-set-uri",
				((spring != null) ? spring.providerPrefix() : SpringRegistration.PROVIDERS + "." + this.keys.id())
						+ ".jwk-set-uri");
		if (spring != null) {
			put(properties, "client-id", own.clientId(), spring.clientId(), spring.prefix());
			put(properties, "client-secret", own.clientSecret(), spring.clientSecret(), spring.prefix());
			put(properties, "client-authentication-method", own.clientAuthenticationMethod(),
					spring.clientAuthenticationMethod(), spring.prefix());
			put(properties, "authorization-grant-type", own.authorizationGrantType(), spring.grant(), spring.prefix());
			put(properties, "scope", String.join("", own.scope()), String.join("", spring.scopes()), spring.prefix());
			put(properties, "issuer-uri", own.issuerUri(), spring.issuerUri(), spring.providerPrefix());
		}
		return properties;
	}

	private static void put(Map<String, String> properties, String key, @Nullable Object own, @Nullable String springs,
			String prefix) {
		if ((own == null || own.toString().isBlank()) && StringUtils.hasText(springs)) {
			properties.put(key, prefix + "." + key);
		}
	}

	/** Warns about settings that are legal but probably a mistake. */
	void warn(Provider provider) {
		ProviderWarnings.check(provider);
		boolean certificates = provider.client().sslBundle() != null || this.keys.isConfigured(BUNDLE_OF_ALL_CLIENTS);
		ProviderWarnings.checkClient(provider, this.client.writtenMethod(), provider.client().secret() != null,
				certificates);
	}

	BearerPolicy policy() {
		return this.target.policy();
	}

	/** The id is part of URLs: of health, of the endpoint, of browser logins. */
	private void checkId() {
		String id = this.keys.id();
		if (id.isBlank() || id.matches("\\.\\.?") || id.chars().anyMatch((c) -> "/\\%?#;".indexOf(c) >= 0 || c < ' ')) {
			throw new InvalidPropertyException(this.keys.prefix(), null, "has an id that cannot be part of a URL",
					"Use letters, digits, dots and dashes.");
		}
	}

}
