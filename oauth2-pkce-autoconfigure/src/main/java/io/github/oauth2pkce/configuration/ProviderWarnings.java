package io.github.oauth2pkce.configuration;

import java.net.URI;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.SecureTransport;
import io.github.oauth2pkce.target.BaseUrl;
import io.github.oauth2pkce.target.BearerPolicies;
import io.github.oauth2pkce.target.BearerPolicy;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.Environment;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.util.StringUtils;

/** Warns at the start of settings that are legal but probably a mistake. */
public final class ProviderWarnings {

	private static final Logger logger = LoggerFactory.getLogger(ProviderWarnings.class);

	/** As far as a client without a secret is concerned that should have one. */
	private static final Set<ClientAuthenticationMethod> WITH_SECRETS = Set.of(ClientAuthenticationMethod.NONE,
			ClientAuthenticationMethod.CLIENT_SECRET_BASIC, ClientAuthenticationMethod.CLIENT_SECRET_POST,
			ClientAuthenticationMethod.CLIENT_SECRET_JWT);

	private ProviderWarnings() {
	}

	/**
	 * Clients that cannot say who they are, and those that could and do not.
	 * @param provider the provider
	 * @param configured how the client is to authenticate, {@code null} when nothing says
	 * so
	 * @param secret whether a secret is configured
	 * @param certificates whether connections may have a certificate of the client
	 */
	static void checkClient(Provider provider, @Nullable ClientAuthenticationMethod configured, boolean secret,
			boolean certificates) {
		String property = provider.property("client-secret");
		if (!WITH_SECRETS.contains(provider.client().authenticationMethod())) {
			if (secret) {
				logger.warn("The property {} is never sent, because {} is {}. Remove one of the two.", property,
						provider.property("client-authentication-method"),
						provider.client().authenticationMethod().getValue());
			}
			return;
		}
		if (secret && ClientAuthenticationMethod.NONE.equals(configured)) {
			logger.warn("The property {} is never sent, because {} is none. Remove one of the two.", property,
					provider.property("client-authentication-method"));
		}
		else if (!secret && configured != null && !ClientAuthenticationMethod.NONE.equals(configured)) {
			logger.warn("Provider '{}' authenticates by {} and has no secret: it is taken for a public client. Set {}.",
					provider.id(), configured.getValue(), property);
		}
		// RFC 6749 section 4.4: MUST only be used by confidential clients.
		else if (!secret && !certificates && provider.grant() == Grant.CLIENT_CREDENTIALS) {
			logger.warn(
					"Provider '{}' uses client_credentials without a secret, which servers refuse. Set {}, or {}"
							+ " with the certificate of the client.",
					provider.id(), property, provider.property("ssl-bundle"));
		}
	}

	/**
	 * A provider that can get no token, by its grant, or whose codes others could use.
	 */
	static void check(Provider provider) {
		if (provider.grant() == Grant.AUTHORIZATION_CODE && !provider.login().pkce()
				&& ClientAuthenticationMethod.NONE.equals(provider.client().authenticationMethod())) {
			// RFC 9700 section 2.1.1: public clients MUST use PKCE.
			logger.warn(
					"Provider '{}' is a public client without PKCE: whoever gets hold of an authorization code can"
							+ " redeem it. Remove {}.pkce=false unless the server refuses PKCE",
					provider.id(), ProviderSettings.prefix(provider.id()));
		}
		checkUsers(provider);
		if (provider.issuerUri() != null || provider.resourceUri() != null) {
			return;
		}
		if (provider.grant() == Grant.DEVICE_CODE) {
			check(provider, "device-authorization-uri", provider.endpoints().deviceAuthorization());
		}
		if (provider.grant() == Grant.AUTHORIZATION_CODE) {
			check(provider, "authorization-uri", provider.endpoints().authorization());
		}
		check(provider, "token-uri", provider.endpoints().token());
	}

	/** Spring Security's login page needs a client registration. */
	private static void checkUsers(Provider provider) {
		boolean byBrowser = provider.grantOpen() || provider.grant() == Grant.AUTHORIZATION_CODE;
		if (provider.principal() == PrincipalKind.CURRENT_USER && provider.isOpen() && byBrowser) {
			logger.warn(
					"Provider '{}' has no page at which users log in, because its server or its client is only found"
							+ " at run time. Set {}.issuer-uri and {}.client-id instead of {}, or start the login of"
							+ " each user in code, by device code",
					provider.id(), ProviderSettings.prefix(provider.id()), ProviderSettings.prefix(provider.id()),
					ProviderSettings.prefix(provider.id())
							+ ((provider.resourceUri() != null) ? ".resource-uri" : ".registration"));
		}
	}

