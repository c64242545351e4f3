package io.github.oauth2pkce.store;

import org.junit.jupiter.api.Assumptions;

class H2JdbcTokenStoreTests extends JdbcTokenStoreTests {

	H2JdbcTokenStoreTests() {
		super(SharedStores.h2());
	}

	@Override
	String lockHolderUrl() {
		return Assumptions.abort("a database in memory has no other process");
	}

}
