package io.github.oauth2pkce.store;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

import javax.sql.DataSource;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
		return new JdbcLeases(new ShortTransactions(this.database.dataSource()), SharedStores.NAMESPACE);
	}

	private JdbcTokenStore open(DataSource dataSource) {
		return new JdbcTokenStore(dataSource, SharedStores.cipher(), SharedStores.NAMESPACE, SharedStores.LEASE,
				LeaseLocks.LONGEST);
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

	@ParameterizedTest
	@ValueSource(strings = { "oauth2_pkce_credential", "oauth2_pkce_lock" })
	void missingTableIsNotWritable(String table) {
		this.database.jdbc().sql("alter table " + table + " rename to elsewhere").update();
		try {
			List<Runnable> uses = List.of(() -> store().checkWritable(),
					table.endsWith("lock") ? () -> store().lock(ID, Duration.ZERO) : () -> store().load(ID));
			for (Runnable use : uses) {
				assertThatExceptionOfType(TokenStoreException.class).isThrownBy(use::run)
					.withMessageStartingWith("The database cannot be used: ")
					.satisfies((ex) -> assertThat(ex.getMessage()).containsIgnoringCase(table).contains("run schema-"));
			}
		}
		finally {
			this.database.jdbc().sql("alter table elsewhere rename to " + table).update();
		}
	}

	@Test
	void tableOfAVersionWithoutNamespacesIsNotWritableUntilTheScriptRunsAgain() {
		this.database.jdbc().sql("alter table oauth2_pkce_credential drop column namespace").update();
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> store().checkWritable())
			.satisfies((ex) -> assertThat(ex.getMessage()).containsIgnoringCase("namespace").contains("run schema-"));
		this.database.script();
		store().checkWritable();
		assertThat(store().save(TestCredentials.credential().build(), Credential.NONE)).isTrue();
		assertThat(
				this.database.jdbc().sql("select namespace from oauth2_pkce_credential").query(String.class).single())
			.isEqualTo(SharedStores.NAMESPACE.name());
	}

	/**
	 * MySQL with {@code useAffectedRows=true}: an update that changes nothing counts
	 * nothing.
	 */
	@Test
	void leaseThatIsRenewedTwiceWithinAMillisecondIsStillHeld() {
		DataSource counting = new UnchangedLeases(this.database.dataSource());
		try (JdbcTokenStore store = open(counting); TokenStore.Lock lock = store.lock(ID, Duration.ofSeconds(5))) {
			assertThat(lock.isHeld()).isTrue();
			this.database.jdbc().sql("update oauth2_pkce_lock set owner = 'another'").update();
			assertThat(lock.isHeld()).isFalse();
			this.database.jdbc().sql("delete from oauth2_pkce_lock").update();
			assertThat(lock.isHeld()).isFalse();
		}
	}

	@Test
	void checkLeavesNothingBehind() {
		store().checkWritable();
		assertThat(this.database.jdbc().sql("select count(*) from oauth2_pkce_lock").query(Integer.class).single())
			.isZero();
	}

	@Test
	void saysSoWhenTheDatabaseCannotBeUsed() {
		try (JdbcTokenStore store = open(new DriverManagerDataSource("jdbc:postgresql://127.0.0.1:1/none"))) {
			assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> store.load(ID))
				.withMessageStartingWith("The database cannot be used: Connection to 127.0.0.1:1 refused");
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

	/** Says of each renewal that it has changed nothing. */
	static final class UnchangedLeases extends DelegatingDataSource {

		UnchangedLeases(DataSource target) {
			super(target);
		}

		@Override
		public Connection getConnection() throws SQLException {
			Connection connection = super.getConnection();
			return proxy(Connection.class, (method, arguments) -> {
				Object result = invoke(method, connection, arguments);
				boolean renewal = result instanceof PreparedStatement
						&& arguments[0].toString().startsWith("update oauth2_pkce_lock set locked_until");
				return renewal ? proxy(PreparedStatement.class, (inner, values) -> {
					Object answer = invoke(inner, result, values);
					return inner.getName().equals("executeUpdate") ? (Object) 0 : answer;
				}) : result;
			});
		}

		private static Object invoke(Method method, Object target, Object[] arguments) throws Throwable {
			try {
				return method.invoke(target, arguments);
			}
			catch (InvocationTargetException ex) {
				throw ex.getCause();
			}
		}

		private static <T> T proxy(Class<T> type, Call call) {
			return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type },
					(proxy, method, arguments) -> call.answer(method, arguments)));
		}

		/** What a proxy does. */
		interface Call {

			Object answer(Method method, Object[] arguments) throws Throwable;

		}

	}

}
