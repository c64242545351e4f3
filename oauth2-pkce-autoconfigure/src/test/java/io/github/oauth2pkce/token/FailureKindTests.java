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
			400, access_denied,           DENIED
			403, access_denied,           DENIED
			400, invalid_client,          MISCONFIGURED
			401, invalid_client,          MISCONFIGURED
			400, unauthorized_client,     MISCONFIGURED
			400, unsupported_grant_type,  MISCONFIGURED
			400, invalid_scope,           MISCONFIGURED
			400, expired_token,           MISCONFIGURED
			400, INVALID_GRANT,           MISCONFIGURED
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
			400, -,                       TRANSIENT
			401, -,                       TRANSIENT
			403, -,                       TRANSIENT
			404, -,                       TRANSIENT
			""")
	void statusAndErrorDecide(int status, String error, FailureKind kind) {
		assertThat(FailureKind.of(status, error, INVALID_GRANT)).isEqualTo(kind);
	}

	@Test
	void configuredCodesReplaceTheUsualOne() {
		assertThat(FailureKind.of(400, "token_dead", Set.of("token_dead"))).isEqualTo(FailureKind.REJECTED);
		assertThat(FailureKind.of(400, "invalid_grant", Set.of("token_dead"))).isEqualTo(FailureKind.MISCONFIGURED);
	}

}
