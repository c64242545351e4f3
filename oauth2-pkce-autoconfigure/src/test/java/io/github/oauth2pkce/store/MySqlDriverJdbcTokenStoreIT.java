package io.github.oauth2pkce.store;

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

}
