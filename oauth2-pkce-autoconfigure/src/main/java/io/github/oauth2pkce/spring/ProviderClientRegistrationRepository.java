package io.github.oauth2pkce.spring;

import java.net.URI;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.discovery.AuthorizationServerMetadata;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.DiscoveryException;
import io.github.oauth2pkce.discovery.Endpoint;

import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistration.ClientSettings;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;

/**
 * Spring Security's view of the providers. A registration is made when it is first asked
 * for, with the discovered metadata kept in its {@code configurationMetadata}; an issuer
 * that is down fails that call, not the start of the application. Thread-safe; blocking
 * on the first call for a provider. A provider whose server or client is found out at run
 * time has none.
 */
public final class ProviderClientRegistrationRepository
		implements ClientRegistrationRepository, Iterable<ClientRegistration> {

	/** Stands for an endpoint that nobody has asked for yet; no server is at it. */
	private static final String NOT_DISCOVERED_YET = "urn:oauth2-pkce:not-discovered-yet";

	private static final String REDIRECT_URI = "{baseUrl}/{action}/oauth2/code/{registrationId}";

	private final Providers providers;

	private final Discovery discovery;

	private final BiConsumer<Provider, ClientRegistration.Builder> details;

	private final Map<String, Supplier<ClientRegistration>> others;

	private final Map<String, ClientRegistration> registrations = new ConcurrentHashMap<>();

	/**
	 * Creates the repository.
	 * @param providers the providers
	 * @param discovery their endpoints
	 * @param details sets what only a browser login needs, such as the user info endpoint
	 * @param others registrations of grants that are not ours, by id
	 */
	public ProviderClientRegistrationRepository(Providers providers, Discovery discovery,
			BiConsumer<Provider, ClientRegistration.Builder> details,
			Map<String, Supplier<ClientRegistration>> others) {
		this.providers = providers;
		this.discovery = discovery;
		this.details = details;
		this.others = Map.copyOf(others);
	}

	/**
	 * Finds a registration.
	 * @throws DiscoveryException when an endpoint is needed that cannot be discovered now
	 */
	@Override
	public @Nullable ClientRegistration findByRegistrationId(String registrationId) {
		ClientRegistration known = this.registrations.get(registrationId);
		if (known != null) {
			return known;
		}
		ClientRegistration made = make(registrationId);
		if (made != null) {
			this.registrations.put(registrationId, made);
		}
		return made;
	}

	/**
	 * Names the registrations of browser logins, for login pages: Spring Security's own
	 * lists them when the application starts. Asks no server, so an endpoint that would
	 * have to be discovered is a placeholder; to log in, find the registration by its id.
	 * @return id, name and grant of each
	 */
	@Override
	public Iterator<ClientRegistration> iterator() {
		List<ClientRegistration> names = new ArrayList<>();
		for (Provider provider : this.providers) {
			if (provider.grant() == Grant.AUTHORIZATION_CODE && !provider.isOpen()) {
				names.add(name(provider));
			}
		}
		return names.iterator();
	}

	private ClientRegistration name(Provider provider) {
		ClientRegistration known = this.registrations.get(provider.id());
		if (known != null) {
			return known;
		}
		ClientRegistration.Builder builder = builder(provider).tokenUri(configured(provider, Endpoint.TOKEN))
			.authorizationUri(configured(provider, Endpoint.AUTHORIZATION))
			.redirectUri(REDIRECT_URI);
		this.details.accept(provider, builder);
		return builder.build();
	}

	private static String configured(Provider provider, Endpoint endpoint) {
		URI configured = endpoint.configured(provider.endpoints());
		return (configured != null) ? configured.toString() : NOT_DISCOVERED_YET;
	}

	private @Nullable ClientRegistration make(String registrationId) {
		Provider provider = this.providers.find(registrationId);
		if (provider != null) {
			// A registration needs a server and a client id, before anybody logs in.
			return provider.isOpen() ? null : make(provider);
		}
		Supplier<ClientRegistration> other = this.others.get(registrationId);
		return (other != null) ? other.get() : null;
	}

	/** With every endpoint that the grant needs given there is no discovery call. */
	private static boolean needsEndpoints(Provider provider, boolean browser) {
		boolean device = provider.grant() == Grant.DEVICE_CODE;
		return provider.endpoints().token() == null || (device && provider.endpoints().deviceAuthorization() == null)
				|| (browser && provider.endpoints().authorization() == null);
	}

	/** An ID token needs its keys. */
	private boolean needsKeys(Provider provider, boolean browser) {
		return browser && provider.request().scopes().contains("openid")
				&& name(provider).getProviderDetails().getJwkSetUri() == null;
	}

	private AuthorizationServerMetadata metadataForKeys(Provider provider) {
		try {
			return this.discovery.metadata(provider);
		}
		catch (DiscoveryException ex) {
			throw new DiscoveryException(
					ex.getMessage() + ". Only the keys of ID tokens are missing: set "
							+ provider.property("jwk-set-uri") + ", or remove openid from the scope",
					ex.isUnreachable(), ex);
		}
	}

	private ClientRegistration make(Provider provider) {
		boolean browser = provider.grant() == Grant.AUTHORIZATION_CODE;
		ClientRegistration.Builder builder = builder(provider)
			.tokenUri(this.discovery.endpoint(provider, Endpoint.TOKEN).toString());
		Map<String, Object> metadata = new LinkedHashMap<>();
		boolean needsEndpoints = needsEndpoints(provider, browser);
		if (needsEndpoints || needsKeys(provider, browser)) {
			AuthorizationServerMetadata discovered = needsEndpoints ? this.discovery.metadata(provider)
					: metadataForKeys(provider);
			metadata.putAll(discovered.values());
			// Spring Security takes the access token to the one, and believes the keys of
			// the other.
			builder.jwkSetUri(text(discovered.uri("jwks_uri"))).userInfoUri(text(discovered.uri("userinfo_endpoint")));
		}
		if (browser) {
			builder.redirectUri(REDIRECT_URI)
				.authorizationUri(this.discovery.endpoint(provider, Endpoint.AUTHORIZATION).toString())
				.userNameAttributeName("sub");
		}
		for (Endpoint endpoint : Endpoint.values()) {
			URI configured = endpoint.configured(provider.endpoints());
			if (configured != null) {
				metadata.put(endpoint.member(), configured.toString());
			}
		}
		builder.providerConfigurationMetadata(metadata);
		this.details.accept(provider, builder);
		if (provider.tokens().dpop()) {
			// Spring Security would take the token there as a bearer.
			builder.userInfoUri(null);
		}
		return builder.build();
	}

	private static @Nullable String text(@Nullable URI uri) {
		return (uri != null) ? uri.toString() : null;
	}

	private static ClientRegistration.Builder builder(Provider provider) {
		return ClientRegistration.withRegistrationId(provider.id())
			.clientId(provider.client().id())
			.clientSecret(provider.client().secret())
			.clientAuthenticationMethod(provider.client().authenticationMethod())
			.authorizationGrantType(provider.grant().type())
			.scope(provider.request().scopes())
			.clientName(provider.id())
			.issuerUri(provider.issuerUri())
			.clientSettings(ClientSettings.builder().requireProofKey(provider.login().pkce()).build());
	}

}
