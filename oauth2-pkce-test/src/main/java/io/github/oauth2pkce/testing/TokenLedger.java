package io.github.oauth2pkce.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Every token ever issued, what it is still good for, and what using it again does.
 */
final class TokenLedger {

	private static final String REVOKED = "Session not active";

	private final TokenSettings settings;

	private final InstantSource clock;

	private final Secrets secrets;

	private final Map<String, AccessToken> accessTokens = new HashMap<>();

	private final Map<String, RefreshToken> refreshTokens = new HashMap<>();

	private final Map<String, String> successors = new HashMap<>();

	private final Map<String, String> foreignTokens = new HashMap<>();

	private int refreshesGranted;

	private record AccessToken(Valid valid, Instant expiresAt) {

		Session session() {
			return this.valid.session();
		}

	}

	/** What a valid access token is good for. */
	record Valid(Session session, @Nullable String scope) {
	}

	private record RefreshToken(Session session, @Nullable Instant expiresAt, boolean used) {

		RefreshToken use() {
			return new RefreshToken(this.session, this.expiresAt, true);
		}

	}

	TokenLedger(TokenSettings settings, InstantSource clock, Secrets secrets) {
		this.settings = settings;
		this.clock = clock;
		this.secrets = secrets;
	}

	/**
	 * The token answer for a user's login.
	 */
	synchronized Map<String, Object> issueForLogin(FakeClient client, Session session) {
		boolean refreshable = this.settings.isRefreshTokenOnLogin(session.scope()) && client.mayUse("refresh_token");
		String refreshToken = refreshable ? issueRefreshToken(session) : null;
		return answer(session, session.scope(), refreshToken);
	}

	/**
	 * The token answer for a machine, which gets no refresh token (RFC 6749 4.4.3).
	 */
	synchronized Map<String, Object> issueForClient(Session session) {
		return answer(session, session.scope(), null);
	}

	/**
	 * The answer to an exchange for something that is no access token (RFC 8693 2.2.1).
	 */
	synchronized Map<String, Object> issueNoBearer(Session session) {
		Map<String, Object> members = new LinkedHashMap<>();
		String value = this.secrets.next("no-bearer");
		this.foreignTokens.put(value, session.subject());
		members.put("access_token", value);
		members.put("token_type", "N_A");
		members.put("expires_in", this.settings.accessTokenLifetime().toSeconds());
		return members;
	}

	/**
	 * Whose a token of another server is: of this one's, whoever it was issued for.
	 */
	synchronized @Nullable String subject(String foreignToken) {
		Valid own = find(foreignToken);
		String known = (own != null) ? own.session().subject() : this.foreignTokens.get(foreignToken);
		return this.settings.subject((known != null) ? known : foreignToken);
	}

	synchronized Map<String, Object> refresh(FakeClient client, @Nullable String value, @Nullable String scope,
			@Nullable String key) {
		if (value == null) {
			throw ProtocolError.invalidRequest("No refresh token");
		}
		RefreshToken token = this.refreshTokens.get(value);
		if (token == null) {
			throw ProtocolError.invalidGrant("Invalid refresh token");
		}
		Session session = token.session();
		if (!session.clientId().equals(client.clientId())) {
			throw ProtocolError.invalidGrant("Invalid refresh token. Token client and authorized client don't match");
		}
		String endedBecause = session.endedBecause();
		if (endedBecause != null) {
			throw ProtocolError.invalidGrant(endedBecause);
		}
		if (!Objects.equals(session.key(), key)) {
			throw ProtocolError.invalidGrant("DPoP proof and token binding verification failed");
		}
		if (token.expiresAt() != null && !this.clock.instant().isBefore(token.expiresAt())) {
			throw ProtocolError.invalidGrant("Token is not active");
		}
		if (token.used()) {
			if (this.settings.rotation() == RefreshTokenRotation.ONE_TIME_REUSE_ENDS_LOGIN) {
				session.end("Session doesn't have required client");
			}
			throw ProtocolError.invalidGrant("Maximum allowed refresh token reuse exceeded");
		}
		this.refreshesGranted++;
		return answer(session, (scope != null) ? scope : session.scope(), rotate(value, token));
	}

