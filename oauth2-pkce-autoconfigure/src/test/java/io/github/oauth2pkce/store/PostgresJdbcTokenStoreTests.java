package io.github.oauth2pkce.store;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.testing.TestCredentials;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class PostgresJdbcTokenStoreTests extends JdbcTokenStoreTests {

	PostgresJdbcTokenStoreTests() {
		super(SharedStores.postgres());
	}

	@Test
	void replicaIsNotWritable() {
		SharedStores replica = SharedStores
			.of(SharedStores.postgres().url() + "&options=-c%20default_transaction_read_only=on");
		try (JdbcTokenStore store = (JdbcTokenStore) replica.open(SharedStores.cipher(), Duration.ofSeconds(5))) {
			assertThatExceptionOfType(TokenStoreException.class).isThrownBy(store::checkWritable)
				.withMessageContaining("cannot execute UPDATE in a read-only transaction")
				.withMessageContaining("connect to the server that takes writes");
			assertThatExceptionOfType(TokenStoreException.class)
				.isThrownBy(() -> store.save(TestCredentials.credential().build(), Credential.NONE));
		}
	}

}
