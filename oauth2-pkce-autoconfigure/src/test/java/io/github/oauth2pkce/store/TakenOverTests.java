package io.github.oauth2pkce.store;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.testing.TestCredentials;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Timeout(60)
class TakenOverTests {

	private static final CredentialId ID = CredentialId.ofApplication("demo");

	/** A node of an earlier version may be spending its refresh token. */
	@Test
	void recordIsNotRefreshedWhileNobodyKnowsWhetherItIsFree() {
		try (TakenOver takenOver = new TakenOver(SharedStores.NAMESPACE, new OneRecord(),
				new LeaseLocks(new FailingLeases(), SharedStores.LEASE, LeaseLocks.LONGEST))) {
			assertThatExceptionOfType(TokenStoreException.class)
				.isThrownBy(() -> takenOver.takeWhenFree(ID, Duration.ZERO));
		}
	}

	/** What a version without namespaces has left. */
	private static final class OneRecord implements TakenOver.Before {

		@Override
		public Credential find(CredentialId id) {
			return TestCredentials.credential().id(id).build();
		}

		@Override
		public void move(Credential found) {
			throw new AssertionError("It is not free");
		}

		@Override
		public boolean remove(Credential found) {
			return false;
		}

	}

	/** Leases of a store that is down. */
	private static final class FailingLeases implements Leases {

		@Override
		public boolean acquire(String key, String owner, Duration lease) {
			throw new TokenStoreException("down", null);
		}

		@Override
		public boolean renew(String key, String owner, Duration lease) {
			throw new TokenStoreException("down", null);
		}

		@Override
		public void release(String key, String owner) {
		}

	}

}
