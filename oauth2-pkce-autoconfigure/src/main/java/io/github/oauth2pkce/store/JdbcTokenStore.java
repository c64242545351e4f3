package io.github.oauth2pkce.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.UUID;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

import io.github.oauth2pkce.EventLog;

import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Keeps each credential, encrypted, in a row of the table {@code oauth2_pkce_credential},
 * for all nodes that share the database. Every call is one short transaction of its own,
 * whatever transaction its caller has.
 * <p>
 * A write names the generation that it replaces, which alone decides what is stored. The
 * lock only keeps two nodes from spending one refresh token. It is a lease in a row,
 * rather than a row or advisory lock of the database: those occupy a connection of the
 * application's pool for as long as the authorization server takes to answer, so that ten
 * slow providers would stop everything else, and a node that vanishes from the network
 * keeps them until TCP gives up, which takes hours by default. Spring Integration's
 * registry keeps the same kind of row, but by the clocks of the nodes.
 */
public final class JdbcTokenStore implements TokenStore, AutoCloseable {

	/** The last one that every database can hold, which is late enough. */
	private static final Instant LAST = Instant.parse("9999-12-31T00:00:00Z");

	private static final int PROVIDER_LENGTH = 100;

	private static final int PRINCIPAL_LENGTH = 200;

	private static final int NAMESPACE_LENGTH = 100;

	private final ShortTransactions transactions;

	private final Namespace namespace;

	private final SealedRecords records;

	private final LeaseLocks locks;

	private final TakenOver takenOver;

	/**
	 * Creates a store that other applications do not use; does not connect yet. The
	 * tables must exist, see {@code schema-*.sql} beside this class.
	 * @param dataSource the database
	 * @param cipher encrypts
	 * @param lease how long the lock of a dead node lasts; longer than any token request
	 */
	public JdbcTokenStore(DataSource dataSource, CredentialCipher cipher, Duration lease) {
		this(dataSource, cipher, Namespace.NONE, lease, LeaseLocks.LONGEST);
	}

	/**
	 * Creates a store; does not connect yet. The tables must exist, see
	 * {@code schema-*.sql} beside this class.
	 * @param dataSource the database
	 * @param cipher encrypts
	 * @param namespace which records are this application's
	 * @param lease how long the lock of a dead node lasts; longer than any token request
	 * @param longestLock how long a lock keeps other nodes out, even if its holder hangs
	 */
	public JdbcTokenStore(DataSource dataSource, CredentialCipher cipher, Namespace namespace, Duration lease,
			Duration longestLock) {
		this.transactions = new ShortTransactions(dataSource);
		this.namespace = namespace;
		this.records = new SealedRecords(cipher.within(namespace));
		this.locks = new LeaseLocks(new JdbcLeases(this.transactions, namespace), lease, longestLock);
		this.takenOver = new TakenOver(namespace, new Before(new SealedRecords(cipher)),
				new LeaseLocks(new JdbcLeases(this.transactions, Namespace.NONE), lease, longestLock));
	}

	@Override
	public @Nullable Credential load(CredentialId id) {
		Row row = this.transactions.run((jdbc) -> find(jdbc, id));
		if (!row.exists() && !this.namespace.isNone()) {
			Credential before = this.takenOver.take(id);
			row = this.transactions.run((jdbc) -> find(jdbc, id));
			if (!row.exists()) {
				return before;
			}
		}
		return row.exists() ? row.open(this.records, id) : null;
	}

	private String key(CredentialId id) {
		return this.namespace.key(id.key());
	}

	@Override
	public boolean save(Credential credential, long expectedGeneration) {
		byte[] sealed = this.records.seal(credential);
		try {
			return this.transactions.run((jdbc) -> (expectedGeneration != Credential.NONE)
					? update(jdbc, credential, sealed, expectedGeneration) : insert(jdbc, credential, sealed));
		}
		catch (TokenStoreException ex) {
			if (ex.getCause() instanceof DuplicateKeyException) {
				return false;
			}
			throw ex;
		}
	}

	private boolean update(JdbcClient jdbc, Credential credential, byte[] sealed, long expectedGeneration) {
		CredentialId id = credential.id();
		Row row = find(jdbc, id);
		if (!row.exists()) {
			return false;
		}
		// What cannot be read is not overwritten, even by one who knew its generation.
		Credential stored = row.open(this.records, id);
		if (row.generation() != expectedGeneration) {
			return isStoredAlready(stored, credential);
		}
		return jdbc
			.sql("update oauth2_pkce_credential set generation = ?, credential = ?, expires_at = ?, updated_at = ?"
					+ " where credential_key = ? and set_aside = '' and generation = ?")
			.param(credential.generation())
			.param(sealed)
			.param(3, timestamp(credential.expiresAt()), Types.TIMESTAMP)
			.param(timestamp(Instant.now()))
			.param(key(id))
			.param(expectedGeneration)
			.update() == 1;
	}

	private boolean insert(JdbcClient jdbc, Credential credential, byte[] sealed) {
		CredentialId id = credential.id();
		Row row = find(jdbc, id);
		if (row.exists()) {
			if (row.isReadable(this.records, id)) {
				return isStoredAlready(row.open(this.records, id), credential);
			}
			setAside(jdbc, id, row.generation());
		}
		return insertNew(jdbc, credential, sealed);
	}

