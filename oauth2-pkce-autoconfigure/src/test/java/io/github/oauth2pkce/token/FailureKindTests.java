package io.github.oauth2pkce.token;

import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class FailureKindTests {

	private static final Set<String> INVALID_GRANT = Set.of("invalid_grant");

	@ParameterizedTest
	@CsvSource(nullValues = "-", textBlock = """
			200, invalid_grant,           REJECTED
			400, invalid_grant,           REJECTED
			401, invalid_grant,           REJECTED
			403, invalid_grant,           REJECTED
			400, access_denied,           UNCLEAR
			403, access_denied,           UNCLEAR
			400, invalid_client,          MISCONFIGURED
			401, invalid_client,          MISCONFIGURED
			400, unauthorized_client,     MISCONFIGURED
			400, unsupported_grant_type,  UNCLEAR
			400, invalid_scope,           UNCLEAR
			400, expired_token,           UNCLEAR
			400, INVALID_GRANT,           UNCLEAR
			400, authorization_pending,   TRANSIENT
			428, authorization_pending,   TRANSIENT
			400, slow_down,               TRANSIENT
			400, temporarily_unavailable, TRANSIENT
			400, server_error,            TRANSIENT
			408, invalid_grant,           TRANSIENT
			425, invalid_grant,           TRANSIENT
			429, invalid_grant,           TRANSIENT
			500, invalid_grant,           TRANSIENT
			502, invalid_client,          TRANSIENT
			503, -,                       TRANSIENT
			599, -,                       TRANSIENT
			200, -,                       TRANSIENT
			302, -,                       TRANSIENT
			400, -,                       UNCLEAR
			401, -,                       UNCLEAR
			403, -,                       UNCLEAR
			404, -,                       TRANSIENT
			404, Realm does not exist,    MISCONFIGURED
			405, -,                       MISCONFIGURED
			415, -,                       MISCONFIGURED
			403, unauthorized_client,     MISCONFIGURED
			400, invalid_request,         UNCLEAR
			401, invalid_token,           UNCLEAR
			401, Unauthorized,            UNCLEAR
			403, forbidden,               UNCLEAR
			200, bad_refresh_token,       UNCLEAR
			""")
	void statusAndErrorDecide(int status, String error, FailureKind kind) {
		assertThat(FailureKind.of(status, error, INVALID_GRANT)).isEqualTo(kind);
	}

	@Test
	void configuredCodesReplaceTheUsualOne() {
		assertThat(FailureKind.of(400, "token_dead", Set.of("token_dead"))).isEqualTo(FailureKind.REJECTED);
		assertThat(FailureKind.of(400, "invalid_grant", Set.of("token_dead"))).isEqualTo(FailureKind.UNCLEAR);
	}

	/** Glewlwyd says it with an empty body. */
	@ParameterizedTest
	@CsvSource({ "400, REJECTED", "404, REJECTED", "401, UNCLEAR", "429, TRANSIENT", "503, TRANSIENT" })
	void statusCanBeTheCode(int status, FailureKind kind) {
		Set<String> rejected = Set.of("http_400", "http_404", "http_429", "http_503");
		assertThat(FailureKind.of(status, null, rejected)).isEqualTo(kind);
	}

	@Test
	void statusIsNoCodeWhereTheServerHasOne() {
		assertThat(FailureKind.of(400, "invalid_scope", Set.of("http_400"))).isEqualTo(FailureKind.UNCLEAR);
	}

}
