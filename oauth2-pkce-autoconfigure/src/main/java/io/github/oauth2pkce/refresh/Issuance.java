package io.github.oauth2pkce.refresh;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Exchange;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.Endpoint;
import io.github.oauth2pkce.registration.ClientIdentities;
import io.github.oauth2pkce.source.ForeignTokens;
import io.github.oauth2pkce.source.SubjectTokenSource;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.token.DpopBinding;
import io.github.oauth2pkce.token.IssuedTokens;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenRequestException;
import io.github.oauth2pkce.token.TokenResponse;

/**
 * What one credential's server is asked for, and the record that its answer makes.
 * Thread-safe.
 */
final class Issuance {

	private final CredentialId id;

	private final Provider provider;

	private final TokenEndpoint tokenEndpoint;

	private final @Nullable MachineGrant machineGrant;

	private final Discovery discovery;

	private final ClientIdentities identities;

	private final ForeignTokens foreignTokens;

	private final SourceLogins sources;

	private final @Nullable Provider reader;

	/**
	 * Creates the issuance of a credential.
	 * @param machineGrant obtains its tokens, {@code null} where a person is needed
	 * @param foreignTokens those that the grant shows to the server
	 * @param sources the logins of other providers among them
	 * @param reader whose server an identity assertion is for, {@code null} for other
	 * tokens
	 */
	Issuance(CredentialId id, Provider provider, TokenEndpoint tokenEndpoint, @Nullable MachineGrant machineGrant,
			Discovery discovery, ClientIdentities identities, ForeignTokens foreignTokens, SourceLogins sources,
			@Nullable Provider reader) {
		this.id = id;
		this.provider = provider;
		this.tokenEndpoint = tokenEndpoint;
		this.machineGrant = machineGrant;
		this.discovery = discovery;
		this.identities = identities;
		this.foreignTokens = foreignTokens;
		this.sources = sources;
		this.reader = reader;
	}

	/**
	 * Where a request would go, as whom, and with which foreign tokens; may ask the
	 * network, so no lock is held.
	 * @param login the login to refresh, {@code null} when there is none
	 * @param trigger why; a resource that refuses tokens may have moved to another server
	 * @throws io.github.oauth2pkce.discovery.DiscoveryException when it is not known
	 * @throws io.github.oauth2pkce.source.ForeignTokenException when one is missing
	 */
	Target target(@Nullable Credential login, RefreshTrigger trigger) {
		Provider provider = resolved(login);
		String issuer = provider.issuerUri();
		boolean trusted = trigger != RefreshTrigger.UNAUTHORIZED || issuer == null
				|| this.discovery.isTrusted(this.provider, issuer);
		URI tokenEndpoint = this.discovery.endpoint(provider, Endpoint.TOKEN);
		if (!this.provider.grant().needsPerson()) {
			// A login that is there has shown that they are taken.
			this.discovery.checkProofs(provider);
		}
		// Before any token: who logs in meanwhile makes it that of an older login.
		String madeFrom = this.sources.mark();
		return new Target(this.tokenEndpoint.client().prepared(provider), tokenEndpoint, trusted, presented(madeFrom));
	}

	/** Last, so that nothing slow comes between reading them and the request. */
	private PresentedTokens presented(@Nullable String madeFrom) {
		Exchange exchange = this.provider.exchange();
		if (exchange.subject() == null) {
			return new PresentedTokens(null, null, madeFrom);
		}
		SubjectTokenSource.Context context = new SubjectTokenSource.Context(this.id.providerId(),
				this.id.principalName());
		return new PresentedTokens(this.foreignTokens.read(exchange.subject(), context),
				(exchange.actor() != null) ? this.foreignTokens.read(exchange.actor(), context) : null, madeFrom);
	}

	/** Only a machine, and a person's login, become a client of a server. */
	private Provider resolved(@Nullable Credential login) {
		if (!this.provider.grant().needsPerson()) {
			Provider machine = forReader(this.identities.identified(this.discovery.resolve(this.provider), null));
			return this.provider.tokens().dpop() ? machine.withKey(keyOf(login)) : machine;
		}
		return (login != null) ? this.identities.withPresentKey(this.identities.restored(this.provider, login))
				: this.discovery.withResources(this.provider);
	}

	/** A machine that asks again keeps its key. */
	private static DpopKey keyOf(@Nullable Credential known) {
		DpopKey key = (known != null) ? known.origin().key() : null;
		return (key != null) ? key : DpopKey.generate();
	}

