package io.github.oauth2pkce.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Leases as rows of the table {@code oauth2_pkce_lock}, by the clock of the database:
 * those of the nodes may differ.
 */
final class JdbcLeases implements Leases {

	private final ShortTransactions transactions;

	private final Namespace namespace;

	JdbcLeases(ShortTransactions transactions, Namespace namespace) {
		this.transactions = transactions;
		this.namespace = namespace;
	}

	@Override
	public boolean acquire(String name, String owner, Duration lease) {
		String key = this.namespace.key(name);
		try {
			return this.transactions.run((jdbc) -> {
				Observed seen = observe(jdbc, key);
				if (seen.lockedUntil() != null && seen.lockedUntil() > seen.now()) {
					// Ours when it was committed and the answer was lost.
					return owner.equals(seen.owner());
				}
				long until = seen.now() + lease.toMillis();
				return (seen.lockedUntil() != null) ? take(jdbc, key, owner, until, seen.lockedUntil())
						: insert(jdbc, key, owner, until);
			});
		}
		catch (TokenStoreException ex) {
			Throwable cause = ex.getCause();
			if (cause instanceof DuplicateKeyException || cause instanceof ConcurrencyFailureException) {
				// Somebody was faster.
				return false;
			}
			throw ex;
		}
	}

	private Observed observe(JdbcClient jdbc, String key) {
		return jdbc
			.sql("select " + this.transactions.currentMillis()
					+ ", (select locked_until from oauth2_pkce_lock where credential_key = ?)"
					+ ", (select owner from oauth2_pkce_lock where credential_key = ?)")
			.param(key)
			.param(key)
			.query(Observed::read)
			.single();
	}

	private static boolean take(JdbcClient jdbc, String key, String owner, long until, long seen) {
		return jdbc.sql(
				"update oauth2_pkce_lock set owner = ?, locked_until = ? where credential_key = ? and locked_until = ?")
			.param(owner)
			.param(until)
			.param(key)
			.param(seen)
			.update() == 1;
	}

	private static boolean insert(JdbcClient jdbc, String key, String owner, long until) {
		return jdbc.sql("insert into oauth2_pkce_lock (credential_key, owner, locked_until) values (?, ?, ?)")
			.param(key)
			.param(owner)
			.param(until)
			.update() == 1;
	}

	@Override
	public boolean renew(String name, String owner, Duration lease) {
		String key = this.namespace.key(name);
		return this.transactions.run((jdbc) -> {
			int rows = jdbc
				.sql("update oauth2_pkce_lock set locked_until = " + this.transactions.currentMillis()
						+ " + ? where credential_key = ? and owner = ?")
				.param(lease.toMillis())
				.param(key)
				.param(owner)
				.update();
			// MySQL may count only rows that have changed (useAffectedRows), and twice
			// within a millisecond changes none.
			return rows == 1 || owner.equals(observe(jdbc, key).owner());
		});
	}

	@Override
	public void release(String name, String owner) {
		String key = this.namespace.key(name);
		this.transactions.run((jdbc) -> jdbc.sql("delete from oauth2_pkce_lock where credential_key = ? and owner = ?")
			.param(key)
			.param(owner)
			.update());
	}

	/**
	 * A lock as the database sees it.
	 *
	 * @param now the time there, in milliseconds
	 * @param lockedUntil the end of the lease, {@code null} when there is none
	 * @param owner the owner, {@code null} when there is none
	 */
	private record Observed(long now, @Nullable Long lockedUntil, @Nullable String owner) {

		static Observed read(ResultSet row, int number) throws SQLException {
			long now = row.getLong(1);
			long lockedUntil = row.getLong(2);
			return new Observed(now, row.wasNull() ? null : lockedUntil, row.getString(3));
		}

	}

}
