package io.github.oauth2pkce.registration;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

import io.github.oauth2pkce.EventLog;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.RegisteredClient;
import io.github.oauth2pkce.authentication.ClientKeys;
import io.github.oauth2pkce.discovery.AuthorizationServerMetadata;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.Endpoint;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.TokenRequestException;

import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;

/**
 * Who we are to an authorization server: the configured client; else the one that was
 * registered there before; else a client id metadata document, if the server reads such;
 * else a new registration. A registration is stored as logins are, bound to its issuer,
 * and shared by all processes that share the store: one registration, however many of
 * them ask at the same time. Blocking and thread-safe.
 */
public final class ClientIdentities {

	/** RFC 6749 section 5.2. */
	private static final Set<String> ABOUT_THE_CLIENT = Set.of(OAuth2ErrorCodes.INVALID_CLIENT,
			OAuth2ErrorCodes.UNAUTHORIZED_CLIENT);

	private static final String CLIENT_ID_METADATA = "client_id_metadata_document_supported";

	private final Providers providers;

	private final RegistrationEndpoint endpoint;

	private final Discovery discovery;

	private final StoredRegistrations registrations;

	private final PresentKey presentKey;

	private final ServerBindings bindings;

	private final InstantSource clock;

	/** By registration: servers at which a document was of no use to this process. */
	private final Set<CredentialId> uselessDocuments = ConcurrentHashMap.newKeySet();

	/**
	 * Creates the identities of clients that have no keys to be registered by.
	 * @param providers the providers, as they are configured
	 * @param client sends requests
	 * @param discovery finds endpoints
	 * @param store keeps registrations
	 * @param clock the wall clock, for secrets that end
	 * @param lockTimeout how long to wait for another process that registers
	 */
	public ClientIdentities(Providers providers, AuthorizationServerClient client, Discovery discovery,
			TokenStore store, InstantSource clock, Duration lockTimeout) {
		this(providers, client, discovery, store, clock, lockTimeout, (provider) -> {
			throw new IllegalStateException("Provider '" + provider.id() + "' has no key");
		});
	}

	/**
	 * Creates the identities.
	 * @param providers the providers, as they are configured
	 * @param client sends requests
	 * @param discovery finds endpoints
	 * @param store keeps registrations
	 * @param clock the wall clock, for secrets that end
	 * @param lockTimeout how long to wait for another process that registers
	 * @param keys the keys by which clients are registered
	 */
	public ClientIdentities(Providers providers, AuthorizationServerClient client, Discovery discovery,
			TokenStore store, InstantSource clock, Duration lockTimeout, ClientKeys keys) {
		this.providers = providers;
		this.endpoint = new RegistrationEndpoint(client, keys);
		this.discovery = discovery;
		IdentityRecords records = new IdentityRecords(store);
		this.registrations = new StoredRegistrations(records, clock, lockTimeout);
		this.presentKey = new PresentKey(this.endpoint, keys, this.registrations);
		this.bindings = new ServerBindings(records, clock);
		this.clock = clock;
	}

	/**
	 * The provider with the redirect URI that is registered already: servers compare it
	 * whole, its port included.
	 * @param provider the provider, its server known
	 * @return the same provider when none is registered, or its port is configured
	 */
	public Provider atRegisteredPort(Provider provider) {
		if (provider.client().isKnown() || provider.login().redirectUri().getPort() > 0) {
			return provider;
		}
		RegisteredClient client = this.registrations.read(StoredRegistrations.id(provider), provider);
		String registered = (client != null) ? client.redirectUri() : null;
		URI redirectUri = (registered != null) ? URI.create(registered) : null;
		return (redirectUri != null && redirectUri.getPort() > 0
				&& isAlike(redirectUri, provider.login().redirectUri())) ? provider.withRedirectUri(redirectUri)
						: provider;
	}

	/** But for the port; and a machine without the older address has the newer one. */
	private static boolean isAlike(URI registered, URI configured) {
		boolean host = registered.getHost().equalsIgnoreCase(configured.getHost())
				|| ("[::1]".equals(registered.getHost()) && "127.0.0.1".equals(configured.getHost()));
		return host && registered.getRawPath().equals(configured.getRawPath());
	}

	/**
	 * The client that has registered itself, if it has.
	 * @param provider the provider, its server known
	 * @return {@code null} when none has, and where the client is configured
	 */
	public @Nullable RegisteredClient registered(Provider provider) {
		return provider.client().isKnown() ? null : this.registrations.read(StoredRegistrations.id(provider), provider);
	}

