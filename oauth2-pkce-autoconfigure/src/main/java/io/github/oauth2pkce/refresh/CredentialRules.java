package io.github.oauth2pkce.refresh;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;

/**
 * What a provider makes of a credential, offline: a pure function of record and clock,
 * one for callers, health and start-up alike.
 */
final class CredentialRules {

	private final Provider provider;

	CredentialRules(Provider provider) {
		this.provider = provider;
	}

	/**
	 * Whether the credential was issued by the server, and to the client, that is
	 * configured now, and in the way that is configured now. A refresh token must go
	 * nowhere else.
	 */
	boolean belongs(Credential credential) {
		Origin origin = credential.origin();
		URI tokenEndpoint = this.provider.endpoints().token();
		boolean otherEndpoint = tokenEndpoint != null && !tokenEndpoint.toString().equals(origin.tokenEndpoint());
		return !otherEndpoint && isOfIssuer(origin) && isOfClient(origin) && isForResource(origin) && isBound(origin);
	}

	/** A client that is not configured was registered, or is a document. */
	private boolean isOfClient(Origin origin) {
		if (this.provider.client().isKnown()) {
			return this.provider.client().id().equals(origin.clientId());
		}
		return origin.client() != null
				|| origin.clientId().equals(String.valueOf(this.provider.registration().clientMetadataUri()));
	}

	/** A login without a key would be used as a bearer, which nobody wants any more. */
	private boolean isBound(Origin origin) {
		return origin.key() != null || !this.provider.tokens().dpop();
	}

	private boolean isForResource(Origin origin) {
		return this.provider.resourceUri() == null
				|| (origin.resource() != null && Discovery.isAbout(this.provider.resourceUri(), origin.resource()));
	}

	/**
	 * A login made with endpoints only is kept when an issuer is configured beside them:
	 * the token endpoint says whose it is. Without one, nothing but the issuer does.
	 */
	private boolean isOfIssuer(Origin origin) {
		String issuer = this.provider.issuerUri();
		if (issuer == null) {
			return true;
		}
		return (origin.issuer() != null) ? issuer.equals(origin.issuer()) : this.provider.endpoints().token() != null;
	}

	/**
	 * When the access token ends.
	 * @return the end, {@link Instant#MIN} when it may not be sent at all, or
	 * {@link Instant#MAX} when it does not end by clock
	 */
	Instant endsAt(Credential credential) {
		if (credential.accessToken().isBlank()) {
			return Instant.MIN;
		}
		Instant expiresAt = credential.expiresAt();
		if (expiresAt == null) {
			return needsPerson() ? Instant.MAX : Instant.MIN;
		}
		return expiresAt;
	}

	/**
	 * From when on the access token is refreshed before it is used. The skew is capped at
	 * half the lifetime: a token that lives shorter than the skew would otherwise be
	 * refreshed on each call. It is a reason to refresh, and none to withhold the token.
	 * @return the time, {@link Instant#MIN} or {@link Instant#MAX} as its end
	 */
	Instant staleAt(Credential credential) {
		Instant end = endsAt(credential);
		if (end.equals(Instant.MIN) || end.equals(Instant.MAX)) {
			return end;
		}
		Duration half = lifetime(credential, end).dividedBy(2);
		Duration skew = this.provider.tokens().skew();
		return end.minus((skew.compareTo(half) < 0) ? skew : half);
	}

	/**
	 * When to refresh ahead: 10 to 20 % of the lifetime before callers have to wait for a
	 * refresh, at a random point, so that a fleet does not refresh in one second.
	 * @param jitter a random number from 0 to 1
	 * @return the time, {@link Instant#MAX} for never
	 */
	Instant refreshAt(Credential credential, double jitter) {
		Instant expiresAt = credential.expiresAt();
		Instant staleAt = staleAt(credential);
		if (expiresAt == null || staleAt.equals(Instant.MIN)) {
			return Instant.MAX;
		}
		long ahead = (long) (lifetime(credential, expiresAt).toMillis() * (0.1 + 0.1 * jitter));
		return staleAt.minusMillis(ahead);
	}

	private static Duration lifetime(Credential credential, Instant expiresAt) {
		Duration lifetime = Duration.between(credential.issuedAt(), expiresAt);
		return lifetime.isNegative() ? Duration.ZERO : lifetime;
	}

	/** Whether the access token may be sent. */
	boolean isUsable(Credential credential, Instant now) {
		return now.isBefore(endsAt(credential));
	}

	/** Whether it may be sent without looking for a newer one first. */
	boolean isFresh(Credential credential, Instant now) {
		return now.isBefore(staleAt(credential));
	}

	boolean canRefresh(Credential credential, Instant now) {
		Instant end = credential.refreshTokenExpiresAt();
		return credential.refreshToken() != null && !credential.isRefreshTokenRejected()
				&& (end == null || now.isBefore(end));
	}

	/** Whether a new access token is to be had without a person. */
	boolean isRenewable(Credential credential, Instant now) {
		return !needsPerson() || canRefresh(credential, now);
	}

	/** Whether only a person can begin anew. */
	boolean needsPerson() {
		return this.provider.grant().needsPerson();
	}

	/**
	 * What a refresh has to do next.
	 * @param stored the stored record, {@code null} when there is none
	 * @param reason why the refresh was started
	 * @param known the generation that callers have, {@link Credential#NONE} for none. A
	 * newer one in the store is another process's refresh, unless callers have none
	 * @param fresh whether the stored token needs no refresh before it is used
	 */
	RefreshStep next(@Nullable Credential stored, RefreshReason reason, long known, boolean fresh, Instant now) {
		if (stored == null) {
			return needsPerson() ? RefreshStep.NOTHING_STORED : RefreshStep.REQUEST;
		}
		boolean newer = known != Credential.NONE && known != stored.generation();
		boolean goodEnough = switch (reason.trigger()) {
			case EXPIRY, STARTUP -> true;
			case AHEAD -> newer && now.isBefore(refreshAt(stored, 1));
			case UNAUTHORIZED -> !stored.accessToken().equals(reason.rejectedToken());
			case MANUAL -> false;
		};
		if (goodEnough && fresh) {
			return newer ? RefreshStep.ADOPT : RefreshStep.USABLE;
		}
		return isRenewable(stored, now) ? RefreshStep.REQUEST : RefreshStep.NOT_REFRESHABLE;
	}

	/**
	 * The state by the table of the public contract; the store was read.
	 */
	AuthorizationState state(@Nullable Credential credential, Instant now) {
		if (credential == null || !belongs(credential)) {
			return AuthorizationState.LOGIN_REQUIRED;
		}
		return (isFresh(credential, now) || canRefresh(credential, now)) ? AuthorizationState.AUTHORIZED
				: AuthorizationState.REAUTHENTICATION_REQUIRED;
	}

}
