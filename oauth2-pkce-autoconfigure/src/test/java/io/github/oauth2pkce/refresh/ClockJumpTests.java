package io.github.oauth2pkce.refresh;

import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.refresh.RefreshWorld.Node;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;

import static org.assertj.core.api.Assertions.assertThat;

/** A clock that is an hour ahead for a while, and then set right. */
@Timeout(60)
class ClockJumpTests {

	private static final Duration HOUR = Duration.ofHours(1);

	private final RefreshWorld world = new RefreshWorld();

	@BeforeEach
	void logInForLong() {
		this.world.server.tokens().refreshTokenLifetime(Duration.ofDays(1));
	}

	@AfterEach
	void close() {
		this.world.close();
	}

	@Test
	void newestTokenStaysInUseAndCostsOneRefresh() {
		Node node = this.world.start().login();
		String older = node.token();
		ahead();
		String newer = node.token();
		assertThat(newer).isNotEqualTo(older);
		back();
		assertThat(node.token()).isEqualTo(newer).isEqualTo(this.world.stored().accessToken());
		assertThat(this.world.start().token()).isEqualTo(newer);
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
	}

	@Test
	void tokenThatOnlySeemedToHaveEndedIsNotLost() {
		this.world.server.tokens().refreshTokenOnLogin(false);
		Node node = this.world.start().login();
		String token = node.token();
		ahead();
		assertThat(node.skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		back();
		assertThat(node.token()).isEqualTo(token);
		assertThat(node.state()).isEqualTo(AuthorizationState.AUTHORIZED);
	}

	@Test
	void rejectedRefreshTokenIsNotAskedAgain() {
		Node node = this.world.startExpired();
		this.world.server.endSessions();
		node.skip();
		ahead();
		assertThat(node.skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		back();
		assertThat(node.skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
	}

	@Test
	void failureWhileItWasAheadDoesNotStopRefreshesForAnHour() {
		Node node = this.world.startExpired();
		ahead();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.status(503));
		assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_FAILED);
		back();
		assertThat(node.token()).isEqualTo(this.world.stored().accessToken());
	}

	@Test
	void rejectionWhileItWasAheadDoesNotStopRecoveryForAnHour() {
		Node node = this.world.start().login();
		ahead();
		String second = RefreshWorld.tokenOf(node.afterRejection(node.token()));
		back();
		BearerToken third = node.afterRejection(second);
		assertThat(RefreshWorld.tokenOf(third)).isNotEqualTo(second);
	}

	private void ahead() {
		this.world.clock.advance(HOUR);
	}

	private void back() {
		this.world.clock.advance(HOUR.negated());
	}

}
