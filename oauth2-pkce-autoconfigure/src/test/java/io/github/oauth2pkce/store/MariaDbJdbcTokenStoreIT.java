package io.github.oauth2pkce.store;

/** MariaDB's own driver and script. */
class MariaDbJdbcTokenStoreIT extends JdbcTokenStoreTests {

	MariaDbJdbcTokenStoreIT() {
		super(SharedStores.mariadb());
	}

	@Override
	String timeZoneOfIndia() {
		return "set time_zone = '+05:30'";
	}

}
