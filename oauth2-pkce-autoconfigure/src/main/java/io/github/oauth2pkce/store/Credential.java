package io.github.oauth2pkce.store;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.RegisteredClient;
import io.github.oauth2pkce.token.TokenResponse;

/**
 * A login, as it is stored: the tokens, where they belong, and the generation that makes
 * compare-and-set possible. Immutable; its text shows no token.
 *
 * @param origin where the tokens came from and may go back to
 * @param accessToken the access token, possibly blank
 * @param refreshToken the refresh token, {@code null} when there is none
 * @param scopes the granted scopes
 * @param issuedAt when the access token arrived
 * @param expiresAt when the access token ends, {@code null} when unknown
 * @param refreshTokenExpiresAt when the refresh token ends, {@code null} when unknown
 * @param rejection which refresh token the server has rejected, {@code null} when none
 * @param refreshedAt when the tokens were last refreshed, {@code null} since the login
 * @param loggedInAt when the login was made, {@code null} when unknown
 * @param assertion what can be shown to another server and is no bearer, {@code null}
 * when there is nothing: the ID token of a login, or what a token exchange has issued
 * instead of an access token
 * @param generation grows with each write, at least to the time in milliseconds, so that
 * a number never returns after a removal; never {@code 0}
 */
public record Credential(CredentialId id, Origin origin, String accessToken, @Nullable String refreshToken,
		Set<String> scopes, Instant issuedAt, @Nullable Instant expiresAt, @Nullable Instant refreshTokenExpiresAt,
		@Nullable Rejection rejection, @Nullable Instant refreshedAt, @Nullable Instant loggedInAt,
		@Nullable String assertion, long generation) {

	/** The generation of a credential that is not stored. */
	public static final long NONE = 0;

	private static final Duration LONGEST = Duration.ofDays(36_500);

	/**
	 * Copies the scopes.
	 * @param origin where the tokens came from and may go back to
	 * @param accessToken the access token, possibly blank
	 * @param refreshToken the refresh token, {@code null} when there is none
	 * @param scopes the granted scopes
	 * @param issuedAt when the access token arrived
	 * @param expiresAt when the access token ends, {@code null} when unknown
	 * @param refreshTokenExpiresAt when the refresh token ends, {@code null} when unknown
	 * @param rejection which refresh token the server has rejected, {@code null} when
	 * none
	 * @param refreshedAt when the tokens were last refreshed, {@code null} since the
	 * login
	 * @param loggedInAt when the login was made, {@code null} when unknown
	 * @param assertion what can be shown to another server and is no bearer
	 * @param generation counts writes; never {@code 0}, and never the same again after a
	 * removal
	 */
	public Credential {
		scopes = Collections.unmodifiableSet(new LinkedHashSet<>(scopes));
	}

	/**
	 * Creates a login without an ID token.
	 * @param origin where the tokens came from and may go back to
	 * @param accessToken the access token, possibly blank
	 * @param refreshToken the refresh token, {@code null} when there is none
	 * @param scopes the granted scopes
	 * @param issuedAt when the access token arrived
	 * @param expiresAt when the access token ends, {@code null} when unknown
	 * @param refreshTokenExpiresAt when the refresh token ends, {@code null} when unknown
	 * @param rejection which refresh token the server has rejected, {@code null} when
	 * none
	 * @param refreshedAt when the tokens were last refreshed, {@code null} since the
	 * login
	 * @param loggedInAt when the login was made, {@code null} when unknown
	 * @param generation counts writes; never {@code 0}, and never the same again after a
	 * removal
	 */
	public Credential(CredentialId id, Origin origin, String accessToken, @Nullable String refreshToken,
			Set<String> scopes, Instant issuedAt, @Nullable Instant expiresAt, @Nullable Instant refreshTokenExpiresAt,
			@Nullable Rejection rejection, @Nullable Instant refreshedAt, @Nullable Instant loggedInAt,
			long generation) {
		this(id, origin, accessToken, refreshToken, scopes, issuedAt, expiresAt, refreshTokenExpiresAt, rejection,
				refreshedAt, loggedInAt, null, generation);
	}

	/**
	 * A new login or a newly acquired machine token.
	 * @param origin where it came from
	 * @param response the answer
	 * @param requestedScopes granted when the answer names none (RFC 6749 section 5.1)
	 * @param expiresIn lifetime of the access token, {@code null} when unknown
	 * @param previous the generation that this credential replaces
	 * @param now the time of the answer
	 * @return the credential
	 */
	public static Credential issued(CredentialId id, Origin origin, TokenResponse response, Set<String> requestedScopes,
			@Nullable Duration expiresIn, long previous, Instant now) {
		Set<String> granted = response.scopes();
		return new Credential(id, origin, response.accessToken(), response.refreshToken(),
				(granted != null) ? granted : requestedScopes, now, after(now, expiresIn),
				after(now, response.refreshExpiresIn()), null, null, now, response.assertion(), next(previous, now));
	}

	/**
	 * This credential after a refresh. The old refresh token and scopes stay when the
	 * answer names none (RFC 6749 section 6); so does the old access token, while it
	 * lasts, when the new one has no characters.
	 * @param response the answer
	 * @param expiresIn lifetime of the access token, {@code null} when unknown
	 * @param now the time of the answer
	 * @return the next generation
	 */
	public Credential refreshed(TokenResponse response, @Nullable Duration expiresIn, Instant now) {
		Set<String> granted = response.scopes();
		boolean rotated = response.refreshToken() != null && !response.refreshToken().equals(this.refreshToken);
		Instant refreshEnd = after(now, response.refreshExpiresIn());
		if (refreshEnd == null && !rotated) {
			refreshEnd = this.refreshTokenExpiresAt;
		}
		boolean lasts = response.accessToken().isBlank() && this.expiresAt != null && now.isBefore(this.expiresAt);
		return new Credential(this.id, this.origin, lasts ? this.accessToken : response.accessToken(),
				(response.refreshToken() != null) ? response.refreshToken() : this.refreshToken,
				(granted != null) ? granted : this.scopes, lasts ? this.issuedAt : now,
				lasts ? this.expiresAt : after(now, expiresIn), refreshEnd, null, now, this.loggedInAt,
				(response.assertion() != null) ? response.assertion() : this.assertion, next(this.generation, now));
	}

	/**
	 * This credential with its refresh token remembered as rejected.
	 * @param error the error code of the server
	 * @param now the time of the answer
	 * @return the next generation
	 */
	public Credential rejected(String error, Instant now) {
		String token = this.refreshToken;
		return new Credential(this.id, this.origin, this.accessToken, token, this.scopes, this.issuedAt, this.expiresAt,
				this.refreshTokenExpiresAt, (token != null) ? new Rejection(digest(token), error) : null,
				this.refreshedAt, this.loggedInAt, this.assertion, next(this.generation, now));
	}

	/**
	 * This credential as a later write, over a record that a clock ahead of this one's
	 * has stamped.
	 * @param previous the generation of that record
	 * @return the same credential, of a larger generation
	 */
	public Credential after(long previous) {
		return new Credential(this.id, this.origin, this.accessToken, this.refreshToken, this.scopes, this.issuedAt,
				this.expiresAt, this.refreshTokenExpiresAt, this.rejection, this.refreshedAt, this.loggedInAt,
				this.assertion, Math.max(this.generation, previous + 1));
	}

	/**
	 * Whether the server has rejected the refresh token that is stored now.
	 * @return {@code false} after a new login or another process's rotation
	 */
	public boolean isRefreshTokenRejected() {
		return this.rejection != null && this.refreshToken != null
				&& this.rejection.refreshToken().equals(digest(this.refreshToken));
	}

	private static @Nullable Instant after(Instant now, @Nullable Duration duration) {
		if (duration == null) {
			return null;
		}
		// More than a century is a number that somebody mistyped; it must not overflow.
		return now.plus((duration.compareTo(LONGEST) < 0) ? duration : LONGEST);
	}

	/**
	 * Larger than the clock as well as the previous generation: a removal followed by a
	 * new login must not bring an old number back, or a slow writer would take the new
	 * login for the record that it saw.
	 */
	private static long next(long previous, Instant now) {
		return Math.max(previous + 1, now.toEpochMilli());
	}

	/**
	 * A digest of a token, which says nothing about it.
	 * @param token the token
	 * @return characters of base64url
	 */
	public static String digest(String token) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
			return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("This Java platform has no SHA-256", ex);
		}
	}

	@Override
	public String toString() {
		return "Credential[id=" + this.id + ", hasRefreshToken=" + (this.refreshToken != null) + ", scopes="
				+ this.scopes + ", expiresAt=" + this.expiresAt + ", generation=" + this.generation + "]";
	}

	/**
	 * A refresh token that the server has rejected, so that it is never sent again, even
	 * after a restart.
	 *
	 * @param refreshToken a digest of it
	 * @param error the error code of the server, {@code null} when an earlier version has
	 * not kept it
	 */
	public record Rejection(String refreshToken, @Nullable String error) {

		@Override
		public String toString() {
			return "Rejection[error=" + this.error + "]";
		}

	}

	/**
	 * Where a credential came from, and to whom it was issued. A refresh token goes
	 * nowhere else, and nobody else may send it.
	 *
	 * @param issuer the issuer, {@code null} when endpoints were given
	 * @param tokenEndpoint the token endpoint that issued the tokens
	 * @param clientId the client they were issued to
	 * @param resource the resource that they are for, where it has named the issuer (RFC
	 * 9728), else {@code null}
	 * @param client that client, when it was registered at run time; {@code null} when it
	 * is configured
	 * @param madeFrom which login of another provider they were made from, {@code null}
	 * for none
	 * @param key the private key that the tokens are bound to (RFC 9449), {@code null}
	 * when whoever has them may use them. It stays as long as the login: tokens and key
	 * are never apart
	 */
	public record Origin(@Nullable String issuer, String tokenEndpoint, String clientId, @Nullable String resource,
			@Nullable RegisteredClient client, @Nullable String madeFrom, @Nullable DpopKey key) {

		/**
		 * Creates the origin of tokens whose server and client are configured.
		 * @param issuer the issuer, {@code null} when endpoints were given
		 * @param tokenEndpoint the token endpoint that issued the tokens
		 * @param clientId the client they were issued to
		 */
		public Origin(@Nullable String issuer, String tokenEndpoint, String clientId) {
			this(issuer, tokenEndpoint, clientId, null, null, null, null);
		}

	}

}
