package io.github.oauth2pkce.configuration;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ProviderBuilder;
import io.github.oauth2pkce.Provider.Endpoints;
import io.github.oauth2pkce.Provider.PushedRequests;
import io.github.oauth2pkce.Provider.Registration;
import io.github.oauth2pkce.configuration.ProviderProperties.OnMissingToken;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.target.BaseUrl;
import io.github.oauth2pkce.target.BearerPolicy;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.util.StringUtils;

/**
 * One provider's settings from both shapes: ours first, then Spring's, key by key.
 * Whatever is wrong stops the start with a sentence that names the property.
 */
public final class ProviderSettings {

	private static final Map<String, ClientAuthenticationMethod> AUTHENTICATION_METHODS = Stream
		.of(ClientAuthenticationMethod.NONE, ClientAuthenticationMethod.CLIENT_SECRET_BASIC,
				ClientAuthenticationMethod.CLIENT_SECRET_POST, ClientAuthenticationMethod.CLIENT_SECRET_JWT,
				ClientAuthenticationMethod.PRIVATE_KEY_JWT, ClientAuthenticationMethod.TLS_CLIENT_AUTH,
				ClientAuthenticationMethod.SELF_SIGNED_TLS_CLIENT_AUTH)
		.collect(Collectors.toUnmodifiableMap(ClientAuthenticationMethod::getValue, Function.identity()));

	/** Spring's shape has no place for their keys. */
	private static final Set<ClientAuthenticationMethod> WITH_KEYS = Set.of(ClientAuthenticationMethod.PRIVATE_KEY_JWT,
			ClientAuthenticationMethod.TLS_CLIENT_AUTH, ClientAuthenticationMethod.SELF_SIGNED_TLS_CLIENT_AUTH);

	/**
	 * RFC 9449 section 5, RFC 9200 section 8.6 and RFC 8693 section 2.2.1: of use with a
	 * key only, or no access token at all.
	 */
	private static final Set<String> NO_BEARERS = Set.of("dpop", "pop", "mac", "n_a");

	static final String PROVIDERS = "oauth2.pkce.providers";

	private final String id;

	private final String prefix;

	/** Whether there is anything of ours below the id. */
	private final boolean extras;

	private final ProviderProperties own;

	private final Binder binder;

	private final @Nullable SpringRegistration spring;

	private final ResourceSettings resource;

	private final ClientAssertionSettings assertion;

	ProviderSettings(String id, @Nullable ProviderProperties own, @Nullable SpringRegistration spring, Binder binder) {
		this.id = id;
		this.prefix = prefix(id);
		this.extras = own != null;
		this.own = (own != null) ? own : binder.bindOrCreate("oauth2.pkce.no-such-provider", ProviderProperties.class);
		this.binder = binder;
		this.spring = spring;
		this.resource = new ResourceSettings(this.prefix, this.own);
		this.assertion = new ClientAssertionSettings(this.prefix, this.own.clientAssertion());
	}

	/**
	 * Whether a registration, beside which there is nothing of ours, is for a grant that
	 * is none of ours, or for a client whose key only the application's own code knows.
	 */
	static boolean isForeign(SpringRegistration spring) {
		Grant grant = (spring.grant() != null) ? Grant.find(spring.grant()) : null;
		// A registration has no property that says where a foreign token comes from.
		boolean otherGrant = spring.grant() != null && (grant == null || grant.needsForeignToken());
		if (otherGrant || spring.clientAuthenticationMethod() == null) {
			return otherGrant;
		}
		ClientAuthenticationMethod method = AUTHENTICATION_METHODS.get(spring.clientAuthenticationMethod());
		return method == null || WITH_KEYS.contains(method);
	}

	/**
	 * As it is written in a file: ids beyond letters, digits and dashes need brackets.
	 */
	public static String prefix(String id) {
		return id.matches("[A-Za-z0-9_-]+") ? PROVIDERS + "." + id : PROVIDERS + "[" + id + "]";
	}

