package io.github.oauth2pkce;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;

/**
 * One authorization server and who we are to it: a Spring Security client registration
 * plus what a registration cannot hold. Immutable and safe to share; it may hold a client
 * secret, which {@link #toString()} leaves out.
 */
public final class Provider {

	private final String id;

	private final @Nullable String issuerUri;

	private final Endpoints endpoints;

	private final String clientId;

	private final @Nullable String clientSecret;

	private final ClientAuthenticationMethod clientAuthenticationMethod;

	private final Grant grant;

	private final Set<String> scopes;

	private final boolean pkce;

	private final PrincipalKind principal;

	private final List<String> resources;

	private final @Nullable URI resourceMetadataUri;

	private final Map<String, String> additionalParameters;

	private final @Nullable Duration assumeExpiry;

	private final Duration refreshSkew;

	private final Set<String> rejectedErrorCodes;

	private final URI redirectUri;

	private final Set<String> acceptedTokenTypes;

	private final boolean issRequired;

	private final @Nullable String sslBundle;

	private final Map<String, String> properties;

	private Provider(Builder builder) {
		this.id = builder.id;
		this.issuerUri = builder.issuerUri;
		this.endpoints = builder.endpoints;
		this.clientId = builder.clientId;
		this.clientSecret = hasText(builder.clientSecret) ? builder.clientSecret : null;
		this.clientAuthenticationMethod = clientAuthenticationMethod(builder);
		this.grant = builder.grant;
		this.scopes = Collections.unmodifiableSet(new LinkedHashSet<>(builder.scopes));
		this.pkce = builder.pkce;
		this.principal = builder.principal;
		this.resources = List.copyOf(builder.resources);
		// What is given beats what could be discovered, as with endpoints.
		this.resourceMetadataUri = this.resources.isEmpty() ? builder.resourceMetadataUri : null;
		this.additionalParameters = Collections.unmodifiableMap(new LinkedHashMap<>(builder.additionalParameters));
		this.assumeExpiry = builder.assumeExpiry;
		this.refreshSkew = builder.refreshSkew;
		this.rejectedErrorCodes = Set.copyOf(builder.rejectedErrorCodes);
		this.acceptedTokenTypes = Set.copyOf(builder.acceptedTokenTypes);
		this.redirectUri = redirectUri(builder);
		this.issRequired = builder.issRequired;
		this.sslBundle = builder.sslBundle;
		this.properties = Map.copyOf(builder.properties);
	}

	/** A property that is set to nothing is not a secret. */
	private static boolean hasText(@Nullable String value) {
		return value != null && !value.isBlank();
	}

	/**
	 * A public client says who it is by {@code client_id} alone. Spring Security deduces
	 * {@code client_secret_basic} for it and sends a Basic header with an empty secret,
	 * which servers refuse.
	 */
	private static ClientAuthenticationMethod clientAuthenticationMethod(Builder builder) {
		if (!hasText(builder.clientSecret)) {
			return ClientAuthenticationMethod.NONE;
		}
		return (builder.clientAuthenticationMethod != null) ? builder.clientAuthenticationMethod
				: ClientAuthenticationMethod.CLIENT_SECRET_BASIC;
	}

	private static URI redirectUri(Builder builder) {
		URI uri = builder.redirectUri;
		try {
			if (uri == null) {
				String encoded = new URI("http", "127.0.0.1", "/callback/" + builder.id, null).toASCIIString();
				uri = URI.create(encoded);
			}
			if (uri.getPort() == -1 && builder.redirectPort != 0) {
				// Not by the constructor with seven parts, which encodes anew.
				String authority = uri.getScheme() + "://" + uri.getHost();
				uri = new URI(authority + ":" + builder.redirectPort + uri.toString().substring(authority.length()));
			}
			return uri;
		}
		catch (URISyntaxException ex) {
			throw new IllegalArgumentException("The id cannot be part of a redirect URI", ex);
		}
	}

	/**
	 * Starts a provider.
	 * @param id the provider id, which is also the client registration id
	 * @param clientId the client id
	 * @return a builder with the defaults of the documented properties
	 */
	public static Builder withId(String id, String clientId) {
		return new Builder(id, clientId);
	}

	/**
	 * {@return the provider id, which is also the client registration id}
	 */
	public String id() {
		return this.id;
	}

	/**
	 * {@return the issuer as its metadata names it, or {@code null}: then nothing is
	 * discovered}
	 */
	public @Nullable String issuerUri() {
		return this.issuerUri;
	}

	/**
	 * The endpoints given by configuration; each beats what discovery says.
	 * @return the endpoints, each of which may be missing
	 */
	public Endpoints endpoints() {
		return this.endpoints;
	}