	private static void check(Provider provider, String key, @Nullable URI endpoint) {
		if (endpoint == null) {
			logger.warn("Provider '{}' can get no new token: set {}, or issuer-uri to discover it", provider.id(),
					provider.property(key));
		}
	}

	/**
	 * Browser logins without a web server: what a server would not redirect to, and
	 * answers that could be taken for another server's.
	 * @param providers the providers
	 * @param settings what is configured in our own shape, by id
	 * @param environment holds Spring's own shape
	 */
	public static void checkLoopback(Providers providers, Map<String, ProviderProperties> settings,
			Environment environment) {
		Map<String, Provider> paths = new HashMap<>();
		for (Provider provider : providers) {
			if (provider.grant() == Grant.AUTHORIZATION_CODE) {
				checkSpringRedirectUri(provider, ProviderIds.find(settings, provider.id()), environment);
				// The port tells nobody apart: a server has to accept any (RFC 8252
				// section 7.3).
				Provider other = paths.putIfAbsent(provider.login().redirectUri().getPath(), provider);
				if (other != null && !isSameServer(provider, other)
						&& !(provider.login().issRequired() && other.login().issRequired())) {
					logger
						.warn("The providers '{}' and '{}' have one redirect path, {}, and different servers: one of these"
								+ " could pass its answer off as the other's (mix-up). Give each a path of its own with"
								+ " {}.redirect-uri, or set require-iss for both if their servers send iss", other.id(),
								provider.id(), provider.login().redirectUri().getPath(),
								ProviderSettings.prefix(provider.id()));
				}
			}
		}
	}

	private static void checkSpringRedirectUri(Provider provider, @Nullable ProviderProperties own,
			Environment environment) {
		ConfigurationPropertyName name = ConfigurationPropertyName.of(SpringRegistration.REGISTRATIONS)
			.append("[" + provider.id() + "]")
			.append("redirect-uri");
		String value = Binder.get(environment).bind(name, Bindable.of(String.class)).orElse("");
		if (!value.isBlank() && (own == null || !StringUtils.hasText(own.redirectUri()))) {
			try {
				LoopbackRedirectUri.parse(value, provider.id());
			}
			catch (IllegalArgumentException ex) {
				logger.warn(
						"The property {}.{}.redirect-uri{} {}: a browser login of this application, which has no web"
								+ " server, uses {} (any port unless redirect-port is set). Register that, or set"
								+ " {}.redirect-uri",
						SpringRegistration.REGISTRATIONS, provider.id(), PropertyText.quoted(value), ex.getMessage(),
						provider.login().redirectUri(), ProviderSettings.prefix(provider.id()));
			}
		}
	}

	private static boolean isSameServer(Provider one, Provider other) {
		return (one.issuerUri() != null) ? one.issuerUri().equals(other.issuerUri())
				: other.issuerUri() == null && one.endpoints().equals(other.endpoints());
	}

	/** Requests that never get a bearer, although their target is a base URL. */
	static void check(Collection<BearerPolicy> policies, BearerPolicies selection) {
		for (BearerPolicy policy : policies) {
			for (BaseUrl baseUrl : policy.baseUrls()) {
				if (!SecureTransport.isSecure(URI.create(baseUrl.toString()))) {
					logger.warn(
							"The property {} = \"{}\" is plain http to another machine: no bearer is sent there. Use https.",
							baseUrls(policy.providerId()), baseUrl);
				}
			}
		}
		selection.contested()
			.forEach((baseUrl, providerIds) -> logger.warn(
					"Requests below {} get no bearer, because more than one provider claims it: {}."
							+ " Remove it from all but one, or let each request name its provider.",
					baseUrl, String.join(" and ", providerIds.stream().map(ProviderWarnings::baseUrls).toList())));
	}

	private static String baseUrls(String providerId) {
		return ProviderSettings.prefix(providerId) + ".base-urls";
	}

}