	Provider provider() {
		checkId();
		checkBoolean("pkce");
		checkBoolean("dpop");
		checkBoolean("require-iss");
		if (this.own.requireIss() && issuer() == null && this.resource.resourceUri() == null) {
			throw wrong("require-iss", "true", "needs an issuer to compare with, and there is no issuer-uri",
					"Set " + this.prefix + ".issuer-uri, or remove require-iss.");
		}
		String clientId = clientId();
		Registration registration = this.resource.registration(clientId, configuredName());
		this.resource.checkClient(clientId, issuer(), grant(), registration);
		int port = this.own.redirectPort();
		if (port < 0 || port > 65535) {
			throw wrong("redirect-port", String.valueOf(port), "is out of range",
					"Use a port from 1 to 65535, or 0 for any free one.");
		}
		Duration skew = this.own.refresh().skew();
		if (skew.isNegative()) {
			throw wrong("refresh.skew", configured("refresh.skew"), "is negative", "Use a time such as 30s.");
		}
		Duration assumeExpiry = this.own.assumeExpiry();
		if (assumeExpiry != null && (assumeExpiry.isNegative() || assumeExpiry.isZero())) {
			throw wrong("assume-expiry", configured("assume-expiry"), "is not a lifetime", "Use a time such as 1h.");
		}
		ForeignTokenSettings foreignTokens = new ForeignTokenSettings(this.prefix, this.own);
		ProviderBuilder provider = ((clientId != null) ? Provider.withId(this.id, clientId) : Provider.withId(this.id))
			.issuerUri(issuer())
			.resourceUri(this.resource.resourceUri())
			.registration(registration)
			.property("issuer-uri", issuerProperty())
			.property("jwk-set-uri",
					(this.spring != null) ? this.spring.providerPrefix() + ".jwk-set-uri"
							: SpringRegistration.PROVIDERS + "." + this.id + ".jwk-set-uri")
			.endpoints(endpoints())
			.clientSecret(clientSecret())
			.clientAuthenticationMethod(clientMethod())
			.assertion(this.assertion.assertion(foreignTokens.clientAssertion()))
			.grant(grant())
			.grantOpen(this.resource.resourceUri() != null && grantText() == null)
			.scopes(scopes())
			.pkce(this.own.pkce())
			.principal(this.own.principal())
			.resources(resources())
			.resourceMetadataUri(resourceMetadata())
			.additionalParameters(AdditionalParameters.check(this.prefix, this.own.additionalParameters()))
			.acceptedTokenTypes(acceptedTokenTypes())
			.dpop(this.own.dpop())
			.pushedRequests(pushedRequests())
			.assumeExpiry(assumeExpiry)
			.refreshSkew(skew)
			.rejectedErrorCodes(rejectedErrorCodes())
			.redirectUri(redirectUri(port))
			.redirectPort(port)
			.issRequired(this.own.requireIss() || isFapi2())
			.exchange(foreignTokens.exchange(grant()))
			.sslBundle(sslBundle());
		springsProperties().forEach(provider::property);
		Provider built = provider.build();
		this.assertion.check(built, authenticationMethod());
		if (isFapi2()) {
			Fapi2.check(built, this.binder.bind("spring.http.clients.ssl.bundle", String.class).orElse(null));
		}
		return built;
	}

	/**
	 * What the profile demands is written, even if nobody has: no server may weaken it.
	 */
	private @Nullable ClientAuthenticationMethod clientMethod() {
		ClientAuthenticationMethod written = authenticationMethod();
		boolean key = this.own.clientAssertion() != null && StringUtils.hasText(this.own.clientAssertion().key());
		return (written == null && isFapi2() && key) ? ClientAuthenticationMethod.PRIVATE_KEY_JWT : written;
	}

	private boolean isFapi2() {
		return this.own.profile() == ProviderProperties.Profile.FAPI2;
	}

	private PushedRequests pushedRequests() {
		PushedRequests configured = this.own.pushedAuthorizationRequests();
		return (isFapi2() && configured == PushedRequests.AUTO) ? PushedRequests.ALWAYS : configured;
	}

	/**
	 * What is in force from Spring's shape, so that sentences name what was really set.
	 */
	private Map<String, String> springsProperties() {
		Map<String, String> properties = new HashMap<>();
		if (this.resource.resourceUri() != null && issuer() == null) {
			// Whose issuer is wrong has this to look at.
			properties.put("issuer-uri", this.prefix + ".resource-uri");
		}
		if (this.spring != null) {
			put(properties, "client-id", this.own.clientId(), this.spring.clientId(), this.spring.prefix());
			put(properties, "client-secret", this.own.clientSecret(), this.spring.clientSecret(), this.spring.prefix());
			put(properties, "client-authentication-method", this.own.clientAuthenticationMethod(),
					this.spring.clientAuthenticationMethod(), this.spring.prefix());
			put(properties, "authorization-grant-type", this.own.authorizationGrantType(), this.spring.grant(),
					this.spring.prefix());
			put(properties, "scope", String.join("", this.own.scope()), String.join("", this.spring.scopes()),
					this.spring.prefix());
			put(properties, "issuer-uri", this.own.issuerUri(), this.spring.issuerUri(), this.spring.providerPrefix());
		}
		return properties;
	}

