package io.github.oauth2pkce;

import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;

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

	private final AuthorizationGrantType grant;

	private final Set<String> scopes;

	private final boolean pkce;

	private final PrincipalKind principal;

	private final List<String> resources;

	private final @Nullable Duration assumeExpiry;

	private final Duration refreshSkew;

	private final Set<String> rejectedErrorCodes;

	private final int redirectPort;

	private final boolean issRequired;

	private final @Nullable String sslBundle;

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
		this.assumeExpiry = builder.assumeExpiry;
		this.refreshSkew = builder.refreshSkew;
		this.rejectedErrorCodes = Set.copyOf(builder.rejectedErrorCodes);
		this.redirectPort = builder.redirectPort;
		this.issRequired = builder.issRequired;
		this.sslBundle = builder.sslBundle;
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

	/**
	 * Starts a provider.
	 * @param id the provider id, which is also the client registration id
	 * @param clientId the client id
	 * @return a builder with the defaults of the documented properties
	 */
	public static Builder withId(String id, String clientId) {
		return new Builder(id, clientId);
	}

	public String id() {
		return this.id;
	}

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

	public String clientId() {
		return this.clientId;
	}

	public @Nullable String clientSecret() {
		return this.clientSecret;
	}

	public ClientAuthenticationMethod clientAuthenticationMethod() {
		return this.clientAuthenticationMethod;
	}

	public AuthorizationGrantType grant() {
		return this.grant;
	}

	/**
	 * Whether the grant needs a person; the machine grant never does.
	 * @return {@code false} for {@code client_credentials}
	 */
	public boolean isUserGrant() {
		return !AuthorizationGrantType.CLIENT_CREDENTIALS.equals(this.grant);
	}

	/**
	 * The requested scopes in configured order.
	 * @return the scopes, possibly none
	 */
	public Set<String> scopes() {
		return this.scopes;
	}

	public boolean pkce() {
		return this.pkce;
	}

	public PrincipalKind principal() {
		return this.principal;
	}

	/**
	 * The resource indicators (RFC 8707 section 2), sent on authorization, token and
	 * refresh requests.
	 * @return absolute URIs, possibly none
	 */
	public List<String> resources() {
		return this.resources;
	}

	/**
	 * The lifetime of an access token whose answer had no {@code expires_in}.
	 * @return the lifetime, or {@code null}: then a user's token never expires by clock
	 * and a machine's token is used once
	 */
	public @Nullable Duration assumeExpiry() {
		return this.assumeExpiry;
	}

	public Duration refreshSkew() {
		return this.refreshSkew;
	}

	public Set<String> rejectedErrorCodes() {
		return this.rejectedErrorCodes;
	}

	public int redirectPort() {
		return this.redirectPort;
	}

	/**
	 * Whether the answer to a browser login has to say who it comes from (RFC 9207),
	 * whatever the server's metadata says.
	 * @return {@code true} when an answer without {@code iss} is refused in any case
	 */
	public boolean issRequired() {
		return this.issRequired;
	}

	public @Nullable String sslBundle() {
		return this.sslBundle;
	}

	@Override
	public String toString() {
		return "Provider[id=" + this.id + ", issuerUri=" + this.issuerUri + ", clientId=" + this.clientId + ", grant="
				+ this.grant.getValue() + ", pkce=" + this.pkce + "]";
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

		private AuthorizationGrantType grant = AuthorizationGrantType.DEVICE_CODE;

		private Collection<String> scopes = List.of();

		private boolean pkce = true;

		private PrincipalKind principal = PrincipalKind.APPLICATION;

		private Collection<String> resources = List.of();

		private @Nullable Duration assumeExpiry;

		private Duration refreshSkew = Duration.ofSeconds(30);

		private Collection<String> rejectedErrorCodes = Set.of("invalid_grant");

		private int redirectPort;

		private boolean issRequired;

		private @Nullable String sslBundle;

		private Builder(String id, String clientId) {
			this.id = id;
			this.clientId = clientId;
		}

		public Builder issuerUri(@Nullable String issuerUri) {
			this.issuerUri = issuerUri;
			return this;
		}

		public Builder endpoints(Endpoints endpoints) {
			this.endpoints = endpoints;
			return this;
		}

		public Builder clientSecret(@Nullable String clientSecret) {
			this.clientSecret = clientSecret;
			return this;
		}

		public Builder clientAuthenticationMethod(@Nullable ClientAuthenticationMethod method) {
			this.clientAuthenticationMethod = method;
			return this;
		}

		public Builder grant(AuthorizationGrantType grant) {
			this.grant = grant;
			return this;
		}

		public Builder scopes(Collection<String> scopes) {
			this.scopes = scopes;
			return this;
		}

		public Builder pkce(boolean pkce) {
			this.pkce = pkce;
			return this;
		}

		public Builder principal(PrincipalKind principal) {
			this.principal = principal;
			return this;
		}

		public Builder resources(Collection<String> resources) {
			this.resources = resources;
			return this;
		}

		public Builder assumeExpiry(@Nullable Duration assumeExpiry) {
			this.assumeExpiry = assumeExpiry;
			return this;
		}

		public Builder refreshSkew(Duration refreshSkew) {
			this.refreshSkew = refreshSkew;
			return this;
		}

		public Builder rejectedErrorCodes(Collection<String> rejectedErrorCodes) {
			this.rejectedErrorCodes = rejectedErrorCodes;
			return this;
		}

		public Builder redirectPort(int redirectPort) {
			this.redirectPort = redirectPort;
			return this;
		}

		public Builder issRequired(boolean issRequired) {
			this.issRequired = issRequired;
			return this;
		}

		public Builder sslBundle(@Nullable String sslBundle) {
			this.sslBundle = sslBundle;
			return this;
		}

		public Provider build() {
			return new Provider(this);
		}

	}

}