	/**
	 * The provider as a client of its server, which it becomes if need be.
	 * @param provider the provider, its server known
	 * @param redirectUri the redirect URI of the login, {@code null} when it has none
	 * @return the provider, its client known
	 * @throws RegistrationException when there is no way to be a client
	 * @throws io.github.oauth2pkce.token.AuthorizationServerUnreachableException when the
	 * server does not answer
	 * @throws io.github.oauth2pkce.discovery.DiscoveryException when its metadata cannot
	 * be read
	 */
	public Provider identified(Provider provider, @Nullable URI redirectUri) {
		if (provider.client().isKnown()) {
			return (provider.resourceUri() != null) ? configured(provider) : provider;
		}
		CredentialId id = StoredRegistrations.id(provider);
		RegisteredClient client = usable(provider, this.registrations.read(id, provider), redirectUri);
		// A browser would end at a page that says it is gone, and nobody comes back from
		// there.
		RegisteredClient current = (client == null || redirectUri == null) ? client : current(id, provider, client);
		RegisteredClient present = (current != null) ? withPresentKey(provider, current) : null;
		if (present != null && this.presentKey.isKnown(provider, present)) {
			return provider.withClient(present);
		}
		AuthorizationServerMetadata metadata = this.discovery.metadata(provider);
		URI document = provider.registration().clientMetadataUri();
		URI registration = registrationEndpoint(provider);
		if (document != null && Boolean.TRUE.equals(metadata.values().get(CLIENT_ID_METADATA))
				&& (registration == null || !this.uselessDocuments.contains(id))) {
			return documented(provider, document.toString());
		}
		if (registration == null) {
			throw new RegistrationException(
					"This application is no client of the authorization server " + provider.issuerUri() + ", which "
							+ (provider.registration().enabled() ? "registers no clients"
									: "it may not register with (" + provider.property("registration.enabled") + ")")
							+ "; register it by hand and set " + provider.property("client-id"),
					null);
		}
		return provider.withClient(register(id, provider, metadata, registration, redirectUri));
	}

	private @Nullable URI registrationEndpoint(Provider provider) {
		return provider.registration().enabled() ? this.discovery.find(provider, Endpoint.REGISTRATION) : null;
	}

	/** The client as its server describes it now, {@code null} when it is gone. */
	private @Nullable RegisteredClient current(CredentialId id, Provider provider, RegisteredClient client) {
		RegisteredClient current = this.endpoint.read(provider, client);
		if (current == null) {
			this.registrations.remove(id, client.id());
		}
		else if (!current.equals(client)) {
			this.registrations.save(id, provider, current, this.registrations.load(id));
		}
		return current;
	}

	/**
	 * An id and a secret that somebody has typed in are for one server: the one that is
	 * configured beside them, else the first at which they were used.
	 */
	private Provider configured(Provider provider) {
		if (!isPinned(provider)) {
			this.bindings.check(provider, "client-id", provider.client().id());
		}
		return authenticated(provider);
	}

	private boolean isPinned(Provider provider) {
		return this.providers.get(provider.id()).issuerUri() != null;
	}

	/**
	 * The provider as a client that its server knows by the present key. A key that has
	 * changed is added to the registration: by one process, however many find that out.
	 * @param provider the provider, its client known
	 * @return the same provider where the client is known by no key
	 * @throws RegistrationException when the server knows another key and keeps to it.
	 * The client is good for whoever still has that key
	 */
	public Provider withPresentKey(Provider provider) {
		return this.presentKey.known(provider);
	}

	/**
	 * A person who logs in does not wait until a server in trouble takes a key: a new
	 * registration is good at once, and earlier logins keep the client that they have.
	 */
	private @Nullable RegisteredClient withPresentKey(Provider provider, RegisteredClient client) {
		try {
			return this.presentKey.known(provider, client);
		}
		catch (RegistrationException ex) {
			if (provider.grant().needsPerson()) {
				return null;
			}
			throw ex;
		}
	}

	/** Whoever waited for another process finds what that has registered. */
	private RegisteredClient register(CredentialId id, Provider provider, AuthorizationServerMetadata metadata,
			URI registration, @Nullable URI redirectUri) {
		Set<String> scopes = this.discovery.possibleScopes(provider);
		String token = provider.registration().initialAccessToken();
		if (token != null && !isPinned(provider)) {
			this.bindings.check(provider, "registration.initial-access-token", token);
		}
		try (StoredRegistrations.Held lock = this.registrations.lock(id)) {
			Credential before = this.registrations.load(id);
			RegisteredClient known = usable(provider, StoredRegistrations.client(before, provider), redirectUri);
			if (known != null && this.presentKey.isKnown(provider, known)) {
				return known;
			}
			RegisteredClient client = this.endpoint.register(provider, metadata, registration,
					(redirectUri != null) ? redirectUri : provider.login().redirectUri(), scopes);
			this.registrations.save(id, provider, client, before);
			return client;
		}
	}

