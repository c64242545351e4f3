package io.github.oauth2pkce.store;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * MySQL's driver and script, over MariaDB: no repository has binaries of MySQL itself.
 */
class MySqlDriverJdbcTokenStoreIT extends JdbcTokenStoreTests {

	MySqlDriverJdbcTokenStoreIT() {
		super(SharedStores.mysql());
	}

	@Override
	String timeZoneOfIndia() {
		return "set time_zone = '+05:30'";
	}

	/** Then an update that changes nothing counts nothing. */
	@Test
	void leaseThatIsRenewedTwiceAtOnceIsStillHeldWhereOnlyChangesCount() {
		SharedStores counting = SharedStores.of(SharedStores.mysql().url() + "&useAffectedRows=true");
		try (JdbcTokenStore store = (JdbcTokenStore) counting.open(SharedStores.cipher(), SharedStores.LEASE);
				TokenStore.Lock lock = store.lock(ID, Duration.ofSeconds(5))) {
			for (int i = 0; i < 500; i++) {
				assertThat(lock.isHeld()).isTrue();
			}
		}
	}

}
