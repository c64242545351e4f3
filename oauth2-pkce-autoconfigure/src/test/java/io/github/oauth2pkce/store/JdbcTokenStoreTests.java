package io.github.oauth2pkce.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

import javax.sql.DataSource;

import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.testing.TestCredentials;

import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What is particular about a database. */
abstract class JdbcTokenStoreTests extends SharedTokenStoreContractTests {

	private static final CredentialId LONG = new CredentialId("demo", "\uD83D\uDE00".repeat(500) + '\0');

	private final SharedStores.Jdbc database;

	JdbcTokenStoreTests(SharedStores stores) {
		super(stores);
		this.database = (SharedStores.Jdbc) stores;
	}

	@Override
	Leases leases() {
		return new JdbcLeases(new ShortTransactions(this.database.dataSource()));
	}

	private JdbcTokenStore open(DataSource dataSource) {
		return new JdbcTokenStore(dataSource, SharedStores.cipher(), SharedStores.LEASE);
	}

	/** A statement that moves a session there. */
	String timeZoneOfIndia() {
		return "set time zone 'Asia/Kolkata'";
	}

	@Test
	void callersRollbackUndoesNothing() {
		Credential credential = TestCredentials.credential().build();
		DataSource shared = this.database.dataSource();
		try (JdbcTokenStore store = open(shared)) {
			new TransactionTemplate(new JdbcTransactionManager(shared)).executeWithoutResult((status) -> {
				assertThat(store.save(credential, Credential.NONE)).isTrue();
				// Others see it before the caller has ended.
				assertThat(storeOfAnotherProcess().load(ID)).isEqualTo(credential);
				status.setRollbackOnly();
			});
		}
		assertThat(store().load(ID)).isEqualTo(credential);
	}

	@Test
	void savesWhereNothingIsCommittedByItself() {
		DataSource pool = new SessionDataSource(this.database.dataSource(), null);
		try (JdbcTokenStore store = open(pool)) {
			Credential credential = TestCredentials.credential().build();
			assertThat(store.save(credential, Credential.NONE)).isTrue();
			assertThat(store().load(ID)).isEqualTo(credential);
			try (TokenStore.Lock lock = store.lock(ID, Duration.ofSeconds(5))) {
				assertThat(lock.isHeld()).isTrue();
				assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(() -> store().lock(ID, Duration.ZERO));
			}
		}
	}

	@Test
	void sessionsInOtherTimeZonesAgree() {
		DataSource elsewhere = new SessionDataSource(this.database.dataSource(), timeZoneOfIndia());
		try (JdbcTokenStore store = open(elsewhere)) {
			assertThat(store.save(TestCredentials.credential().build(), Credential.NONE)).isTrue();
			assertThat(this.database.jdbc()
				.sql("select cast(expires_at as char(16)) from oauth2_pkce_credential")
				.query(String.class)
				.single()).isEqualTo("2026-11-01 12:05");
			try (TokenStore.Lock lock = store.lock(ID, Duration.ofSeconds(5))) {
				assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(() -> store().lock(ID, Duration.ZERO));
			}
			try (TokenStore.Lock lock = store().lock(ID, Duration.ofSeconds(5))) {
				assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(() -> store.lock(ID, Duration.ZERO));
			}
		}
	}

	@Test
	void namesForOperatorsAreShortened() {
		assertThat(store().save(TestCredentials.credential().id(LONG).build(), Credential.NONE)).isTrue();
		assertThat(this.database.jdbc()
			.sql("select principal_name from oauth2_pkce_credential")
			.query(String.class)
			.single()).isEqualTo("\uD83D\uDE00".repeat(100));
		assertThat(store().load(LONG)).isNotNull();
	}

	@Test
	void locksLeaveNothingBehind() {
		store().lock(ID, Duration.ofSeconds(5)).close();
		assertThat(this.database.jdbc().sql("select count(*) from oauth2_pkce_lock").query(Integer.class).single())
			.isZero();
	}

	@Test
	void missingTableIsNotWritable() {
		this.database.jdbc().sql("alter table oauth2_pkce_credential rename to elsewhere").update();
		try {
			assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> store().checkWritable())
				.withMessageContaining("database");
			assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> store().load(ID));
		}
		finally {
			this.database.jdbc().sql("alter table elsewhere rename to oauth2_pkce_credential").update();
		}
	}

	@Test
	void saysSoWhenTheDatabaseCannotBeUsed() {
		try (JdbcTokenStore store = open(new DriverManagerDataSource("jdbc:postgresql://127.0.0.1:1/none"))) {
			assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> store.load(ID))
				.withMessageContaining("database");
			assertThatExceptionOfType(TokenStoreException.class)
				.isThrownBy(() -> store.lock(ID, Duration.ofSeconds(1)));
			assertThatExceptionOfType(TokenStoreException.class)
				.isThrownBy(() -> store.save(TestCredentials.credential().build(), Credential.NONE));
		}
	}

	/** A pool without auto-commit, whose connections begin with a statement. */
	static final class SessionDataSource extends DelegatingDataSource {

		private final String statement;

		SessionDataSource(DataSource target, String statement) {
			super(target);
			this.statement = statement;
		}

		@Override
		public Connection getConnection() throws SQLException {
			Connection connection = super.getConnection();
			if (this.statement != null) {
				try (Statement statement = connection.createStatement()) {
					statement.execute(this.statement);
				}
			}
			connection.setAutoCommit(false);
			return connection;
		}

	}

}