	/**
	 * {@return the client id}
	 */
	public String clientId() {
		return this.clientId;
	}

	/**
	 * {@return the client secret, or {@code null} for a public client}
	 */
	public @Nullable String clientSecret() {
		return this.clientSecret;
	}

	/**
	 * {@return how the client authenticates; {@code none} without a secret}
	 */
	public ClientAuthenticationMethod clientAuthenticationMethod() {
		return this.clientAuthenticationMethod;
	}

	/**
	 * {@return the grant: device code, authorization code or client credentials}
	 */
	public Grant grant() {
		return this.grant;
	}

	/**
	 * The requested scopes in configured order.
	 * @return the scopes, possibly none
	 */
	public Set<String> scopes() {
		return this.scopes;
	}

	/**
	 * {@return whether logins use a proof key (RFC 7636)}
	 */
	public boolean pkce() {
		return this.pkce;
	}

	/**
	 * {@return whose credential is used}
	 */
	public PrincipalKind principal() {
		return this.principal;
	}

	/**
	 * The resource indicators (RFC 8707 section 2), sent on authorization, token and
	 * refresh requests.
	 * @return absolute URIs, possibly none
	 * @throws IllegalStateException when there is a {@link #resourceMetadataUri()} that
	 * nobody has read: a request without its audience is one for another token
	 */
	public List<String> resources() {
		if (this.resourceMetadataUri != null) {
			throw new IllegalStateException("The resource of provider '" + this.id + "' is not discovered yet");
		}
		return this.resources;
	}

	/**
	 * Where the protected resource says what its identifier is (RFC 9728 section 3).
	 * @return the address, or {@code null} when there is nothing to discover, because the
	 * resource is given or none is wanted
	 */
	public @Nullable URI resourceMetadataUri() {
		return this.resourceMetadataUri;
	}

	/**
	 * What the server wants to know beyond the RFCs, such as Auth0's {@code audience}:
	 * sent with the first request of a login, and with the token request of a machine.
	 * Never with polls, exchanges and refreshes.
	 * @return values by name, possibly none
	 */
	public Map<String, String> additionalParameters() {
		return this.additionalParameters;
	}

	/**
	 * The same provider, with its resource as discovered.
	 * @param resources absolute URIs, at least one
	 * @return a provider without a {@link #resourceMetadataUri()}
	 */
	public Provider withResources(Collection<String> resources) {
		if (resources.isEmpty()) {
			throw new IllegalArgumentException("There is no resource");
		}
		return new Builder(this).resources(resources).build();
	}

	/**
	 * The lifetime of an access token whose answer had no {@code expires_in}.
	 * @return the lifetime, or {@code null}: then a user's token never expires by clock
	 * and a machine's token is used once
	 */
	public @Nullable Duration assumeExpiry() {
		return this.assumeExpiry;
	}

	/**
	 * {@return the time before its end at which a token counts as expired}
	 */
	public Duration refreshSkew() {
		return this.refreshSkew;
	}

	/**
	 * {@return the error codes by which the server says that a refresh token is dead}
	 */
	public Set<String> rejectedErrorCodes() {
		return this.rejectedErrorCodes;
	}

	/**
	 * What the server calls a bearer (RFC 6749 section 7.1), beside {@code Bearer}.
	 * @return the token types, compared without case
	 */
	public Set<String> acceptedTokenTypes() {
		return this.acceptedTokenTypes;
	}

	/**
	 * The loopback redirect URI of browser logins without a web server (RFC 8252 section
	 * 7.3). Its path is the provider's own by default, so that an answer to another
	 * provider's login is not taken for one to this one's (RFC 9700 section 4.4.2.2).
	 * @return an http URI of this machine; without a port, any free one is taken
	 */
	public URI redirectUri() {
		return this.redirectUri;
	}

	/**
	 * Whether the answer to a browser login has to say who it comes from (RFC 9207),
	 * whatever the server's metadata says.
	 * @return {@code true} when an answer without {@code iss} is refused in any case
	 */
	public boolean issRequired() {
		return this.issRequired;
	}

	/**
	 * {@return the SSL bundle for discovery and token traffic, or {@code null}}
	 */
	public @Nullable String sslBundle() {
		return this.sslBundle;
	}

	/**
	 * The property in which a setting is, or would be, configured: for messages.
	 * @param key its key below the provider, such as {@code issuer-uri}
	 * @return the full path of the property
	 */
	public String property(String key) {
		return this.properties.getOrDefault(key, "oauth2.pkce.providers"
				+ (this.id.matches("[A-Za-z0-9_-]+") ? "." + this.id : "[" + this.id + "]") + "." + key);
	}

