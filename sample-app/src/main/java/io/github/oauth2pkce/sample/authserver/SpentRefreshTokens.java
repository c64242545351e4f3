package io.github.oauth2pkce.sample.authserver;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Hashes of the refresh tokens that were used, and the login each belonged to.
 */
final class SpentRefreshTokens {

	private final JdbcOperations jdbc;

	SpentRefreshTokens(JdbcOperations jdbc) {
		this.jdbc = jdbc;
	}

	void add(String refreshToken, String authorizationId) {
		this.jdbc.update("insert into spent_refresh_token (token_hash, authorization_id) values (?, ?)",
				CodeChallenge.s256(refreshToken), authorizationId);
	}

	@Nullable String authorizationOf(String refreshToken) {
		List<String> ids = this.jdbc.queryForList(
				"select authorization_id from spent_refresh_token where token_hash = ?", String.class,
				CodeChallenge.s256(refreshToken));
		return ids.isEmpty() ? null : ids.get(0);
	}

}