	private static void put(Map<String, String> properties, String key, @Nullable String own, @Nullable String spring,
			String prefix) {
		if (!StringUtils.hasText(own) && StringUtils.hasText(spring)) {
			properties.put(key, prefix + "." + key);
		}
	}

	/** A list that is set to nothing is not meant to be one. */
	private Collection<String> rejectedErrorCodes() {
		List<String> codes = texts(this.own.refresh().rejectedErrorCodes());
		return codes.isEmpty() ? Provider.Tokens.REJECTED : codes;
	}

	private static List<String> texts(List<String> values) {
		return values.stream().filter(StringUtils::hasText).map(String::strip).toList();
	}

	private @Nullable String sslBundle() {
		PropertyText.checkPlaceholder(this.prefix + ".ssl-bundle", this.own.sslBundle(), false);
		return text(this.own.sslBundle(), null);
	}

	private @Nullable String clientSecret() {
		String secret = text(this.own.clientSecret(), (this.spring != null) ? this.spring.clientSecret() : null);
		PropertyText.checkPlaceholder(whose(this.own.clientSecret(), SpringRegistration::prefix) + ".client-secret",
				secret, true);
		return secret;
	}

	/** Warns about settings that are legal but probably a mistake. */
	void warn(Provider provider) {
		ProviderWarnings.check(provider);
		boolean certificates = provider.client().sslBundle() != null || isConfigured("spring.http.clients.ssl.bundle");
		ProviderWarnings.checkClient(provider, authenticationMethod(), provider.client().secret() != null,
				certificates);
	}

	BearerPolicy policy() {
		List<BaseUrl> baseUrls = new ArrayList<>();
		for (String baseUrl : texts(this.own.baseUrls())) {
			PropertyText.checkPlaceholder(this.prefix + ".base-urls", baseUrl, false);
			try {
				baseUrls.add(BaseUrl.parse(baseUrl));
			}
			catch (IllegalArgumentException ex) {
				throw wrong("base-urls", baseUrl, String.valueOf(ex.getMessage()),
						"Use origins with an optional path, such as https://api.example.com/v1.");
			}
		}
		URI resourceUri = this.resource.resourceUri();
		if (resourceUri != null) {
			baseUrls.add(baseUrl(resourceUri));
		}
		return new BearerPolicy(this.id, baseUrls, this.own.onMissingToken() == OnMissingToken.FAIL,
				this.own.retryUnauthorized());
	}

	/** Without its query, which no base URL has. */
	private BaseUrl baseUrl(URI resourceUri) {
		try {
			return BaseUrl
				.parse(resourceUri.getScheme() + "://" + resourceUri.getRawAuthority() + resourceUri.getRawPath());
		}
		catch (IllegalArgumentException ex) {
			throw wrong("resource-uri", resourceUri.toString(), String.valueOf(ex.getMessage()),
					"Use the address of the protected resource, such as https://api.example.com/mcp.");
		}
	}

	/** The id is part of URLs: of health, of the endpoint, of browser logins. */
	private void checkId() {
		if (this.id.isBlank() || this.id.matches("\\.\\.?")
				|| this.id.chars().anyMatch((c) -> "/\\%?#;".indexOf(c) >= 0 || c < ' ')) {
			throw new InvalidPropertyException(this.prefix, null, "has an id that cannot be part of a URL",
					"Use letters, digits, dots and dashes.");
		}
	}

	/**
	 * Boot reads "yes", "on" and "1" as true; a security switch should mean what it says.
	 */
	private void checkBoolean(String key) {
		String value = configured(key);
		if (value != null && !value.isBlank() && !"true".equalsIgnoreCase(value.strip())
				&& !"false".equalsIgnoreCase(value.strip())) {
			throw wrong(key, value, "is not a Boolean", "Use true or false.");
		}
	}

	/** A value as it is written, whether or not its id is in brackets. */
	private @Nullable String configured(String key) {
		ConfigurationPropertyName plain = ConfigurationPropertyName.adapt(this.prefix + "." + key, '.');
		ConfigurationPropertyName indexed = ConfigurationPropertyName.of(PROVIDERS)
			.append("[" + this.id + "]")
			.append(key);
		return this.binder.bind(plain, Bindable.of(String.class))
			.orElseGet(() -> this.binder.bind(indexed, Bindable.of(String.class)).orElse(null));
	}

	private @Nullable String configuredName() {
		return this.binder.bind("spring.application.name", Bindable.of(String.class)).orElse(null);
	}