	@Override
	public String toString() {
		return "Provider[id=" + this.id + ", issuerUri=" + this.issuerUri + ", clientId=" + this.clientId + ", grant="
				+ this.grant.tag() + ", pkce=" + this.pkce + "]";
	}

	/** Whose credential a provider uses. */
	public enum PrincipalKind {

		/** One credential for the application. */
		APPLICATION,

		/** One credential for each user, named by the security context. */
		CURRENT_USER

	}

	/**
	 * Endpoints given by configuration.
	 *
	 * @param authorization RFC 6749 section 3.1
	 * @param deviceAuthorization RFC 8628 section 3.1
	 * @param token RFC 6749 section 3.2
	 * @param revocation RFC 7009 section 2
	 */
	public record Endpoints(@Nullable URI authorization, @Nullable URI deviceAuthorization, @Nullable URI token,
			@Nullable URI revocation) {

		/** No endpoint given: all come from discovery. */
		public static final Endpoints NONE = new Endpoints(null, null, null, null);

	}

	/** Builds a {@link Provider}; not thread-safe. */
	public static final class Builder {

		private final String id;

		private final String clientId;

		private @Nullable String issuerUri;

		private Endpoints endpoints = Endpoints.NONE;

		private @Nullable String clientSecret;

		private @Nullable ClientAuthenticationMethod clientAuthenticationMethod;

		private Grant grant = Grant.DEVICE_CODE;

		private Collection<String> scopes = List.of();

		private boolean pkce = true;

		private PrincipalKind principal = PrincipalKind.APPLICATION;

		private Collection<String> resources = List.of();

		private @Nullable URI resourceMetadataUri;

		private Map<String, String> additionalParameters = Map.of();

		private @Nullable Duration assumeExpiry;

		private Duration refreshSkew = Duration.ofSeconds(30);

		private Collection<String> rejectedErrorCodes = Set.of(OAuth2ErrorCodes.INVALID_GRANT,
				ErrorCodes.INTERACTION_REQUIRED, ErrorCodes.LOGIN_REQUIRED, ErrorCodes.CONSENT_REQUIRED);

		private Collection<String> acceptedTokenTypes = Set.of("Bearer");

		private @Nullable URI redirectUri;

		private int redirectPort;

		private boolean issRequired;

		private @Nullable String sslBundle;

		private final Map<String, String> properties = new HashMap<>();

		private Builder(String id, String clientId) {
			this.id = id;
			this.clientId = clientId;
		}

		private Builder(Provider provider) {
			this(provider.id, provider.clientId);
			this.issuerUri = provider.issuerUri;
			this.endpoints = provider.endpoints;
			this.clientSecret = provider.clientSecret;
			this.clientAuthenticationMethod = provider.clientAuthenticationMethod;
			this.grant = provider.grant;
			this.scopes = provider.scopes;
			this.pkce = provider.pkce;
			this.principal = provider.principal;
			this.resources = provider.resources;
			this.resourceMetadataUri = provider.resourceMetadataUri;
			this.additionalParameters = provider.additionalParameters;
			this.assumeExpiry = provider.assumeExpiry;
			this.refreshSkew = provider.refreshSkew;
			this.rejectedErrorCodes = provider.rejectedErrorCodes;
			this.acceptedTokenTypes = provider.acceptedTokenTypes;
			this.redirectUri = provider.redirectUri;
			this.issRequired = provider.issRequired;
			this.sslBundle = provider.sslBundle;
			this.properties.putAll(provider.properties);
		}

		/**
		 * The issuer whose metadata is read when it is first needed (RFC 8414).
		 * @param issuerUri the issuer as its metadata names it, or {@code null}
		 * @return this builder
		 */
		public Builder issuerUri(@Nullable String issuerUri) {
			this.issuerUri = issuerUri;
			return this;
		}

		/**
		 * Endpoints that are given; each beats what discovery says.
		 * @param endpoints the endpoints, each of which may be missing
		 * @return this builder
		 */
		public Builder endpoints(Endpoints endpoints) {
			this.endpoints = endpoints;
			return this;
		}

		/**
		 * The client secret.
		 * @param clientSecret the secret; {@code null} or blank for a public client
		 * @return this builder
		 */
		public Builder clientSecret(@Nullable String clientSecret) {
			this.clientSecret = clientSecret;
			return this;
		}

		/**
		 * How a client with a secret authenticates (RFC 6749 section 2.3).
		 * @param method the method, or {@code null} for {@code client_secret_basic}
		 * @return this builder
		 */
		public Builder clientAuthenticationMethod(@Nullable ClientAuthenticationMethod method) {
			this.clientAuthenticationMethod = method;
			return this;
		}

		/**
		 * The grant.
		 * @param grant device code, authorization code or client credentials
		 * @return this builder
		 */
		public Builder grant(Grant grant) {
			this.grant = grant;
			return this;
		}