	private @Nullable String rotate(String value, RefreshToken token) {
		if (!this.settings.isRefreshTokenOnRefresh()) {
			return null;
		}
		if (this.settings.rotation() == RefreshTokenRotation.STATIC) {
			return value;
		}
		this.refreshTokens.put(value, token.use());
		String successor = issueRefreshToken(token.session());
		this.successors.put(value, successor);
		return successor;
	}

	private String issueRefreshToken(Session session) {
		String value = this.secrets.next("rt");
		Duration lifetime = this.settings.refreshTokenLifetime();
		Instant expiresAt = (lifetime != null) ? this.clock.instant().plus(lifetime) : null;
		this.refreshTokens.put(value, new RefreshToken(session, expiresAt, false));
		return value;
	}

	private Map<String, Object> answer(Session session, @Nullable String scope, @Nullable String refreshToken) {
		String accessToken = this.secrets.next("at");
		Duration lifetime = this.settings.accessTokenLifetime();
		String grantedScope = this.settings.grantedScope();
		Valid valid = new Valid(session, (grantedScope != null) ? grantedScope : scope);
		this.accessTokens.put(accessToken, new AccessToken(valid, this.clock.instant().plus(lifetime)));
		Map<String, Object> members = new LinkedHashMap<>();
		members.put("access_token", accessToken);
		members.put("token_type", (session.key() != null) ? "DPoP" : "Bearer");
		long expiresIn = lifetime.toSeconds();
		members.put("expires_in", this.settings.isExpiresInAsString() ? Long.toString(expiresIn) : (Object) expiresIn);
		if (refreshToken != null) {
			members.put("refresh_token", refreshToken);
			Duration refreshTokenLifetime = this.settings.refreshTokenLifetime();
			if (refreshTokenLifetime != null) {
				members.put("refresh_expires_in", refreshTokenLifetime.toSeconds());
			}
		}
		if (valid.scope() != null) {
			members.put("scope", valid.scope());
		}
		return this.settings.answer().applyTo(members);
	}

	/**
	 * The login behind a currently valid access token, or null.
	 */
	synchronized @Nullable Valid find(String accessToken) {
		AccessToken token = this.accessTokens.get(accessToken);
		if (token == null || token.session().endedBecause() != null) {
			return null;
		}
		return this.clock.instant().isBefore(token.expiresAt()) ? token.valid() : null;
	}

	/**
	 * RFC 7009. Revoking a refresh token ends the login.
	 * @return whether the token was known
	 */
	synchronized boolean revoke(FakeClient client, String value) {
		RefreshToken refreshToken = this.refreshTokens.get(value);
		AccessToken accessToken = this.accessTokens.get(value);
		Session session = null;
		if (refreshToken != null) {
			session = refreshToken.session();
		}
		else if (accessToken != null) {
			session = accessToken.session();
		}
		if (session == null) {
			return false;
		}
		if (!session.clientId().equals(client.clientId())) {
			throw ProtocolError.invalidRequest("Unmatching clients");
		}
		if (refreshToken != null) {
			session.end(REVOKED);
		}
		else {
			this.accessTokens.remove(value);
		}
		return true;
	}

	synchronized void end(Session session) {
		session.end(REVOKED);
	}

	synchronized void endAll() {
		this.accessTokens.values().forEach((token) -> token.session().end(REVOKED));
		this.refreshTokens.values().forEach((token) -> token.session().end(REVOKED));
	}

	synchronized void forgetAccessToken(String value) {
		this.accessTokens.remove(value);
	}

	synchronized void forgetAccessTokens() {
		this.accessTokens.clear();
	}

	synchronized int refreshesGranted() {
		return this.refreshesGranted;
	}

	synchronized String newest(String refreshToken) {
		String newest = refreshToken;
		for (String next = newest; next != null; next = this.successors.get(next)) {
			newest = next;
		}
		return newest;
	}

}
