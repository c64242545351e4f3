package io.github.oauth2pkce.token;

import java.net.URI;
import java.time.Duration;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.TestLogins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Where a token may be revoked; what comes of it is told by the tests of logout. */
class RevocationEndpointTests {

	private static final Provider PROVIDER = Provider.withId("demo", "cli").build();

	@ParameterizedTest
	@ValueSource(strings = { "http://login.example.com/revoke", "http://127.0.0.1.example.com/revoke" })
	void sendsNoTokenOverPlainHttpToAnotherMachine(String uri) {
		RevocationEndpoint endpoint = new RevocationEndpoint(new AuthorizationServerClient((provider) -> {
			throw new AssertionError("A request was made");
		}, Duration.ofSeconds(1)));
		assertThatExceptionOfType(AuthorizationServerUnreachableException.class)
			.isThrownBy(() -> endpoint.revoke(PROVIDER, URI.create(uri), "rt-1234567890", "refresh_token"))
			.withMessageContaining("plain http")
			.withMessageNotContaining("rt-1234567890");
	}

	/** Section 2.2: an unknown token is as good as revoked, however a server says so. */
	@ParameterizedTest
	@CsvSource({ "200, {}, true", "200, {\"error\":\"invalid_token\"}, true",
			"200, {\"error\":\"invalid_client\"}, false", "400, {\"error\":\"unsupported_token_type\"}, false" })
	void tokenThatTheServerDoesNotKnowIsRevoked(int status, String body, boolean revoked) {
		try (FakeAuthorizationServer server = FakeAuthorizationServer.start()) {
			server.enqueue(Endpoint.REVOCATION, Answer.json(status, body));
			RevocationEndpoint endpoint = new RevocationEndpoint(TestLogins.client(Duration.ofSeconds(10)));
			ThrowingCallable revoke = () -> endpoint.revoke(PROVIDER, server.uri(Endpoint.REVOCATION), "unknown",
					"refresh_token");
			if (revoked) {
				assertThatCode(revoke).doesNotThrowAnyException();
			}
			else {
				assertThatExceptionOfType(TokenRequestException.class).isThrownBy(revoke);
			}
		}
	}

	/** Section 2.2.1: 503 means that the token still exists. */
	@Test
	void tellsThatTheTokenStillExists() {
		try (FakeAuthorizationServer server = FakeAuthorizationServer.start()) {
			server.enqueue(Endpoint.REVOCATION, Answer.status(503).withHeader("Retry-After", "60"));
			RevocationEndpoint endpoint = new RevocationEndpoint(TestLogins.client(Duration.ofSeconds(10)));
			assertThatExceptionOfType(TokenRequestException.class)
				.isThrownBy(() -> endpoint.revoke(PROVIDER, server.uri(Endpoint.REVOCATION), "rt", "refresh_token"))
				.satisfies((failure) -> {
					assertThat(failure.kind()).isEqualTo(FailureKind.TRANSIENT);
					assertThat(failure.retryAfter()).isEqualTo(Duration.ofMinutes(1));
				});
		}
	}

}
