package io.github.oauth2pkce;

import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;

/**
 * One authorization server and who we are to it: a Spring Security client registration
 * plus what a registration cannot hold. Immutable and safe to share; its client may hold
 * a secret, which is never printed.
 *
 * @param id the provider id, which is also the client registration id
 * @param issuerUri the issuer, {@code null} when nothing is discovered, or when the
 * protected resource names it
 * @param resourceUri the protected resource that names its authorization server (RFC
 * 9728), {@code null} when the server is configured
 * @param endpoints the endpoints given by configuration; each beats what discovery says
 * @param client who we are
 * @param registration how to become a client of a server that does not know us
 * @param grant how the first token is obtained
 * @param grantOpen whether the login chooses between the grants of people
 * @param principal the application, or each user
 * @param request what tokens are asked for
 * @param login how a person logs in
 * @param tokens how answers are read, and when tokens are refreshed
 * @param exchange the foreign tokens that tokens are made from, where the grant needs one
 * @param properties the property of each setting whose name is not our own, by its key
 */
public record Provider(String id, @Nullable String issuerUri, @Nullable URI resourceUri, Endpoints endpoints,
		Client client, Registration registration, Grant grant, boolean grantOpen, PrincipalKind principal,
		Request request, Login login, Tokens tokens, Exchange exchange, Map<String, String> properties) {

	/**
	 * Creates the provider.
	 */
	public Provider {
		properties = Map.copyOf(properties);
	}

	/**
	 * Starts a provider.
	 * @param id the provider id, which is also the client registration id
	 * @param clientId the client id
	 * @return a builder whose defaults are those of the properties
	 */
	public static ProviderBuilder withId(String id, String clientId) {
		return new ProviderBuilder(id, clientId);
	}

	/**
	 * Starts a provider whose client id is not known yet.
	 * @param id the provider id
	 * @return a builder whose defaults are those of the properties
	 */
	public static ProviderBuilder withId(String id) {
		return new ProviderBuilder(id, "");
	}

	/**
	 * Whether the server or the client has to be found out before anything is requested.
	 * @return {@code false} when all of it is configured
	 */
	public boolean isOpen() {
		return this.resourceUri != null || !this.client.isKnown();
	}

	/**
	 * The same provider, with its resource as discovered.
	 * @param resources absolute URIs, at least one
	 * @return a provider without a {@link Request#resourceMetadataUri()}
	 */
	public Provider withResources(Collection<String> resources) {
		if (resources.isEmpty()) {
			throw new IllegalArgumentException("There is no resource");
		}
		return withRequest(
				new Request(this.request.scopes(), List.copyOf(resources), null, this.request.additionalParameters()));
	}

	/**
	 * The same provider, which asks for something else.
	 * @param request what tokens are asked for
	 * @return a copy
	 */
	public Provider withRequest(Request request) {
		return new Provider(this.id, this.issuerUri, this.resourceUri, this.endpoints, this.client, this.registration,
				this.grant, this.grantOpen, this.principal, request, this.login, this.tokens, this.exchange,
				this.properties);
	}

	/**
	 * The same provider at the authorization server that its resource has named.
	 * @param issuer the issuer
	 * @return a copy
	 */
	public Provider withIssuer(String issuer) {
		return new Provider(this.id, issuer, this.resourceUri, this.endpoints, this.client, this.registration,
				this.grant, this.grantOpen, this.principal, this.request, this.login, this.tokens, this.exchange,
				this.properties);
	}

	/**
	 * The same provider, to which we are a client that was registered at run time.
	 * @param client who we are
	 * @return a copy
	 */
	public Provider withClient(RegisteredClient client) {
		return withClient(
				new Client(client.id(), client.secret(), new ClientAuthenticationMethod(client.authenticationMethod()),
						false, this.client.sslBundle(), client, this.client.assertion()));
	}

	/**
	 * The same provider, to which we are a public client.
	 * @param clientId the client id
	 * @return a copy
	 */
	public Provider withPublicClient(String clientId) {
		return withClient(new Client(clientId, null, ClientAuthenticationMethod.NONE, false, this.client.sslBundle(),
				null, this.client.assertion()));
	}

	/**
	 * The same provider, to which we authenticate in another way.
	 * @param method how
	 * @return a copy
	 */
	public Provider withAuthenticationMethod(ClientAuthenticationMethod method) {
		return withClient(new Client(this.client.id(), this.client.secret(), method, false, this.client.sslBundle(),
				this.client.registered(), this.client.assertion()));
	}

	/**
	 * The same provider with the grant that a login has chosen.
	 * @param grant the grant
	 * @return a copy
	 */
	public Provider withGrant(Grant grant) {
		return new Provider(this.id, this.issuerUri, this.resourceUri, this.endpoints, this.client, this.registration,
				grant, false, this.principal, this.request, this.login, this.tokens, this.exchange, this.properties);
	}

	/**
	 * The same provider, whose assertions need nothing more to be read.
	 * @param prepared makes an assertion for an endpoint of the server, a new one for
	 * each attempt where the client signs itself
	 * @return a copy
	 */
	public Provider withAssertion(BiFunction<Provider, URI, String> prepared) {
		Assertion own = this.client.assertion();
		return withClient(new Client(this.client.id(), this.client.secret(), this.client.authenticationMethod(),
				this.client.methodOpen(), this.client.sslBundle(), this.client.registered(),
				new Assertion(own.key(), own.keyPassword(), own.algorithm(), own.keyId(), own.audience(),
						own.lifetime(), own.source(), prepared)));
	}

	/**
	 * {@return the foreign tokens that are shown to the server, for a grant or to say who
	 * we are}
	 */
	public List<ForeignToken> foreignTokens() {
		return Stream.concat(this.exchange.tokens().stream(), Stream.ofNullable(this.client.assertion().source()))
			.toList();
	}

	private Provider withClient(Client client) {
		return new Provider(this.id, this.issuerUri, this.resourceUri, this.endpoints, client, this.registration,
				this.grant, this.grantOpen, this.principal, this.request, this.login, this.tokens, this.exchange,
				this.properties);
	}

	/**
	 * The same provider with another redirect URI of browser logins.
	 * @param redirectUri the redirect URI
	 * @return a copy
	 */
	public Provider withRedirectUri(URI redirectUri) {
		return new Provider(this.id, this.issuerUri, this.resourceUri, this.endpoints, this.client, this.registration,
				this.grant, this.grantOpen, this.principal, this.request,
				new Login(this.login.pkce(), redirectUri, this.login.issRequired(), this.login.pushedRequests()),
				this.tokens, this.exchange, this.properties);
	}

	/**
	 * The same provider, whose tokens are to be shown to another authorization server.
	 * @param audience that server
	 * @param resources what the other server's tokens will be for, possibly nothing
	 * @return a copy
	 */
	public Provider forServer(String audience, List<String> resources) {
		Provider provider = (this.request.resources.isEmpty() && !resources.isEmpty()) ? withResources(resources)
				: this;
		return new Provider(provider.id, provider.issuerUri, provider.resourceUri, provider.endpoints, provider.client,
				provider.registration, provider.grant, provider.grantOpen, provider.principal, provider.request,
				provider.login, provider.tokens, new Exchange(provider.exchange.subject, provider.exchange.actor,
						audience, provider.exchange.requestedTokenType),
				provider.properties);
	}

	/**
	 * The same provider with other people's credentials.
	 * @param principal the application, or each user
	 * @return a copy
	 */
	public Provider withPrincipal(PrincipalKind principal) {
		return new Provider(this.id, this.issuerUri, this.resourceUri, this.endpoints, this.client, this.registration,
				this.grant, this.grantOpen, principal, this.request, this.login, this.tokens, this.exchange,
				this.properties);
	}

	/**
	 * The same provider, whose tokens are bound to a key.
	 * @param key the key of one login, {@code null} for none
	 * @return a copy
	 */
	public Provider withKey(@Nullable DpopKey key) {
		Tokens bound = new Tokens(this.tokens.skew(), this.tokens.assumeExpiry(), this.tokens.rejectedErrorCodes(),
				this.tokens.acceptedTypes(), this.tokens.dpop(), key);
		return new Provider(this.id, this.issuerUri, this.resourceUri, this.endpoints, this.client, this.registration,
				this.grant, this.grantOpen, this.principal, this.request, this.login, bound, this.exchange,
				this.properties);
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
		return "Provider[id=" + this.id + ", issuerUri=" + this.issuerUri + ", clientId=" + this.client.id()
				+ ", grant=" + this.grant.tag() + ", pkce=" + this.login.pkce() + "]";
	}

	/** Whose credential a provider uses. */
	public enum PrincipalKind {

		/** One login for the whole application. */
		APPLICATION,

		/** One login for each user of the application. */
		CURRENT_USER

	}

	/**
	 * Endpoints of an authorization server.
	 *
	 * @param authorization where browsers are sent, {@code null} when it is not given
	 * @param deviceAuthorization the device authorization endpoint (RFC 8628 section 3.1)
	 * @param token the token endpoint
	 * @param revocation the revocation endpoint (RFC 7009 section 2)
	 */
	public record Endpoints(@Nullable URI authorization, @Nullable URI deviceAuthorization, @Nullable URI token,
			@Nullable URI revocation) {

		/** No endpoint is given. */
		public static final Endpoints NONE = new Endpoints(null, null, null, null);

	}

	/**
	 * Who we are to the authorization server.
	 *
	 * @param id the client id, empty while it is not known
	 * @param secret the client secret, {@code null} for a public client
	 * @param authenticationMethod how the client authenticates; {@code none} without a
	 * secret and a key
	 * @param methodOpen whether nobody has chosen the method, so that a server's metadata
	 * may
	 * @param sslBundle the SSL bundle for discovery and token traffic, {@code null} for
	 * the platform's trust
	 * @param registered how the client was registered at run time, {@code null} when it
	 * is configured
	 * @param assertion how the client proves who it is by signing
	 */
	public record Client(String id, @Nullable String secret, ClientAuthenticationMethod authenticationMethod,
			boolean methodOpen, @Nullable String sslBundle, @Nullable RegisteredClient registered,
			Assertion assertion) {

		/**
		 * Creates the client.
		 * @throws IllegalArgumentException when the method needs a secret and there is
		 * none
		 */
		public Client {
			if (secret == null && needsSecret(authenticationMethod)) {
				throw new IllegalArgumentException("Client '" + id + "' cannot authenticate by "
						+ authenticationMethod.getValue() + " without a secret");
			}
		}

		/**
		 * {@return whether there is a client id}
		 */
		public boolean isKnown() {
			return !this.id.isEmpty();
		}

		static Client of(String id, @Nullable String secret, @Nullable ClientAuthenticationMethod method,
				@Nullable String sslBundle, Assertion assertion) {
			ClientAuthenticationMethod asked = (method != null) ? method
					: (assertion.key() != null || assertion.source() != null)
							? ClientAuthenticationMethod.PRIVATE_KEY_JWT
							: ClientAuthenticationMethod.CLIENT_SECRET_BASIC;
			// A property that is set to nothing is not a secret.
			if (secret != null && !secret.isBlank()) {
				return new Client(id, secret, asked, method == null, sslBundle, null, assertion);
			}
			// A public client says who it is by client_id alone. Spring Security deduces
			// client_secret_basic for it and sends a Basic header with an empty secret,
			// which servers refuse.
			return new Client(id, null, needsSecret(asked) ? ClientAuthenticationMethod.NONE : asked, method == null,
					sslBundle, null, assertion);
		}

		private static boolean needsSecret(ClientAuthenticationMethod method) {
			return ClientAuthenticationMethod.CLIENT_SECRET_BASIC.equals(method)
					|| ClientAuthenticationMethod.CLIENT_SECRET_POST.equals(method)
					|| ClientAuthenticationMethod.CLIENT_SECRET_JWT.equals(method);
		}

		@Override
		public String toString() {
			return "Client[id=" + this.id + "]";
		}

	}

	/**
	 * How a client proves who it is by signing an assertion (RFC 7523 section 2.2).
	 *
	 * @param key the location of the private key, {@code null} for the key of the SSL
	 * bundle
	 * @param keyPassword the password of an encrypted key, {@code null} for none
	 * @param algorithm the JWS algorithm, {@code null} for one that fits the key and the
	 * server
	 * @param keyId the key id, {@code null} for the key's own or its thumbprint (RFC
	 * 7638)
	 * @param audience whom the assertion is for, {@code null} for the issuer, or the
	 * token endpoint where no issuer is known
	 * @param lifetime how long an assertion may be used
	 * @param source where the assertion of somebody else is read, {@code null} for one
	 * that is signed here
	 * @param prepared makes assertions of what was read, {@code null} while it is not
	 */
	public record Assertion(@Nullable String key, @Nullable String keyPassword, @Nullable String algorithm,
			@Nullable String keyId, @Nullable String audience, Duration lifetime, @Nullable ForeignToken source,
			@Nullable BiFunction<Provider, URI, String> prepared) {

		/** Nothing is configured. */
		public static final Assertion DEFAULT = new Assertion(null, null, null, null, null, Duration.ofSeconds(60),
				null, null);

		@Override
		public String toString() {
			return "Assertion[algorithm=" + this.algorithm + ", keyId=" + this.keyId + "]";
		}

	}

	/**
	 * How to become a client of a server that does not know us.
	 *
	 * @param enabled whether to register (RFC 7591) when there is no other client id
	 * @param clientName what people are told who asks, {@code null} when it has no name
	 * @param initialAccessToken allows to register (RFC 7591 section 3), {@code null}
	 * when anybody may
	 * @param clientMetadataUri the address of a client id metadata document, which is a
	 * client id for servers that read it; {@code null} when there is none
	 */
	public record Registration(boolean enabled, @Nullable String clientName, @Nullable String initialAccessToken,
			@Nullable URI clientMetadataUri) {

		/** The client is known. */
		public static final Registration NONE = new Registration(false, null, null, null);

		@Override
		public String toString() {
			return "Registration[enabled=" + this.enabled + ", clientMetadataUri=" + this.clientMetadataUri + "]";
		}

	}

	/**
	 * What tokens are asked for.
	 *
	 * @param scopes the scopes in configured order, possibly none
	 * @param resources the resource indicators (RFC 8707 section 2): absolute URIs,
	 * possibly none
	 * @param resourceMetadataUri where the protected resource says what its identifier is
	 * (RFC 9728 section 3), {@code null} when there is nothing to discover
	 * @param additionalParameters what the server wants to know beyond the RFCs, such as
	 * Auth0's {@code audience}: sent with the first request of a login, and with the
	 * token request of a machine, but never with polls, exchanges and refreshes
	 */
	public record Request(Set<String> scopes, List<String> resources, @Nullable URI resourceMetadataUri,
			Map<String, String> additionalParameters) {

		/**
		 * Creates the request.
		 */
		public Request {
			scopes = Collections.unmodifiableSet(new LinkedHashSet<>(scopes));
			resources = List.copyOf(resources);
			// What is given beats what could be discovered, as with endpoints.
			resourceMetadataUri = resources.isEmpty() ? resourceMetadataUri : null;
			additionalParameters = Collections.unmodifiableMap(new LinkedHashMap<>(additionalParameters));
		}

		/**
		 * The same request with other scopes and additional parameters.
		 * @param scopes the scopes
		 * @param additionalParameters the parameters
		 * @return a request for the same resources, discovered ones included
		 */
		public Request asking(Set<String> scopes, Map<String, String> additionalParameters) {
			return new Request(scopes, this.resources, this.resourceMetadataUri, additionalParameters);
		}

		/**
		 * The resource indicators, sent on authorization, token and refresh requests.
		 * @return absolute URIs, possibly none
		 * @throws IllegalStateException when there is a {@link #resourceMetadataUri()}
		 * that nobody has read: a request without its audience is one for another token
		 */
		public List<String> resources() {
			if (this.resourceMetadataUri != null) {
				throw new IllegalStateException("The resource of " + this.resourceMetadataUri + " is not read yet");
			}
			return this.resources;
		}

		@Override
		public String toString() {
			return "Request[scopes=" + this.scopes + ", resources=" + this.resources + ", resourceMetadataUri="
					+ this.resourceMetadataUri + ", additionalParameters=" + this.additionalParameters.keySet() + "]";
		}

	}

	/**
	 * How a person logs in.
	 *
	 * @param pkce whether logins use a proof key (RFC 7636)
	 * @param redirectUri the loopback redirect URI of browser logins without a web server
	 * (RFC 8252 section 7.3); without a port, any free one is taken. Its path is the
	 * provider's own by default, so that an answer to another provider's login is not
	 * taken for one to this one's (RFC 9700 section 4.4.2.2)
	 * @param issRequired whether the answer to a browser login has to say who it comes
	 * from (RFC 9207), whatever the server's metadata says
	 * @param pushedRequests whether authorization requests are pushed (RFC 9126)
	 */
	public record Login(boolean pkce, URI redirectUri, boolean issRequired, PushedRequests pushedRequests) {

	}

	/** Whether authorization requests go to the server directly (RFC 9126). */
	public enum PushedRequests {

		/** Where the server's metadata demands it. */
		AUTO,

		/** They do, and a login fails where the server has no endpoint for it. */
		ALWAYS,

		/** Browsers carry them. */
		NEVER

	}

	/**
	 * How answers are read, and when tokens are refreshed.
	 *
	 * @param skew the time before its end at which a token is refreshed
	 * @param assumeExpiry the lifetime of an access token whose answer had no
	 * {@code expires_in}; {@code null}: then a user's token never expires by clock and a
	 * machine's token is used once
	 * @param rejectedErrorCodes the error codes by which the server says that a refresh
	 * token is dead
	 * @param acceptedTypes what the server calls a bearer (RFC 6749 section 7.1), beside
	 * {@code Bearer}; compared without case
	 * @param dpop whether tokens are bound to a key of their login (RFC 9449)
	 * @param key that key, {@code null} until there is a login
	 */
	public record Tokens(Duration skew, @Nullable Duration assumeExpiry, Set<String> rejectedErrorCodes,
			Set<String> acceptedTypes, boolean dpop, @Nullable DpopKey key) {

		/** The error codes of dead refresh tokens, where nothing else is configured. */
		public static final Set<String> REJECTED = Set.of(OAuth2ErrorCodes.INVALID_GRANT,
				ErrorCodes.INTERACTION_REQUIRED, ErrorCodes.LOGIN_REQUIRED, ErrorCodes.CONSENT_REQUIRED);

		/**
		 * Creates the settings.
		 */
		public Tokens {
			rejectedErrorCodes = Set.copyOf(rejectedErrorCodes);
			acceptedTypes = Set.copyOf(acceptedTypes);
		}

	}

	/**
	 * The foreign tokens that tokens are made from: the assertion of RFC 7523 section
	 * 2.1, or the tokens of a token exchange (RFC 8693 section 2.1).
	 *
	 * @param subject the token of the party on whose behalf the request is made,
	 * {@code null} for grants that need none
	 * @param actor the token of the party that acts for it, {@code null} for none
	 * @param audience the logical name of the service where the new token is to be used,
	 * {@code null} for none
	 * @param requestedTokenType the type that the new token is to have, {@code null} for
	 * the server's choice
	 */
	public record Exchange(@Nullable ForeignToken subject, @Nullable ForeignToken actor, @Nullable String audience,
			@Nullable String requestedTokenType) {

		/** The grant needs no foreign token. */
		public static final Exchange NONE = new Exchange(null, null, null, null);

		/**
		 * Whether an access token is asked for.
		 * @return {@code false} for tokens that can only be shown to another server
		 */
		public boolean isForBearers() {
			return !ForeignToken.isNoBearer(this.requestedTokenType);
		}

		/**
		 * {@return the foreign tokens that there are}
		 */
		public List<ForeignToken> tokens() {
			return Stream.of(Optional.ofNullable(this.subject), Optional.ofNullable(this.actor))
				.flatMap(Optional::stream)
				.toList();
		}

		@Override
		public String toString() {
			return "Exchange" + tokens().stream().map(ForeignToken::place).toList();
		}

	}

}