	/**
	 * Whether the server no longer knows a client that nobody has configured. One that
	 * had registered itself is forgotten here, too, so that the next login registers a
	 * new one; a document is read anew.
	 * @param provider the provider, as that client
	 * @param ex the answer of the server
	 * @return {@code false} when the answer is about something else
	 */
	public boolean isForgotten(Provider provider, TokenRequestException ex) {
		return ABOUT_THE_CLIENT.contains(ex.errorCode()) && (isDocument(provider) || forgetRegistered(provider));
	}

	/**
	 * Whether a server refuses a login because of a client that nobody has configured: it
	 * no longer knows it, or has registered it for less than is asked for now; or it
	 * takes no document. Such a client is given up, so that the next login registers a
	 * new one.
	 * @param provider the provider, as that client
	 * @param errorCode the error code of the server
	 * @return {@code false} when the refusal is about something else, and where there is
	 * no other way to be a client
	 */
	public boolean isUnsuitable(Provider provider, String errorCode) {
		boolean aboutClient = ABOUT_THE_CLIENT.contains(errorCode);
		if (isDocument(provider)) {
			return aboutClient && registersInstead(provider);
		}
		return (aboutClient || OAuth2ErrorCodes.INVALID_SCOPE.equals(errorCode)) && forgetRegistered(provider);
	}

	/**
	 * Whether a server that no longer knows a client says so at the address of the
	 * registration as well (RFC 7592 section 2.1): another try would end like the last.
	 * @param provider the provider, as that client
	 * @return {@code false} also when it does not say
	 */
	public boolean isGone(Provider provider) {
		RegisteredClient client = provider.client().registered();
		return client != null && this.endpoint.read(provider, client) == null;
	}

	private static boolean isDocument(Provider provider) {
		return provider.client().registered() == null
				&& provider.client().id().equals(String.valueOf(provider.registration().clientMetadataUri()));
	}

	/** A server may announce documents and still take none: Keycloak without a policy. */
	private boolean registersInstead(Provider provider) {
		boolean possible = registrationEndpoint(provider) != null;
		if (possible) {
			this.uselessDocuments.add(StoredRegistrations.id(provider));
		}
		return possible;
	}

	private boolean forgetRegistered(Provider provider) {
		RegisteredClient client = provider.client().registered();
		if (client != null) {
			this.registrations.remove(StoredRegistrations.id(provider), client.id());
		}
		return client != null;
	}

	/**
	 * A person was sent to the server and did not come back: perhaps its last page says
	 * that it does not know this client. The next login registers a new one, rather than
	 * ending there for ever. Nothing changes for logins of this client.
	 * @param provider the provider, as that client
	 * @return what else a person should know, as the end of a sentence; {@code null} for
	 * nothing
	 */
	public @Nullable String unanswered(Provider provider) {
		RegisteredClient client = provider.client().registered();
		// One that can be asked for has been asked for.
		if (client != null && client.managementUri() == null) {
			this.registrations.remove(StoredRegistrations.id(provider), client.id());
		}
		if (!isDocument(provider)) {
			return null;
		}
		return "if the page of the authorization server did not know " + provider.client().id()
				+ ", it takes no client ID metadata documents from there. "
				+ (registersInstead(provider) ? "The next login registers this application"
						: "Ask its operator, or set " + provider.property("client-id")
								+ " to a client that is registered by hand");
	}

	/**
	 * Ends the registration of a login that was forgotten, at the server as well where it
	 * allows for that (RFC 7592 section 2.3).
	 * @param provider the provider, as that client
	 * @param client the client
	 */
	public void forget(Provider provider, RegisteredClient client) {
		end(provider, client);
		// The login may have been made before the client was registered anew.
		RegisteredClient successor = this.registrations.read(StoredRegistrations.id(provider), provider);
		if (successor != null) {
			end(provider, successor);
		}
	}

