package io.github.oauth2pkce.store;

import java.sql.DatabaseMetaData;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Function;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.jdbc.support.JdbcUtils;
import org.springframework.jdbc.support.MetaDataAccessException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Transactions of our own. A login must be in the database when the call returns, and
 * stay there when the caller rolls back: so no connection is ever shared with the
 * caller's transaction, and none relies on auto-commit, which many pools switch off.
 */
final class ShortTransactions {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private static final int ATTEMPTS = 5;

	private final DataSource dataSource;

	private final JdbcClient jdbc;

	private final TransactionTemplate transactions;

	private volatile @Nullable String currentMillis;

	ShortTransactions(DataSource dataSource) {
		// Spring binds connections to the DataSource object: a new one is nobody else's.
		this.dataSource = new DelegatingDataSource(dataSource);
		this.jdbc = JdbcClient.create(this.dataSource);
		this.transactions = new TransactionTemplate(new JdbcTransactionManager(this.dataSource));
		this.transactions.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		this.transactions.setTimeout((int) TIMEOUT.toSeconds());
	}

	/**
	 * Runs a transaction, again if the database ended it in favour of another one: InnoDB
	 * calls two that insert and delete one row a deadlock, and picks either.
	 * @param work what to do; may run several times
	 * @return its result
	 * @throws TokenStoreException when it failed
	 */
	<T> T run(Function<JdbcClient, T> work) {
		for (int attempt = 1;; attempt++) {
			try {
				return this.transactions.execute((status) -> work.apply(this.jdbc));
			}
			catch (DataAccessException | TransactionException ex) {
				if (attempt < ATTEMPTS && ex instanceof ConcurrencyFailureException) {
					continue;
				}
				throw new TokenStoreException("The database cannot be used: " + Reasons.ofDatabase(ex), ex);
			}
		}
	}

	/**
	 * The time of the database in milliseconds since 1970: a number, which no time zone
	 * of a session can shift.
	 * @return an SQL expression
	 */
	String currentMillis() {
		String expression = this.currentMillis;
		if (expression == null) {
			// Not unix_timestamp: it reads a local time, and one hour a year comes twice.
			expression = isMySql()
					? "timestampdiff(microsecond, timestamp'1970-01-01 00:00:00', utc_timestamp(3)) div 1000"
					: "cast(floor(extract(epoch from current_timestamp) * 1000) as bigint)";
			this.currentMillis = expression;
		}
		return expression;
	}

	private boolean isMySql() {
		try {
			String product = JdbcUtils.extractDatabaseMetaData(this.dataSource,
					DatabaseMetaData::getDatabaseProductName);
			String name = product.toLowerCase(Locale.ROOT);
			return name.contains("mysql") || name.contains("mariadb");
		}
		catch (MetaDataAccessException ex) {
			throw new TokenStoreException("The database cannot be used: " + Reasons.ofDatabase(ex), ex);
		}
	}

}