	/** {@code null} where it is found out at run time. */
	private @Nullable String clientId() {
		String clientId = text(this.own.clientId(), (this.spring != null) ? this.spring.clientId() : null);
		if (clientId == null && this.resource.isClientOpen()) {
			return null;
		}
		if (clientId == null && this.spring != null && !this.extras) {
			throw new InvalidPropertyException(this.spring.prefix() + ".client-id", null, "is missing",
					"Set it to the id under which this application is registered with the provider.");
		}
		if (clientId == null) {
			String property = this.prefix + ".client-id";
			String other = SpringRegistration.REGISTRATIONS + "." + this.id + ".client-id";
			if (this.spring == null && isConfigured(other)) {
				throw new InvalidPropertyException(property, null,
						"is missing, and nothing here reads " + other
								+ ": Spring Boot's OAuth2 client module is not on the class path",
						"Add spring-boot-starter-security-oauth2-client, or set " + property + ".");
			}
			throw new InvalidPropertyException(property, null, "is missing, and there is no " + other + " either",
					"Set one of them to the id under which this application is registered with the provider, or"
							+ " remove " + this.prefix + ".");
		}
		PropertyText.checkPlaceholder(whose(this.own.clientId(), SpringRegistration::prefix) + ".client-id", clientId,
				false);
		return clientId;
	}

	private boolean isConfigured(String property) {
		return this.binder.bind(ConfigurationPropertyName.adapt(property, '.'), Bindable.of(String.class)).isBound();
	}

