package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Endpoints;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.DiscoveryException;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.MovableClock;
import io.github.oauth2pkce.testing.TestCredentials;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.TokenEndpoint;

import static io.github.oauth2pkce.discovery.Endpoint.TOKEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** The wall clock jumps, while true time goes on as it does. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ClockJumpTests {

	private static final CredentialId ID = CredentialId.ofApplication("demo");

	/** The server's time, and the time by which things really end. */
	private final MovableClock time = new MovableClock(TestCredentials.NOW);

	private final MovableClock wall = new MovableClock(TestCredentials.NOW);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start("", this.time);

	private final Provider provider = TestProviders.device(this.server).build();

	private final ExecutorService workers = Executors.newCachedThreadPool();

	private final AuthorizationServerClient client = TestLogins.client(Duration.ofSeconds(10));

	private final Discovery discovery = new Discovery(this.client, this.time);

	private final AtomicInteger wallReadings = new AtomicInteger();

	private final Credentials credentials = credentials();

	private Credentials credentials() {
		return Credentials
			.builder(new Providers(List.of(this.provider)), new TokenEndpoint(this.client), this.discovery)
			.clocks(this::readWall, this.time)
			.executor(this.workers)
			.build();
	}

	private Instant readWall() {
		this.wallReadings.incrementAndGet();
		return this.wall.instant();
	}

	@AfterEach
	void close() {
		this.server.close();
		this.workers.shutdownNow();
	}

	/** Nor does a machine that sleeps: both look alike from inside. */
	@Test
	void jumpAheadCostsOneRefreshAtMost() throws Exception {
		String token = logIn();
		jump(Duration.ofHours(1));
		String refreshed = token();
		assertThat(refreshed).isNotEqualTo(token);
		jump(Duration.ofSeconds(2));
		assertThat(token()).isEqualTo(refreshed);
		assertThat(this.credentials.status(ID).state()).isEqualTo(AuthorizationState.AUTHORIZED);
		assertThat(this.server.refreshRequests()).isOne();
	}

	@Test
	void jumpAheadLosesNoToken() throws Exception {
		String token = logIn();
		this.server.answerAlways(Endpoint.TOKEN, Answer.status(503));
		jump(Duration.ofHours(1));
		assertThat(token()).isEqualTo(token);
		assertThat(token()).isEqualTo(token);
		assertThat(this.credentials.status(ID).state()).isEqualTo(AuthorizationState.AUTHORIZED);
		assertThat(this.server.refreshRequests()).isOne();
	}

	/** Each call reads one clock, the steady one. */
	@Test
	void wallClockIsLookedAtOnceASecondHoweverManyAsk() throws Exception {
		logIn();
		jump(Duration.ofSeconds(1));
		token();
		int readings = this.wallReadings.get();
		for (int i = 0; i < 1000; i++) {
			token();
		}
		assertThat(this.wallReadings).hasValue(readings);
		jump(Duration.ofSeconds(1));
		token();
		assertThat(this.wallReadings).hasValueGreaterThan(readings);
	}

	/** The wall clock is looked at once a second. */
	private void jump(Duration duration) {
		this.wall.advance(duration);
		this.time.advance(Duration.ofSeconds(1));
	}

	@Test
	void jumpBackBringsNoTokenToLifeAgain() throws Exception {
		String token = logIn();
		this.wall.advance(Duration.ofHours(-1));
		this.time.advance(RefreshWorld.LONG);
		assertThat(token()).isNotEqualTo(token);
		assertThat(this.server.refreshesGranted()).isOne();
	}

	@Test
	void tokenOfAJumpedClockLivesItsLifetime() throws Exception {
		logIn();
		this.wall.advance(Duration.ofHours(-1));
		this.time.advance(RefreshWorld.LONG);
		String token = token();
		this.time.advance(Duration.ofMinutes(1));
		assertThat(token()).isEqualTo(token);
		this.time.advance(RefreshWorld.LONG);
		assertThat(token()).isNotEqualTo(token);
		assertThat(this.server.refreshesGranted()).isEqualTo(2);
	}

	@Test
	void jumpBackProlongsNoBackoff() throws Exception {
		logIn();
		this.time.advance(RefreshWorld.LONG);
		this.server.enqueue(Endpoint.TOKEN, Answer.status(503));
		assertThat(((BearerToken.Skipped) current()).reason()).isEqualTo(SkipReason.REFRESH_FAILED);
		this.wall.advance(Duration.ofHours(-1));
		assertThat(((BearerToken.Skipped) current()).reason()).isEqualTo(SkipReason.REFRESH_BACKOFF);
		// For a person it is as far away as it is, whatever their clock shows.
		assertThat(this.credentials.status(ID).nextAttemptAt()).isBetween(this.wall.instant(),
				this.wall.instant().plusSeconds(2));
		this.time.advance(Duration.ofSeconds(2));
		assertThat(current()).isInstanceOf(BearerToken.Available.class);
	}

	@Test
	void jumpBackProlongsNoFailureOfDiscovery() {
		Provider discovered = TestProviders.device(this.server).endpoints(Endpoints.NONE).build();
		this.server.answerAlways(Endpoint.DISCOVERY, Answer.status(503));
		assertThatExceptionOfType(DiscoveryException.class)
			.isThrownBy(() -> this.discovery.endpoint(discovered, TOKEN));
		this.server.answerAlways(Endpoint.DISCOVERY, Answer.normally());
		this.wall.advance(Duration.ofDays(-1));
		this.time.advance(Duration.ofSeconds(10));
		assertThat(this.discovery.endpoint(discovered, TOKEN)).isEqualTo(this.server.uri(Endpoint.TOKEN));
	}

	private String logIn() throws Exception {
		this.credentials.loggedIn(ID, this.server.uri(Endpoint.TOKEN), TestLogins.device(this.server, this.provider));
		return token();
	}

	private String token() throws Exception {
		return ((BearerToken.Available) current()).accessToken();
	}

	private BearerToken current() throws Exception {
		return this.credentials.current(ID, RefreshTrigger.EXPIRY).get(20, TimeUnit.SECONDS);
	}

}