		/**
		 * The scopes to ask for.
		 * @param scopes the scopes, possibly none
		 * @return this builder
		 */
		public Builder scopes(Collection<String> scopes) {
			this.scopes = scopes;
			return this;
		}

		/**
		 * Whether logins use a proof key (RFC 7636).
		 * @param pkce {@code false} sends none of its parameters
		 * @return this builder
		 */
		public Builder pkce(boolean pkce) {
			this.pkce = pkce;
			return this;
		}

		/**
		 * Whose credential is used.
		 * @param principal the kind of principal
		 * @return this builder
		 */
		public Builder principal(PrincipalKind principal) {
			this.principal = principal;
			return this;
		}

		/**
		 * The resource indicators (RFC 8707 section 2).
		 * @param resources absolute URIs without a fragment, possibly none
		 * @return this builder
		 */
		public Builder resources(Collection<String> resources) {
			this.resources = resources;
			return this;
		}

		/**
		 * Where the protected resource says what its identifier is (RFC 9728 section 3).
		 * @param resourceMetadataUri the address, or {@code null}; read only if no
		 * resource is given
		 * @return this builder
		 */
		public Builder resourceMetadataUri(@Nullable URI resourceMetadataUri) {
			this.resourceMetadataUri = resourceMetadataUri;
			return this;
		}

		/**
		 * What the server wants to know beyond the RFCs.
		 * @param additionalParameters values by name, none of them a parameter of the
		 * protocol; they are not secret
		 * @return this builder
		 */
		public Builder additionalParameters(Map<String, String> additionalParameters) {
			this.additionalParameters = additionalParameters;
			return this;
		}

		/**
		 * The lifetime of a token whose answer names none.
		 * @param assumeExpiry the lifetime, or {@code null} for none
		 * @return this builder
		 */
		public Builder assumeExpiry(@Nullable Duration assumeExpiry) {
			this.assumeExpiry = assumeExpiry;
			return this;
		}

		/**
		 * The time before its end at which a token counts as expired.
		 * @param refreshSkew the time, not negative; half of the lifetime at most is used
		 * @return this builder
		 */
		public Builder refreshSkew(Duration refreshSkew) {
			this.refreshSkew = refreshSkew;
			return this;
		}

		/**
		 * The error codes by which the server says that a refresh token is dead.
		 * @param rejectedErrorCodes the codes
		 * @return this builder
		 */
		public Builder rejectedErrorCodes(Collection<String> rejectedErrorCodes) {
			this.rejectedErrorCodes = rejectedErrorCodes;
			return this;
		}

		/**
		 * What the server calls a bearer, beside {@code Bearer}.
		 * @param acceptedTokenTypes the token types
		 * @return this builder
		 */
		public Builder acceptedTokenTypes(Collection<String> acceptedTokenTypes) {
			this.acceptedTokenTypes = acceptedTokenTypes;
			return this;
		}

		/**
		 * The loopback redirect URI of browser logins without a web server (RFC 8252
		 * section 7.3).
		 * @param redirectUri an http URI whose host is {@code 127.0.0.1}, {@code [::1]}
		 * or {@code localhost}, or {@code null} for {@code /callback/<id>} at
		 * {@code 127.0.0.1}; a port in it is used
		 * @return this builder
		 */
		public Builder redirectUri(@Nullable URI redirectUri) {
			this.redirectUri = redirectUri;
			return this;
		}

		/**
		 * The port of browser logins whose redirect URI names none.
		 * @param redirectPort the port; 0 is any free one
		 * @return this builder
		 */
		public Builder redirectPort(int redirectPort) {
			this.redirectPort = redirectPort;
			return this;
		}

		/**
		 * Whether the answer to a browser login has to name its issuer (RFC 9207).
		 * @param issRequired whether an answer without {@code iss} is refused, whatever
		 * the server's metadata says
		 * @return this builder
		 */
		public Builder issRequired(boolean issRequired) {
			this.issRequired = issRequired;
			return this;
		}

		/**
		 * The SSL bundle for discovery and token traffic.
		 * @param sslBundle the name of the bundle, or {@code null}
		 * @return this builder
		 */
		public Builder sslBundle(@Nullable String sslBundle) {
			this.sslBundle = sslBundle;
			return this;
		}

		/**
		 * Where a setting is configured, if not below {@code oauth2.pkce.providers}.
		 * @param key its key, such as {@code issuer-uri}
		 * @param property the full path of the property
		 * @return this builder
		 */
		public Builder property(String key, String property) {
			this.properties.put(key, property);
			return this;
		}

		/**
		 * {@return the provider}
		 */
		public Provider build() {
			return new Provider(this);
		}

	}

}