	/**
	 * Where a login came from, with its client as it is registered now: since that login,
	 * it may have got another secret, another token of its registration, or another key.
	 * @param provider the provider
	 * @param origin the origin of the login
	 * @return the same origin when nothing newer is known
	 */
	public Credential.Origin withLatestClient(Provider provider, Credential.Origin origin) {
		RegisteredClient client = origin.client();
		if (client == null || origin.issuer() == null) {
			return origin;
		}
		return new Credential.Origin(origin.issuer(), origin.tokenEndpoint(), origin.clientId(), origin.resource(),
				this.registrations.latest(provider.withIssuer(origin.issuer()), client), origin.madeFrom(),
				origin.key());
	}

	/**
	 * Hands a registration over with the login that goes elsewhere: the next login here
	 * registers another client, so that no end of the one is the end of the other.
	 * @param provider the provider, at the server of the login
	 * @param clientId the client of the login
	 */
	public void handOver(Provider provider, String clientId) {
		this.registrations.remove(StoredRegistrations.id(provider), clientId);
		this.registrations.remove(StoredRegistrations.replacedId(provider, clientId), clientId);
	}

	/**
	 * Whether the application is, or may be, a client of the server that a login from
	 * elsewhere names. Where only a resource is configured, the resource has to name that
	 * server as well, and a client that somebody has typed in must not belong to another.
	 * @param provider the provider, as it is configured
	 * @param issuer the server
	 * @return {@code false} when the resource does not name that server
	 * @throws io.github.oauth2pkce.discovery.DiscoveryException when the resource cannot
	 * be asked
	 * @throws RegistrationException when the client belongs to another server
	 */
	public boolean isClientOf(Provider provider, @Nullable String issuer) {
		if (provider.resourceUri() == null || provider.issuerUri() != null) {
			return true;
		}
		if (issuer == null || !this.discovery.isNamed(provider, issuer)) {
			return false;
		}
		if (provider.client().isKnown()) {
			this.bindings.check(provider.withIssuer(issuer), "client-id", provider.client().id());
		}
		return true;
	}

	private void end(Provider provider, RegisteredClient client) {
		this.registrations.remove(StoredRegistrations.id(provider), client.id());
		this.registrations.remove(StoredRegistrations.replacedId(provider, client.id()), client.id());
		String problem = this.endpoint.delete(provider, client);
		if (problem != null) {
			EventLog.at(Level.WARN, "oauth2_registration_not_deleted", provider.id())
				.log("The registration of '{}' is forgotten here, but {} has not deleted it: {}", provider.id(),
						provider.issuerUri(), problem);
		}
	}

	/** Whoever is known by a key needs it. */
	private @Nullable RegisteredClient usable(Provider provider, @Nullable RegisteredClient client,
			@Nullable URI redirectUri) {
		boolean usable = client != null && client.isUsable(this.clock.instant())
				&& AuthenticationMethods.find(provider, client.authenticationMethod()) != null
				&& (redirectUri == null || redirectUri.toString().equals(client.redirectUri()));
		return usable ? client : null;
	}

	/**
	 * The provider as a stored login was issued: by that server, to that client, for that
	 * resource. Nothing of a login ever goes to another server, or by another client.
	 * @param provider the provider, as it is configured
	 * @param login the login
	 * @return the same provider when all of it is configured
	 * @throws io.github.oauth2pkce.discovery.DiscoveryException when the metadata of its
	 * server cannot be read
	 */
	public Provider restored(Provider provider, Credential login) {
		if (!provider.isOpen()) {
			return this.discovery.withResources(provider);
		}
		Credential.Origin origin = login.origin();
		Provider known = (origin.issuer() != null) ? provider.withIssuer(origin.issuer()) : provider;
		if (origin.resource() != null) {
			known = known.withResources(List.of(origin.resource()));
		}
		RegisteredClient client = origin.client();
		if (client != null) {
			return known.withClient(this.registrations.latest(known, client));
		}
		return known.client().isKnown() ? authenticated(known) : documented(known, origin.clientId());
	}

	/** As {@link ClientMetadataDocument} says it. */
	private static Provider documented(Provider provider, String document) {
		Provider client = provider.withPublicClient(document);
		return AuthenticationMethods.signs(provider)
				? client.withAuthenticationMethod(ClientAuthenticationMethod.PRIVATE_KEY_JWT) : client;
	}

	/** A method that somebody has written down stays. */
	private Provider authenticated(Provider provider) {
		ClientAuthenticationMethod method = provider.client().authenticationMethod();
		return provider.client().methodOpen() ? provider.withAuthenticationMethod(
				AuthenticationMethods.choose(this.discovery.metadata(provider), method)) : provider;
	}

}
