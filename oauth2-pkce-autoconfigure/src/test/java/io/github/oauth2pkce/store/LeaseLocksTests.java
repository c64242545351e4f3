package io.github.oauth2pkce.store;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class LeaseLocksTests {

	private static final CredentialId ID = CredentialId.ofApplication("demo");

	private static final Duration LEASE = Duration.ofSeconds(30);

	private final LostAnswers leases = new LostAnswers();

	@Test
	void leaseWhoseAnswerWasLostIsGivenBack() throws Exception {
		try (LeaseLocks locks = new LeaseLocks(this.leases, LEASE, LeaseLocks.LONGEST)) {
			assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> locks.lock(ID, Duration.ZERO))
				.withMessage("lost");
			assertThat(this.leases.released.await(5, TimeUnit.SECONDS)).isTrue();
			assertThat(this.leases.owners).isEmpty();
		}
	}

	@Test
	void failureToGiveItBackHidesNothing() {
		this.leases.gone = true;
		try (LeaseLocks locks = new LeaseLocks(this.leases, LEASE, LeaseLocks.LONGEST)) {
			assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> locks.lock(ID, Duration.ZERO))
				.withMessage("lost");
		}
	}

	@Test
	void closedLocksSayWhatFailed() {
		LeaseLocks locks = new LeaseLocks(this.leases, LEASE, LeaseLocks.LONGEST);
		locks.close();
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> locks.lock(ID, Duration.ZERO))
			.withMessage("lost");
	}

	@Test
	void renewalsEndAndTheHolderLearnsIt() throws Exception {
		CountingLeases counting = new CountingLeases();
		try (LeaseLocks locks = new LeaseLocks(counting, Duration.ofMillis(30), Duration.ofMillis(200));
				TokenStore.Lock lock = locks.lock(ID, Duration.ZERO)) {
			assertThat(lock.isHeld()).isTrue();
			assertThat(counting.renewed.await(20, TimeUnit.SECONDS)).as("renewed").isTrue();
			Awaitility.await().alias("not even when nobody else has it").until(() -> !lock.isHeld());
			int renewals = counting.renewals.get();
			assertThat(lock.isHeld()).isFalse();
			assertThat(counting.renewals).hasValue(renewals);
		}
		assertThat(counting.released).isTrue();
	}

	/** Has one lease, whose holder is never lost. */
	private static final class CountingLeases implements Leases {

		final CountDownLatch renewed = new CountDownLatch(3);

		final AtomicInteger renewals = new AtomicInteger();

		volatile boolean released;

		@Override
		public boolean acquire(String key, String owner, Duration lease) {
			return true;
		}

		@Override
		public boolean renew(String key, String owner, Duration lease) {
			this.renewals.incrementAndGet();
			this.renewed.countDown();
			return true;
		}

		@Override
		public void release(String key, String owner) {
			this.released = true;
		}

	}

	/** Takes what it is asked for, and fails all the same. */
	private static final class LostAnswers implements Leases {

		final Map<String, String> owners = new ConcurrentHashMap<>();

		final CountDownLatch released = new CountDownLatch(1);

		volatile boolean gone;

		@Override
		public boolean acquire(String key, String owner, Duration lease) {
			this.owners.putIfAbsent(key, owner);
			throw new TokenStoreException("lost", null);
		}

		@Override
		public boolean renew(String key, String owner, Duration lease) {
			return owner.equals(this.owners.get(key));
		}

		@Override
		public void release(String key, String owner) {
			if (this.gone) {
				throw new TokenStoreException("gone", null);
			}
			this.owners.remove(key, owner);
			this.released.countDown();
		}

	}

}
