package io.github.oauth2pkce;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider.Assertion;
import io.github.oauth2pkce.Provider.Client;
import io.github.oauth2pkce.Provider.Endpoints;
import io.github.oauth2pkce.Provider.Exchange;
import io.github.oauth2pkce.Provider.Login;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Provider.PushedRequests;
import io.github.oauth2pkce.Provider.Registration;
import io.github.oauth2pkce.Provider.Request;
import io.github.oauth2pkce.Provider.Tokens;

import org.springframework.security.oauth2.core.ClientAuthenticationMethod;

/**
 * Builds a {@link Provider}; each method sets the component of the same name. What is not
 * set has the default of the properties. Not thread-safe.
 */
public final class ProviderBuilder {

	private final String id;

	private final String clientId;

	private @Nullable String issuerUri;

	private @Nullable URI resourceUri;

	private Registration registration = Registration.NONE;

	private Endpoints endpoints = Endpoints.NONE;

	private @Nullable String clientSecret;

	private @Nullable ClientAuthenticationMethod clientAuthenticationMethod;

	private @Nullable String sslBundle;

	private Assertion assertion = Assertion.DEFAULT;

	private Grant grant = Grant.DEVICE_CODE;

	private boolean grantOpen;

	private PrincipalKind principal = PrincipalKind.APPLICATION;

	private Collection<String> scopes = List.of();

	private Collection<String> resources = List.of();

	private @Nullable URI resourceMetadataUri;

	private Map<String, String> additionalParameters = Map.of();

	private boolean pkce = true;

	private @Nullable URI redirectUri;

	private int redirectPort;

	private boolean issRequired;

	private PushedRequests pushedRequests = PushedRequests.AUTO;

	private Duration refreshSkew = Duration.ofSeconds(30);

	private @Nullable Duration assumeExpiry;

	private Collection<String> rejectedErrorCodes = Tokens.REJECTED;

	private Collection<String> acceptedTokenTypes = Set.of("Bearer");

	private Exchange exchange = Exchange.NONE;

	private boolean dpop;

	private final Map<String, String> properties = new HashMap<>();

	ProviderBuilder(String id, String clientId) {
		this.id = id;
		this.clientId = clientId;
	}

	public ProviderBuilder issuerUri(@Nullable String issuerUri) {
		this.issuerUri = issuerUri;
		return this;
	}

	public ProviderBuilder resourceUri(@Nullable URI resourceUri) {
		this.resourceUri = resourceUri;
		return this;
	}

	public ProviderBuilder registration(Registration registration) {
		this.registration = registration;
		return this;
	}

	public ProviderBuilder endpoints(Endpoints endpoints) {
		this.endpoints = endpoints;
		return this;
	}

	public ProviderBuilder clientSecret(@Nullable String clientSecret) {
		this.clientSecret = clientSecret;
		return this;
	}

	/**
	 * {@code null}: {@code private_key_jwt} with a key, {@code client_secret_basic} with
	 * a secret, else {@code none}.
	 */
	public ProviderBuilder clientAuthenticationMethod(@Nullable ClientAuthenticationMethod method) {
		this.clientAuthenticationMethod = method;
		return this;
	}

	public ProviderBuilder sslBundle(@Nullable String sslBundle) {
		this.sslBundle = sslBundle;
		return this;
	}

	public ProviderBuilder assertion(Assertion assertion) {
		this.assertion = assertion;
		return this;
	}

	public ProviderBuilder grant(Grant grant) {
		this.grant = grant;
		return this;
	}

	/**
	 * A login chooses between the grants of people: the given one, and the others.
	 */
	public ProviderBuilder grantOpen(boolean grantOpen) {
		this.grantOpen = grantOpen;
		return this;
	}

	public ProviderBuilder principal(PrincipalKind principal) {
		this.principal = principal;
		return this;
	}

	public ProviderBuilder scopes(Collection<String> scopes) {
		this.scopes = scopes;
		return this;
	}

	public ProviderBuilder resources(Collection<String> resources) {
		this.resources = resources;
		return this;
	}

	public ProviderBuilder resourceMetadataUri(@Nullable URI resourceMetadataUri) {
		this.resourceMetadataUri = resourceMetadataUri;
		return this;
	}

	public ProviderBuilder additionalParameters(Map<String, String> additionalParameters) {
		this.additionalParameters = additionalParameters;
		return this;
	}

	public ProviderBuilder pkce(boolean pkce) {
		this.pkce = pkce;
		return this;
	}

	/** {@code null}: a path of the provider's own at {@code 127.0.0.1}. */
	public ProviderBuilder redirectUri(@Nullable URI redirectUri) {
		this.redirectUri = redirectUri;
		return this;
	}

	/** The port of a redirect URI that names none; 0 is any free one. */
	public ProviderBuilder redirectPort(int redirectPort) {
		this.redirectPort = redirectPort;
		return this;
	}

	public ProviderBuilder issRequired(boolean issRequired) {
		this.issRequired = issRequired;
		return this;
	}

	public ProviderBuilder pushedRequests(PushedRequests pushedRequests) {
		this.pushedRequests = pushedRequests;
		return this;
	}

	public ProviderBuilder refreshSkew(Duration refreshSkew) {
		this.refreshSkew = refreshSkew;
		return this;
	}

	public ProviderBuilder assumeExpiry(@Nullable Duration assumeExpiry) {
		this.assumeExpiry = assumeExpiry;
		return this;
	}

	public ProviderBuilder rejectedErrorCodes(Collection<String> rejectedErrorCodes) {
		this.rejectedErrorCodes = rejectedErrorCodes;
		return this;
	}

	public ProviderBuilder acceptedTokenTypes(Collection<String> acceptedTokenTypes) {
		this.acceptedTokenTypes = acceptedTokenTypes;
		return this;
	}

	public ProviderBuilder exchange(Exchange exchange) {
		this.exchange = exchange;
		return this;
	}

	public ProviderBuilder dpop(boolean dpop) {
		this.dpop = dpop;
		return this;
	}

	/** Names the property of one setting, by its key below the provider. */
	public ProviderBuilder property(String key, String property) {
		this.properties.put(key, property);
		return this;
	}

	public Provider build() {
		return new Provider(this.id, this.issuerUri, this.resourceUri, this.endpoints, Client.of(this.clientId,
				this.clientSecret, this.clientAuthenticationMethod, this.sslBundle, this.assertion), this.registration,
				this.grant, this.grantOpen, this.principal,
				new Request(new LinkedHashSet<>(this.scopes), List.copyOf(this.resources), this.resourceMetadataUri,
						this.additionalParameters),
				new Login(this.pkce, redirect(), this.issRequired, this.pushedRequests),
				new Tokens(this.refreshSkew, this.assumeExpiry, Set.copyOf(this.rejectedErrorCodes),
						Set.copyOf(this.acceptedTokenTypes), this.dpop, null),
				this.exchange, this.properties);
	}

	private URI redirect() {
		URI uri = this.redirectUri;
		try {
			if (uri == null) {
				String encoded = new URI("http", "127.0.0.1", "/callback/" + this.id, null).toASCIIString();
				uri = URI.create(encoded);
			}
			if (uri.getPort() == -1 && this.redirectPort != 0) {
				// Not by the constructor with seven parts, which encodes anew.
				String authority = uri.getScheme() + "://" + uri.getHost();
				uri = new URI(authority + ":" + this.redirectPort + uri.toString().substring(authority.length()));
			}
			return uri;
		}
		catch (URISyntaxException ex) {
			throw new IllegalArgumentException("The id cannot be part of a redirect URI", ex);
		}
	}

}
