package io.github.oauth2pkce.testing;

import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

/**
 * What token answers contain, and how long tokens live.
 */
public final class TokenSettings {

	private final JsonMembers answer = new JsonMembers();

	// The strictest one, so that a test that does not care still catches a double use.
	private volatile RefreshTokenRotation rotation = RefreshTokenRotation.ONE_TIME_REUSE_ENDS_LOGIN;

	private volatile Duration accessTokenLifetime = Duration.ofMinutes(5);

	private volatile @Nullable Duration refreshTokenLifetime;

	private volatile boolean refreshTokenOnLogin = true;

	private volatile boolean offlineAccessNeeded;

	private volatile boolean refreshTokenOnRefresh = true;

	private volatile boolean expiresInAsString;

	private volatile @Nullable String grantedScope;

	private volatile UnaryOperator<@Nullable String> subjects = UnaryOperator.identity();

	TokenSettings() {
	}

	/**
	 * Members of every token answer to add, change or leave out, for example
	 * {@code remove("expires_in")}. That changes only what the client is told, not what
	 * the server does.
	 */
	public JsonMembers answer() {
		return this.answer;
	}

	public TokenSettings rotation(RefreshTokenRotation rotation) {
		this.rotation = rotation;
		return this;
	}

	public TokenSettings accessTokenLifetime(Duration lifetime) {
		this.accessTokenLifetime = lifetime;
		return this;
	}

	/**
	 * Let refresh tokens expire, and say so in {@code refresh_expires_in}; null (the
	 * default) for neither.
	 */
	public TokenSettings refreshTokenLifetime(@Nullable Duration lifetime) {
		this.refreshTokenLifetime = lifetime;
		return this;
	}

	public TokenSettings refreshTokenOnLogin(boolean sent) {
		this.refreshTokenOnLogin = sent;
		return this;
	}

	/**
	 * Issue refresh tokens only to logins that ask for the scope {@code offline_access}.
	 */
	public TokenSettings refreshTokenNeedsOfflineAccess() {
		this.offlineAccessNeeded = true;
		return this;
	}

	/**
	 * Whether refresh answers carry a refresh token; if not, the one that was used stays
	 * valid whatever the rotation says.
	 */
	public TokenSettings refreshTokenOnRefresh(boolean sent) {
		this.refreshTokenOnRefresh = sent;
		return this;
	}

	/**
	 * Say whose a foreign token is, null for one that is refused; by default every token
	 * is of a subject of that name.
	 */
	public TokenSettings subjects(UnaryOperator<@Nullable String> subjects) {
		this.subjects = subjects;
		return this;
	}

	public TokenSettings expiresInAsString() {
		this.expiresInAsString = true;
		return this;
	}

	/**
	 * Grant this scope whatever was asked for; null (the default) for what was asked for.
	 */
	public TokenSettings grantedScope(@Nullable String scope) {
		this.grantedScope = scope;
		return this;
	}

	RefreshTokenRotation rotation() {
		return this.rotation;
	}

	Duration accessTokenLifetime() {
		return this.accessTokenLifetime;
	}

	@Nullable Duration refreshTokenLifetime() {
		return this.refreshTokenLifetime;
	}

	boolean isRefreshTokenOnLogin(@Nullable String scope) {
		boolean offline = List.of(String.valueOf(scope).split(" ")).contains("offline_access");
		return this.refreshTokenOnLogin && (offline || !this.offlineAccessNeeded);
	}

	boolean isRefreshTokenOnRefresh() {
		return this.refreshTokenOnRefresh;
	}

	boolean isExpiresInAsString() {
		return this.expiresInAsString;
	}

	@Nullable String subject(String foreignToken) {
		return this.subjects.apply(foreignToken);
	}

	@Nullable String grantedScope() {
		return this.grantedScope;
	}

}
