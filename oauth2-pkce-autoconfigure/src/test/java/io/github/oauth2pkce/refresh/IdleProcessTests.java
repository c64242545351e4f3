package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.refresh.RefreshWorld.Node;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.SharedStores;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.TestLogins;

import static org.assertj.core.api.Assertions.assertThat;

/** What a process knows that nobody asks for a token. */
@Timeout(60)
class IdleProcessTests {

	/** What the public contract promises, without the seconds for the reading itself. */
	private static final Duration PROMISED = Duration.ofSeconds(32);

	private static final Duration TICK = Duration.ofSeconds(2);

	private final RefreshWorld world = new RefreshWorld();

	private final AtomicInteger reads = new AtomicInteger();

	@AfterEach
	void close() {
		this.world.close();
	}

	/** Time passes as it does for the watch: in steps. */
	private void pass(Duration duration, Node... nodes) {
		for (Duration passed = Duration.ZERO; passed.compareTo(duration) < 0; passed = passed.plus(TICK)) {
			this.world.clock.advance(TICK);
			for (Node node : nodes) {
				node.credentials.lookWhenIdle();
				this.world.awaitWorkers();
			}
		}
	}

	@Test
	void learnsOfALoginElsewhere() {
		Node idle = this.world.start();
		idle.credentials.load(RefreshWorld.ID);
		assertThat(idle.state()).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
		Node other = this.world.start().login();
		pass(PROMISED, idle);
		assertThat(idle.state()).isEqualTo(AuthorizationState.AUTHORIZED);
		assertThat(idle.status().expiresAt()).isEqualTo(other.status().expiresAt());
		assertThat(this.world.tokenRequests()).as("asks no server").isEqualTo(1);
	}

	@Test
	void learnsOfARefreshElsewhere() {
		Node idle = this.world.startExpired();
		Node other = this.world.start();
		other.token();
		pass(PROMISED, idle);
		assertThat(idle.status().expiresAt()).isEqualTo(other.status().expiresAt());
		assertThat(idle.status().lastRefreshAt()).isEqualTo(other.status().lastRefreshAt());
		assertThat(idle.outcomes()).as("nothing was refreshed here").isEmpty();
	}

	@Test
	void learnsOfALogoutElsewhere() {
		Node idle = this.world.start().login();
		assertThat(this.world.start().credentials.forget(RefreshWorld.ID, (credential) -> {
		})).isTrue();
		pass(PROMISED, idle);
		assertThat(idle.state()).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
		assertThat(idle.skip()).isEqualTo(SkipReason.NO_TOKEN);
	}

	@Test
	void whatWentWrongHereIsOverAfterALoginElsewhere() {
		Node idle = this.world.startExpired();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.error(400, "invalid_grant", null));
		assertThat(idle.skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		this.world.start().login();
		pass(PROMISED, idle);
		assertThat(idle.state()).isEqualTo(AuthorizationState.AUTHORIZED);
		assertThat(idle.status().lastError()).isNull();
		assertThat(idle.status().lastOutcome()).isNull();
	}

	@Test
	void learnsThatALoginWasRejectedElsewhere() {
		Node idle = this.world.startExpired();
		Node other = this.world.start();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.error(400, "invalid_grant", null));
		other.current();
		pass(PROMISED, idle);
		assertThat(idle.state()).isEqualTo(AuthorizationState.REAUTHENTICATION_REQUIRED);
		assertThat(idle.status().lastError()).isEqualTo("invalid_grant");
	}

	@Test
	void learnsOfTheLogoutOfAUserWhoWasHere() {
		CredentialId alice = new CredentialId("demo", "alice");
		Node idle = this.world.start();
		idle.credentials.loggedIn(alice, this.world.server.uri(Endpoint.TOKEN),
				TestLogins.device(this.world.server, this.world.provider));
		this.world.start().credentials.forget(alice, (credential) -> {
		});
		pass(PROMISED, idle);
		assertThat(idle.credentials.status(alice).state()).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
	}

	@ParameterizedTest
	@EnumSource
	void learnsOfALoginAndALogoutOverEachStore(SharedStoreRefreshTests.Server server) {
		SharedStores stores = server.stores();
		Node idle = this.world.start(stores.open(), this.world.provider);
		Node other = this.world.start(stores.open(), this.world.provider);
		idle.credentials.load(RefreshWorld.ID);
		other.login();
		pass(PROMISED, idle);
		assertThat(idle.state()).isEqualTo(AuthorizationState.AUTHORIZED);
		other.credentials.forget(RefreshWorld.ID, (credential) -> {
		});
		pass(PROMISED, idle);
		assertThat(idle.state()).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
	}

	// No extra load.

	@Test
	void readsNoMoreThanTwiceAMinute() {
		this.world.store.onLoad = this.reads::incrementAndGet;
		Node idle = this.world.start();
		pass(Duration.ofMinutes(10), idle);
		assertThat(this.reads.get()).isBetween(15, 25);
	}

	@Test
	void usersWhoCameTogetherAreNotReadTogether() {
		Node idle = this.world.start();
		for (int i = 0; i < 100; i++) {
			idle.credentials.load(new CredentialId("demo", "user" + i));
		}
		this.world.store.onLoad = this.reads::incrementAndGet;
		this.world.clock.advance(Duration.ofMinutes(1));
		pass(TICK, idle);
		assertThat(this.reads.get()).isLessThanOrEqualTo(41);
		pass(TICK.multipliedBy(2), idle);
		assertThat(this.reads.get()).as("each had a turn").isEqualTo(101);
	}

	@Test
	void doesNotReadWhatWasReadAMomentAgo() {
		Node busy = this.world.start().login();
		this.world.store.onLoad = this.reads::incrementAndGet;
		for (int i = 0; i < 30; i++) {
			busy.credentials.load(RefreshWorld.ID);
			pass(Duration.ofSeconds(20), busy);
		}
		assertThat(this.reads).hasValue(30);
	}

	@Test
	void storeThatIsDownIsAskedSeldomerAndToldOfOnce() {
		Node idle = this.world.start();
		idle.credentials.load(RefreshWorld.ID);
		this.world.store.onLoad = () -> {
			this.reads.incrementAndGet();
			throw new TokenStoreException("down", null);
		};
		pass(Duration.ofMinutes(20), idle);
		assertThat(idle.state()).isEqualTo(AuthorizationState.UNKNOWN);
		assertThat(this.reads.get()).isBetween(9, 15);
		assertThat(idle.storeFailures()).containsExactly("load");
		this.world.store.onLoad = () -> {
		};
		pass(Duration.ofMinutes(2), idle);
		assertThat(idle.state()).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
	}

	@Test
	void tokenThatWorksIsNotLostWithTheStore() {
		Node idle = this.world.start().login();
		String token = idle.token();
		this.world.store.onLoad = () -> {
			throw new TokenStoreException("down", null);
		};
		pass(Duration.ofMinutes(2), idle);
		assertThat(idle.token()).isEqualTo(token);
		assertThat(idle.state()).isEqualTo(AuthorizationState.AUTHORIZED);
	}

}
