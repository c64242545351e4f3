package io.github.oauth2pkce.refresh;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.discovery.Endpoint;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.token.TokenResponse;

/** What one credential's server is asked for, and the record that its answer makes. */
final class Issuance {

	/** An endpoint that moved may move back. */
	private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);

	/** Answers that say no and not why, before the refresh token counts as dead. */
	private static final int UNCLEAR_IN_A_ROW = 3;

	private final CredentialId id;

	private final Provider provider;

	private final CredentialSupport support;

	private volatile @Nullable Foreign foreign;

	private volatile int unclear;

	private volatile boolean answerLost;

	Issuance(CredentialId id, Provider provider, CredentialSupport support) {
		this.id = id;
		this.provider = provider;
		this.support = support;
	}

	/**
	 * Where a request would go; may ask the network, so no lock is held.
	 * @throws io.github.oauth2pkce.discovery.DiscoveryException when it is not known
	 */
	Target target() {
		return new Target(this.support.discovery().withResources(this.provider),
				this.support.discovery().endpoint(this.provider, Endpoint.TOKEN));
	}

	/**
	 * Refreshes a person's token, or acquires a machine's.
	 */
	TokenResponse request(Target target, @Nullable Credential stored) {
		if (!this.provider.grant().needsPerson()) {
			return grant().obtain(target.provider(), target.tokenEndpoint());
		}
		if (stored == null || stored.refreshToken() == null) {
			throw new IllegalStateException("There is nothing to refresh");
		}
		return this.support.tokenEndpoint().refresh(target.provider(), target.tokenEndpoint(), stored.refreshToken());
	}

	private MachineGrant grant() {
		MachineGrant grant = this.support.machineGrants().get(this.provider.grant());
		if (grant == null) {
			throw new IllegalStateException("There is no MachineGrant for " + this.provider.grant().tag());
		}
		return grant;
	}

	/** Whether the refresh token was issued by this endpoint: it goes to no other. */
	boolean isFrom(Target target, @Nullable Credential stored) {
		return stored == null || !this.provider.grant().needsPerson()
				|| target.tokenEndpoint().toString().equals(stored.origin().tokenEndpoint());
	}

	/** So that not every call locks and looks again. */
	void rememberAsForeign(Credential stored, Instant steadyNow) {
		this.foreign = new Foreign(stored.generation(), steadyNow.plus(LOOK_AGAIN));
	}

	boolean isKnownAsForeign(Credential stored, Instant steadyNow) {
		Foreign foreign = this.foreign;
		return foreign != null && foreign.generation() == stored.generation() && steadyNow.isBefore(foreign.until());
	}

	/** The record after such an answer. */
	Credential renewed(Target target, @Nullable Credential stored, TokenResponse response, Instant now) {
		if (stored != null && this.provider.grant().needsPerson()) {
			return stored.refreshed(response, expiresIn(response), now);
		}
		return issued(target.tokenEndpoint(), response, StoredCredential.generation(stored), now);
	}

	/** The record of a new login. */
	Credential issued(URI tokenEndpoint, TokenResponse response, long previous, Instant now) {
		Origin origin = new Origin(this.provider.issuerUri(), tokenEndpoint.toString(), this.provider.clientId());
		return Credential.issued(this.id, origin, response, this.provider.scopes(), expiresIn(response), previous, now);
	}

	/**
	 * Counts an answer that says no and not why. Many servers do not call a dead refresh
	 * token by its name.
	 * @return whether the refresh token counts as dead by now
	 */
	boolean isDeadByNow() {
		return ++this.unclear >= UNCLEAR_IN_A_ROW;
	}

	/**
	 * Says what a failure may mean where the server has perhaps issued tokens that never
	 * arrived: the refresh token that is left is sent again, as nothing else can save the
	 * login, and a server that sees a spent one ends it.
	 * @param reason what happened
	 * @param lost whether this answer may have had tokens
	 */
	String explained(@Nullable String reason, boolean lost) {
		boolean before = this.answerLost;
		this.answerLost = before || lost;
		if (lost) {
			return reason + "; the server may have issued new tokens that did not arrive: if the next refresh is"
					+ " rejected, this is why";
		}
		return before ? reason + "; an earlier answer, perhaps with a new refresh token, did not arrive"
				: String.valueOf(reason);
	}

	/** The server has issued tokens, and they have arrived. */
	void arrived() {
		this.answerLost = false;
		clear();
	}

	/** Whatever came was no such answer. */
	void clear() {
		this.unclear = 0;
	}

	/** A person has come or gone. */
	void begun() {
		arrived();
		this.foreign = null;
	}

	private @Nullable Duration expiresIn(TokenResponse response) {
		return (response.expiresIn() != null) ? response.expiresIn() : this.provider.assumeExpiry();
	}

	/**
	 * Where a request goes.
	 *
	 * @param provider the provider, its resources known
	 * @param tokenEndpoint the endpoint
	 */
	record Target(Provider provider, URI tokenEndpoint) {

	}

	private record Foreign(long generation, Instant until) {

	}

}