	private boolean insertNew(JdbcClient jdbc, Credential credential, byte[] sealed) {
		CredentialId id = credential.id();
		return jdbc.sql(
				"insert into oauth2_pkce_credential (credential_key, set_aside, namespace, provider_id, principal_name,"
						+ " generation, credential, expires_at, updated_at) values (?, '', ?, ?, ?, ?, ?, ?, ?)")
			.param(key(id))
			.param(2, this.namespace.isNone() ? null : label(this.namespace.name(), NAMESPACE_LENGTH), Types.VARCHAR)
			.param(label(id.providerId(), PROVIDER_LENGTH))
			.param(label(id.principalName(), PRINCIPAL_LENGTH))
			.param(credential.generation())
			.param(sealed)
			.param(7, timestamp(credential.expiresAt()), Types.TIMESTAMP)
			.param(timestamp(Instant.now()))
			.update() == 1;
	}

	/** An earlier attempt whose answer was lost on the way. */
	private static boolean isStoredAlready(Credential stored, Credential credential) {
		return stored.equals(credential);
	}

	/**
	 * Only a new login gets here. Merely reading must not move a record: another node may
	 * well have its key.
	 */
	private void setAside(JdbcClient jdbc, CredentialId id, long generation) {
		int rows = jdbc
			.sql("update oauth2_pkce_credential set set_aside = ?"
					+ " where credential_key = ? and set_aside = '' and generation = ?")
			.param(UUID.randomUUID().toString())
			.param(key(id))
			.param(generation)
			.update();
		if (rows == 1) {
			EventLog.at(Level.WARN, "oauth2_credential_set_aside", id.providerId())
				.log("The unreadable credential of {} is set aside in the table oauth2_pkce_credential", id);
		}
	}

	@Override
	public boolean remove(CredentialId id, long expectedGeneration) {
		Row row = this.transactions.run((jdbc) -> find(jdbc, id));
		if (!row.exists()) {
			return this.takenOver.remove(id, expectedGeneration);
		}
		return row.open(this.records, id).generation() == expectedGeneration
				&& this.transactions.run((jdbc) -> delete(jdbc, key(id), expectedGeneration));
	}

	private static boolean delete(JdbcClient jdbc, String key, long expectedGeneration) {
		return jdbc
			.sql("delete from oauth2_pkce_credential where credential_key = ? and set_aside = '' and generation = ?")
			.param(key)
			.param(expectedGeneration)
			.update() == 1;
	}

	private Row find(JdbcClient jdbc, CredentialId id) {
		return find(jdbc, key(id));
	}

	private static Row find(JdbcClient jdbc, String key) {
		return jdbc
			.sql("select generation, credential from oauth2_pkce_credential"
					+ " where credential_key = ? and set_aside = ''")
			.param(key)
			.query(Row::read)
			.optional()
			.orElse(Row.NONE);
	}

	@Override
	public Lock lock(CredentialId id, Duration timeout) {
		Lock lock = this.locks.lock(id, timeout);
		try {
			if (!this.namespace.isNone() && !this.transactions.run((jdbc) -> find(jdbc, id)).exists()) {
				this.takenOver.takeWhenFree(id, timeout);
			}
			return lock;
		}
		catch (RuntimeException ex) {
			lock.close();
			throw ex;
		}
	}

	/** Both tables: takes a lock as well, of nobody. */
	@Override
	public void checkWritable() {
		updateNothing();
		this.locks.check();
	}

	/** Whoever asks this has the lock. */
	@Override
	public void checkWritable(CredentialId id) {
		updateNothing();
	}

	private void updateNothing() {
		// Matches nothing, and fails without the table, the right, or on a replica.
		this.transactions.run(
				(jdbc) -> jdbc
					.sql("update oauth2_pkce_credential set updated_at = updated_at, namespace = namespace"
							+ " where credential_key = ''")
					.update());
	}

	@Override
	public String name() {
		return "jdbc";
	}

	@Override
	public void close() {
		this.locks.close();
		this.takenOver.close();
	}

	/** In UTC and without a zone, so that neither driver nor session converts it. */
	private static @Nullable LocalDateTime timestamp(@Nullable Instant instant) {
		if (instant == null) {
			return null;
		}
		return LocalDateTime.ofInstant(instant.isBefore(LAST) ? instant : LAST, ZoneOffset.UTC);
	}

	/** For operators only; the key is a digest of the whole name. */
	private static String label(String name, int length) {
		String text = name.replaceAll("[\\p{Cc}\\p{Cs}]", "?");
		if (text.length() <= length) {
			return text;
		}
		int end = Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
		return text.substring(0, end);
	}

	/** Rows of versions that knew no namespaces. */
	private final class Before implements TakenOver.Before {

		private final SealedRecords records;

		private Before(SealedRecords records) {
			this.records = records;
		}

		@Override
		public @Nullable Credential find(CredentialId id) {
			Row row = JdbcTokenStore.this.transactions.run((jdbc) -> JdbcTokenStore.find(jdbc, id.key()));
			return row.exists() ? row.open(this.records, id) : null;
		}

		@Override
		public void move(Credential found) {
			byte[] sealed = JdbcTokenStore.this.records.seal(found);
			JdbcTokenStore.this.transactions.run((jdbc) -> !JdbcTokenStore.this.find(jdbc, found.id()).exists()
					&& delete(jdbc, found.id().key(), found.generation()) && insertNew(jdbc, found, sealed));
		}

		@Override
		public boolean remove(Credential found) {
			return JdbcTokenStore.this.transactions.run((jdbc) -> delete(jdbc, found.id().key(), found.generation()));
		}

	}

	/** What is stored. */
	private record Row(long generation, byte[] sealed) {

		static final Row NONE = new Row(Credential.NONE, new byte[0]);

		static Row read(ResultSet row, int number) throws SQLException {
			return new Row(row.getLong(1), row.getBytes(2));
		}

		boolean exists() {
			return this != NONE;
		}

		boolean isReadable(SealedRecords records, CredentialId id) {
			return records.isReadable(id, this.generation, this.sealed);
		}

		Credential open(SealedRecords records, CredentialId id) {
			return records.open(id, this.generation, this.sealed);
		}

	}

}