	private @Nullable String issuer() {
		String value = text(this.own.issuerUri(), (this.spring != null) ? this.spring.issuerUri() : null);
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
	private String issuerProperty() {
		boolean springs = this.spring != null && StringUtils.hasText(this.spring.issuerUri());
		return (springs ? whose(this.own.issuerUri(), SpringRegistration::providerPrefix) : this.prefix)
				+ ".issuer-uri";
	}

	private Endpoints endpoints() {
		if (this.resource.resourceUri() != null) {
			checkNoEndpointOfSpring();
			return Endpoints.NONE;
		}
		return new Endpoints(
				endpoint("authorization-uri", this.own.authorizationUri(),
						(this.spring != null) ? this.spring.authorizationUri() : null),
				endpoint("device-authorization-uri", this.own.deviceAuthorizationUri(), null),
				endpoint("token-uri", this.own.tokenUri(), (this.spring != null) ? this.spring.tokenUri() : null),
				endpoint("revocation-uri", this.own.revocationUri(), null));
	}

	/** What follows from the resource cannot be said beside it, in no shape. */
	private void checkNoEndpointOfSpring() {
		for (String key : List.of("authorization-uri", "token-uri")) {
			String property = (this.spring != null) ? this.spring.providerPrefix() + "." + key : "";
			if (!property.isEmpty() && isConfigured(property)) {
				throw new InvalidPropertyException(property, null,
						"is set beside " + this.prefix + ".resource-uri, which finds that out itself",
						"Remove one of the two.");
			}
		}
	}

	private @Nullable URI endpoint(String key, @Nullable String ownValue, @Nullable String springValue) {
		String value = text(ownValue, springValue);
		if (value == null) {
			return null;
		}
		return HttpUri.parse(whose(ownValue, SpringRegistration::providerPrefix) + "." + key, value);
	}

	private @Nullable ClientAuthenticationMethod authenticationMethod() {
		String value = text(this.own.clientAuthenticationMethod(),
				(this.spring != null) ? this.spring.clientAuthenticationMethod() : null);
		if (value == null) {
			return null;
		}
		ClientAuthenticationMethod method = AUTHENTICATION_METHODS.get(value);
		if (method == null) {
			throw new InvalidPropertyException(
					whose(this.own.clientAuthenticationMethod(), SpringRegistration::prefix)
							+ ".client-authentication-method",
					value, "is not supported",
					"Use client_secret_basic, client_secret_post or none; or, so that no secret is sent,"
							+ " private_key_jwt, client_secret_jwt, tls_client_auth or self_signed_tls_client_auth.");
		}
		return method;
	}

	/**
	 * A Spring registration keeps Spring's default: people's configuration just works.
	 */
	private Grant grant() {
		String value = grantText();
		if (value == null) {
			boolean browser = this.resource.resourceUri() != null
					|| (this.spring != null && this.spring.clientId() != null);
			return browser ? Grant.AUTHORIZATION_CODE : Grant.DEVICE_CODE;
		}
		Grant grant = Grant.find(value);
		if (grant == null) {
			throw new InvalidPropertyException(
					whose(this.own.authorizationGrantType(), SpringRegistration::prefix) + ".authorization-grant-type",
					value, "is not a grant that can be used here", "Use " + Grant.choices() + ".");
		}
		return grant;
	}

	private @Nullable String grantText() {
		return text(this.own.authorizationGrantType(), (this.spring != null) ? this.spring.grant() : null);
	}

	private Collection<String> scopes() {
		Set<String> scopes = new LinkedHashSet<>();
		boolean ours = this.own.scope().stream().anyMatch(StringUtils::hasText);
		for (String scope : (ours || this.spring == null) ? this.own.scope() : this.spring.scopes()) {
			scopes.addAll(List.of(StringUtils.tokenizeToStringArray(scope, " ,")));
		}
		PropertyText.checkPlaceholder(whose(String.join("", this.own.scope()), SpringRegistration::prefix) + ".scope",
				String.join(" ", scopes), false);
		return scopes;
	}

	/** A token that is bound to a key must not go out without a proof of it. */
	private Collection<String> acceptedTokenTypes() {
		for (String type : texts(this.own.acceptedTokenTypes())) {
			if (NO_BEARERS.contains(type.toLowerCase(Locale.ROOT))) {
				throw wrong("accepted-token-types", type, "is the name of tokens that are no bearers",
						"Remove it, and have the server issue bearers to this client.");
			}
		}
		return texts(this.own.acceptedTokenTypes());
	}

	private Collection<String> resources() {
		for (String resource : texts(this.own.resource())) {
			PropertyText.checkPlaceholder(this.prefix + ".resource", resource, false);
			try {
				URI uri = new URI(resource);
				// RFC 8707 section 2: an absolute URI without a fragment. It is sent in
				// the
				// address of a browser, which is no place for a password either.
				if (uri.isAbsolute() && uri.getRawFragment() == null && uri.getRawUserInfo() == null) {
					continue;
				}
			}
			catch (URISyntaxException ex) {
				// Told below.
			}
			throw wrong("resource", resource, "is not an absolute URI without a fragment and user info",
					"Use the identifier of the protected resource, such as https://api.example.com.");
		}
		return texts(this.own.resource());
	}

	private @Nullable URI resourceMetadata() {
		URI uri = endpoint("resource-metadata-uri", this.own.resourceMetadataUri(), null);
		if (uri == null) {
			return null;
		}
		// RFC 9728 section 3.1: the path is inserted between host and path of the
		// resource.
		String path = uri.getRawPath();
		if (!path.equals(Discovery.PROTECTED_RESOURCE_PATH)
				&& !path.startsWith(Discovery.PROTECTED_RESOURCE_PATH + "/")) {
			throw wrong("resource-metadata-uri", uri.toString(),
					"is not the address of a protected resource's metadata",
					"Put " + Discovery.PROTECTED_RESOURCE_PATH + " between host and path of the resource, such as"
							+ " https://api.example.com" + Discovery.PROTECTED_RESOURCE_PATH + "/mcp.");
		}
		return uri;
	}

	/**
	 * Spring's own is for web applications, too: a template for one of those is not
	 * wrong.
	 */
	private @Nullable URI redirectUri(int port) {
		String value = text(this.own.redirectUri(), (this.spring != null) ? this.spring.redirectUri() : null);
		if (value == null) {
			return null;
		}
		String property = whose(this.own.redirectUri(), SpringRegistration::prefix) + ".redirect-uri";
		URI uri;
		try {
			uri = LoopbackRedirectUri.parse(value, this.id);
		}
		catch (IllegalArgumentException ex) {
			if (!StringUtils.hasText(this.own.redirectUri())) {
				return null;
			}
			throw new InvalidPropertyException(property, value, String.valueOf(ex.getMessage()),
					LoopbackRedirectUri.EXAMPLE);
		}
		if (port != 0 && uri.getPort() != -1 && uri.getPort() != port) {
			throw wrong("redirect-port", String.valueOf(port), "is not the port of " + property + " = " + value,
					"Remove redirect-port, or the port of the redirect URI.");
		}
		return uri;
	}

	/** Where a value comes from, for a sentence about it. */
	private String whose(@Nullable String ownValue, Function<SpringRegistration, String> springPrefix) {
		return (StringUtils.hasText(ownValue) || this.spring == null) ? this.prefix : springPrefix.apply(this.spring);
	}

	private InvalidPropertyException wrong(String key, @Nullable String value, String problem, String action) {
		return new InvalidPropertyException(this.prefix + "." + key, value, problem, action);
	}

	private static @Nullable String text(@Nullable String value, @Nullable String fallback) {
		if (StringUtils.hasText(value)) {
			return value.strip();
		}
		return StringUtils.hasText(fallback) ? fallback.strip() : null;
	}

}
