package io.github.oauth2pkce.login;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.login.LoginClaims.Kept;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.HookedTokenStore;
import io.github.oauth2pkce.testing.MovableClock;

import static io.github.oauth2pkce.testing.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

/** Two processes over one store. */
@Timeout(60)
class LoginClaimsTests {

	private static final CredentialId ID = CredentialId.ofApplication("demo");

	/** Is renewed by nobody while a test runs. */
	private static final Duration LONG = Duration.ofHours(1);

	private final MovableClock clock = new MovableClock(Instant.parse("2026-11-01T12:00:00Z"));

	private final MovableClock clockAhead = new MovableClock(Instant.parse("2026-11-02T12:00:00Z"));

	private final MovableClock steadyClock = new MovableClock(Instant.EPOCH);

	private final HookedTokenStore store = new HookedTokenStore();

	private final CountDownLatch hangs = new CountDownLatch(1);

	private final LoginClaims claims = new LoginClaims(this.store, this.clock, this.steadyClock, LONG);

	private final LoginClaims others = new LoginClaims(this.store, this.clockAhead, this.steadyClock, LONG);

	@AfterEach
	void close() {
		this.hangs.countDown();
		this.claims.close();
		this.others.close();
	}

	private static Kept take(LoginClaims claims) {
		return Objects.requireNonNull(claims.take(ID));
	}

	@Test
	void liveClaimIsNotDeadByAClockThatIsAhead() {
		take(this.claims);
		assertThat(this.others.take(ID)).isNull();
		assertThat(this.others.isTaken(ID)).isTrue();
	}

	@Test
	void claimThatStaysTheSameForALeaseIsThatOfADeadProcess() {
		take(this.claims);
		assertThat(this.others.take(ID)).isNull();
		this.steadyClock.advance(LONG);
		assertThat(this.others.isTaken(ID)).isFalse();
		assertThat(this.others.isLeft(ID)).isTrue();
		assertThat(this.others.take(ID)).isNotNull();
		assertThat(this.claims.take(ID)).isNull();
	}

	@Test
	void claimThatIsWrittenAgainIsAlive() {
		take(this.claims);
		assertThat(this.others.isTaken(ID)).isTrue();
		this.steadyClock.advance(LONG.minusSeconds(1));
		take(this.claims);
		this.steadyClock.advance(LONG.minusSeconds(1));
		assertThat(this.others.isTaken(ID)).isTrue();
		this.steadyClock.advance(LONG.minusSeconds(1));
		assertThat(this.others.isTaken(ID)).isTrue();
	}

	@Test
	void claimThatIsGivenBackIsGone() {
		take(this.claims).close();
		this.claims.close();
		assertThat(this.others.isLeft(ID)).isFalse();
		assertThat(this.others.take(ID)).isNotNull();
	}

	@Test
	void closingWaitsForNoRenewalThatHangs() {
		LoginClaims renewed = new LoginClaims(this.store, this.clock, this.steadyClock, Duration.ofMillis(30));
		CountDownLatch hanging = new CountDownLatch(1);
		Kept claim = take(renewed);
		this.store.onSave = () -> {
			hanging.countDown();
			await(this.hangs);
		};
		await(hanging);
		claim.close();
		assertThat(this.others.isLeft(ID)).isTrue();
		this.hangs.countDown();
		// Whatever the renewal has written is removed after it.
		renewed.close();
		assertThat(this.others.isLeft(ID)).isFalse();
	}

	@Test
	void claimThatIsTakenAgainIsNotGivenBackWithTheOneBefore() {
		LoginClaims renewed = new LoginClaims(this.store, this.clock, this.steadyClock, Duration.ofMillis(30));
		CountDownLatch hanging = new CountDownLatch(1);
		Kept first = take(renewed);
		this.store.afterLoad = () -> {
			if (Thread.currentThread().getName().equals("oauth2-login-claims")) {
				hanging.countDown();
				await(this.hangs);
			}
		};
		await(hanging);
		first.close();
		take(renewed);
		this.hangs.countDown();
		renewed.close();
		assertThat(this.others.isLeft(ID)).isTrue();
	}

	@Test
	void storeThatIsDownKeepsNobodyFromLoggingIn() {
		this.store.fail();
		assertThat(this.claims.take(ID)).isNotNull();
		assertThat(this.others.take(ID)).isNotNull();
	}

	@Test
	void claimIsMadeWhenTheStoreIsBack() {
		this.store.fail();
		LoginClaims renewed = new LoginClaims(this.store, this.clock, this.steadyClock, Duration.ofMillis(30));
		take(renewed);
		this.store.heal();
		Awaitility.await().until(() -> this.others.isTaken(ID));
		renewed.close();
	}

}