	/**
	 * An identity assertion is for the authorization server that will read it, and for
	 * the resource that this one's token will be for: known where those are.
	 */
	private Provider forReader(Provider provider) {
		if (this.reader == null) {
			return provider;
		}
		Provider reader = this.discovery.resolve(this.reader);
		String issuer = reader.issuerUri();
		return (issuer != null) ? provider.forServer(issuer, reader.request().resources()) : provider;
	}

	/**
	 * Refreshes a person's token, or acquires a machine's.
	 */
	TokenResponse request(Target target, @Nullable Credential stored) {
		if (!this.provider.grant().needsPerson()) {
			return machineGrant().obtain(target.provider(), target.tokenEndpoint(), target.tokens());
		}
		if (stored == null || stored.refreshToken() == null) {
			throw new IllegalStateException("There is nothing to refresh");
		}
		// The stored key: another process may have logged in since the target was known.
		return this.tokenEndpoint.refresh(target.provider().withKey(stored.origin().key()), target.tokenEndpoint(),
				stored.refreshToken());
	}

	private MachineGrant machineGrant() {
		if (this.machineGrant == null) {
			throw new IllegalStateException("There is no MachineGrant for " + this.provider.grant().tag());
		}
		return this.machineGrant;
	}

	/**
	 * Whether the refresh token was issued by this endpoint, and to this client: it goes
	 * to no other.
	 */
	boolean isFrom(Target target, @Nullable Credential stored) {
		return stored == null || !this.provider.grant().needsPerson()
				|| (target.trusted() && target.tokenEndpoint().toString().equals(stored.origin().tokenEndpoint())
						&& target.provider().client().id().equals(stored.origin().clientId()));
	}

	/**
	 * Whether the server has forgotten a client that had registered itself. The next
	 * login registers anew; this one is lost only if the server keeps saying so.
	 */
	boolean isForgotten(Target target, TokenRequestException ex) {
		return this.identities.isForgotten(target.provider(), ex);
	}

	/**
	 * Whether such a server has said so in its own words. Asked with the locks held:
	 * nobody could get a token meanwhile.
	 */
	boolean isGone(Target target) {
		return this.identities.isGone(target.provider());
	}

	/** The record after such an answer. */
	Credential renewed(Target target, @Nullable Credential stored, TokenResponse response, Instant now) {
		if (stored != null && this.provider.grant().needsPerson()) {
			return stored.refreshed(response, expiresIn(response), now);
		}
		return issued(new IssuedTokens(target.provider(), target.tokenEndpoint(), response), target.tokens().madeFrom(),
				PendingWrite.generationOf(stored), now);
	}

	/** The record of a new login. */
	Credential issued(IssuedTokens tokens, long previous, Instant now) {
		return issued(tokens, null, previous, now);
	}

	private Credential issued(IssuedTokens tokens, @Nullable String madeFrom, long previous, Instant now) {
		Provider provider = tokens.provider();
		String resource = (provider.resourceUri() != null) ? provider.request().resources().get(0) : null;
		Origin origin = new Origin(provider.issuerUri(), tokens.tokenEndpoint().toString(), provider.client().id(),
				resource, provider.client().registered(), madeFrom, provider.tokens().key());
		return Credential.issued(this.id, origin, tokens.response(), provider.request().scopes(),
				expiresIn(tokens.response()), previous, now);
	}

	/**
	 * What a request carries of a record.
	 * @param credential a record with an access token
	 */
	BearerToken.Available bearer(Credential credential) {
		DpopKey key = credential.origin().key();
		return (key != null)
				? BearerToken.Available
					.of(new DpopBinding(this.tokenEndpoint.client().proofs(), key, credential.accessToken()))
				: BearerToken.Available.of(credential.accessToken());
	}

	private @Nullable Duration expiresIn(TokenResponse response) {
		return (response.expiresIn() != null) ? response.expiresIn() : this.provider.tokens().assumeExpiry();
	}

	/**
	 * Where a request goes.
	 *
	 * @param provider the provider, its server, client and resources known
	 * @param tokenEndpoint the endpoint
	 * @param trusted whether the resource still trusts that server
	 * @param tokens the foreign tokens to show there
	 */
	record Target(Provider provider, URI tokenEndpoint, boolean trusted, PresentedTokens tokens) {

		/** The endpoint as a message may show it. */
		String endpointWithoutQuery() {
			String text = this.tokenEndpoint.toString();
			int query = text.indexOf('?');
			return (query >= 0) ? text.substring(0, query) : text;
		}

	}

}
