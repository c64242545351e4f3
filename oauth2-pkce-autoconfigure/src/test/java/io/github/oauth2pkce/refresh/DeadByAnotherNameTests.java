package io.github.oauth2pkce.refresh;

import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.refresh.RefreshWorld.Node;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;

import static org.assertj.core.api.Assertions.assertThat;

/** Servers that do not say {@code invalid_grant} of a refresh token that is dead. */
@Timeout(60)
class DeadByAnotherNameTests {

	private final RefreshWorld world = new RefreshWorld();

	@AfterEach
	void close() {
		this.world.close();
	}

	@ParameterizedTest
	@EnumSource
	void thirdRefusalInARowCountsAsARejection(Dialect dialect) {
		Node node = this.world.startExpired();
		this.world.server.answerAlways(Endpoint.TOKEN, dialect.answer);
		int before = this.world.tokenRequests();
		for (int refusal = 1; refusal <= 2; refusal++) {
			assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_FAILED);
			assertThat(node.state()).isEqualTo(AuthorizationState.AUTHORIZED);
			assertThat(node.status().lastError()).isEqualTo(dialect.code);
			assertThat(node.status().failuresInARow()).isEqualTo(refusal);
			this.world.clock.advance(Duration.ofSeconds(5));
		}
		assertThat(node.skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		assertThat(node.status().lastError()).isEqualTo(dialect.code);
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.TRANSIENT, RefreshOutcome.TRANSIENT,
				RefreshOutcome.REJECTED);
		for (int call = 0; call < 100; call++) {
			this.world.clock.advance(Duration.ofMinutes(5));
			assertThat(node.skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
			assertThat(this.world.start().skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		}
		assertThat(this.world.tokenRequests() - before).isEqualTo(3);
	}

	@Test
	void refusalsThatAreNotInARowCostNoLogin() {
		Node node = this.world.startExpired();
		for (int round = 0; round < 5; round++) {
			this.world.server.enqueue(Endpoint.TOKEN, Dialect.EMPTY.answer, Dialect.EMPTY.answer, Answer.status(503));
			for (int refusal = 0; refusal < 3; refusal++) {
				assertThat(node.current()).isInstanceOf(BearerToken.Skipped.class);
				this.world.clock.advance(Duration.ofMinutes(1));
			}
		}
		assertThat(node.token()).isNotBlank();
	}

	@Test
	void clientThatTheServerDoesNotKnowIsRefusedForAsLongAsItTakes() {
		Node node = this.world.startExpired();
		this.world.server.answerAlways(Endpoint.TOKEN, Answer.error(401, "invalid_client", "who?"));
		for (int refusal = 0; refusal < 5; refusal++) {
			assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_FAILED);
			assertThat(node.state()).isEqualTo(AuthorizationState.AUTHORIZED);
			this.world.clock.advance(Duration.ofMinutes(1));
		}
		assertThat(node.outcomes()).hasSize(5).containsOnly(RefreshOutcome.REFUSED);
		assertThat(node.status().failuresInARow()).isEqualTo(5);
		this.world.server.answerAlways(Endpoint.TOKEN, Answer.normally());
		assertThat(node.token()).isNotBlank();
		assertThat(node.status().failuresInARow()).isZero();
	}

	@Test
	void newLoginStartsToCountAnew() {
		Node node = this.world.startExpired();
		this.world.server.enqueue(Endpoint.TOKEN, Dialect.EMPTY.answer, Dialect.EMPTY.answer);
		node.skip();
		this.world.clock.advance(Duration.ofMinutes(1));
		node.skip();
		node.login();
		this.world.clock.advance(RefreshWorld.LONG);
		this.world.server.enqueue(Endpoint.TOKEN, Dialect.EMPTY.answer);
		assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_FAILED);
		this.world.clock.advance(Duration.ofMinutes(1));
		assertThat(node.token()).isNotBlank();
	}

	/** As four servers put it, of six that were tried. */
	enum Dialect {

		/** Glewlwyd. */
		EMPTY(Answer.json(400, ""), "http_400"),

		/** MITREid Connect. */
		INVALID_TOKEN(Answer.error(401, "invalid_token", "Invalid refresh token"), "invalid_token"),

		/** LemonLDAP::NG. */
		INVALID_REQUEST(Answer.error(400, "invalid_request", null), "invalid_request"),

		/** Apereo CAS. */
		UNAUTHORIZED(Answer.json(401, "{\"status\":401,\"error\":\"Unauthorized\",\"path\":\"/token\"}"),
				"Unauthorized"),

		FORBIDDEN(Answer.text(403, "text/html", "<html>Forbidden</html>"), "http_403");

		private final Answer answer;

		private final String code;

		Dialect(Answer answer, String code) {
			this.answer = answer;
			this.code = code;
		}

	}

}
