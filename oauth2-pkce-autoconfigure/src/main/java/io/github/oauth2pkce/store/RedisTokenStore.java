package io.github.oauth2pkce.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

import io.github.oauth2pkce.EventLog;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.core.script.RedisScript;

/**
 * Keeps each credential, encrypted, in a hash of Redis, for all nodes that share it. It
 * never expires there, so that a Redis which evicts keys must spare those without expiry.
 * <p>
 * Writes compare the generation in a script, which alone decides what is stored. The lock
 * only keeps two nodes from spending one refresh token: a key with its owner's token that
 * expires unless it is renewed. A failover may lose it together with the last writes;
 * Redis promises no more, and a database does.
 */
public final class RedisTokenStore implements TokenStore, AutoCloseable {

	private static final String CREDENTIAL = "credential";

	/**
	 * A script, though one command would do: drivers may send commands that only read to
	 * a replica, which may still hold an old refresh token.
	 */
	@SuppressWarnings("rawtypes")
	private static final RedisScript<List> FIND = RedisScript
		.of("return redis.call('HMGET', KEYS[1], 'generation', 'credential')", List.class);

	/** Compares as text: a Lua number cannot hold each generation. */
	private static final RedisScript<Long> SAVE = RedisScript.of("""
			local stored = redis.call('HMGET', KEYS[1], 'generation', 'credential')
			if (stored[1] or '') ~= ARGV[1] or (stored[2] or '') ~= ARGV[2] then
				return 0
			end
			if ARGV[3] == 'set-aside' then
				redis.call('RENAME', KEYS[1], KEYS[2])
			end
			redis.call('HSET', KEYS[1], 'generation', ARGV[4], 'credential', ARGV[5],
					'provider', ARGV[6], 'expiresAt', ARGV[7], 'updatedAt', ARGV[8])
			return 1
			""", Long.class);

	private static final RedisScript<Long> REMOVE = RedisScript.of("""
			if redis.call('HGET', KEYS[1], 'generation') ~= ARGV[1] then
				return 0
			end
			return redis.call('DEL', KEYS[1])
			""", Long.class);

	/** Both names are on one node of a cluster: the braces are the same. */
	private static final RedisScript<Long> TAKE_OVER = RedisScript.of("""
			if redis.call('HGET', KEYS[1], 'generation') ~= ARGV[1] or redis.call('HGET', KEYS[2], 'generation') then
				return 0
			end
			redis.call('RENAME', KEYS[1], KEYS[2])
			redis.call('HSET', KEYS[2], 'credential', ARGV[2], 'updatedAt', ARGV[3])
			return 1
			""", Long.class);

	private final RedisCommands redis;

	private final Namespace namespace;

	private final SealedRecords records;

	private final LeaseLocks locks;

	private final TakenOver takenOver;

	/**
	 * Creates a store that other applications do not use; does not connect yet.
	 * @param connectionFactory the connections
	 * @param cipher encrypts
	 * @param lease how long the lock of a dead node lasts; longer than any token request
	 */
	public RedisTokenStore(RedisConnectionFactory connectionFactory, CredentialCipher cipher, Duration lease) {
		this(connectionFactory, cipher, Namespace.NONE, lease, LeaseLocks.LONGEST);
	}

	/**
	 * Creates a store; does not connect yet.
	 * @param connectionFactory the connections
	 * @param cipher encrypts
	 * @param namespace which records are this application's
	 * @param lease how long the lock of a dead node lasts; longer than any token request
	 * @param longestLock how long a lock keeps other nodes out, even if its holder hangs
	 */
	public RedisTokenStore(RedisConnectionFactory connectionFactory, CredentialCipher cipher, Namespace namespace,
			Duration lease, Duration longestLock) {
		this.redis = new RedisCommands(connectionFactory, namespace);
		this.namespace = namespace;
		this.records = new SealedRecords(cipher.within(namespace));
		this.locks = new LeaseLocks(new RedisLeases(this.redis), lease, longestLock);
		RedisCommands before = new RedisCommands(connectionFactory, Namespace.NONE);
		this.takenOver = new TakenOver(namespace, new Before(before, new SealedRecords(cipher)),
				new LeaseLocks(new RedisLeases(before), lease, longestLock));
	}

	@Override
	public @Nullable Credential load(CredentialId id) {
		Stored stored = find(id);
		if (stored == null && !this.namespace.isNone()) {
			Credential before = this.takenOver.take(id);
			stored = find(id);
			if (stored == null) {
				return before;
			}
		}
		return (stored != null) ? stored.open(this.records, id) : null;
	}

	@Override
	public boolean save(Credential credential, long expectedGeneration) {
		CredentialId id = credential.id();
		Stored stored = find(id);
		if (stored == null) {
			return expectedGeneration == Credential.NONE && write(credential, Stored.NOTHING, "replace");
		}
		if (expectedGeneration == Credential.NONE && !stored.isReadable(this.records, id)) {
			return replaceUnreadable(credential, stored);
		}
		// What cannot be read is not overwritten, even by one who knew its generation.
		Credential readable = stored.open(this.records, id);
		if (readable.generation() != expectedGeneration) {
			// Equal: an earlier attempt whose answer was lost on the way.
			return readable.equals(credential);
		}
		return write(credential, stored, "replace");
	}

	/**
	 * Only a new login gets here. Merely reading must not move a record: another node may
	 * well have its key.
	 */
	private boolean replaceUnreadable(Credential login, Stored unreadable) {
		boolean written = write(login, unreadable, "set-aside");
		if (written) {
			EventLog.at(Level.WARN, "oauth2_credential_set_aside", login.id().providerId())
				.log("The unreadable credential of {} is set aside in Redis", login.id());
		}
		return written;
	}

	private boolean write(Credential credential, Stored expected, String mode) {
		CredentialId id = credential.id();
		String aside = this.redis.name(id.key(), "set-aside:" + UUID.randomUUID());
		Instant expiresAt = credential.expiresAt();
		return this.redis.run(SAVE, List.of(name(id), aside), expected.generation(), expected.sealed(), mode,
				Long.toString(credential.generation()),
				Base64.getEncoder().encodeToString(this.records.seal(credential)), id.providerId(),
				(expiresAt != null) ? expiresAt.toString() : "", Instant.now().toString());
	}

	@Override
	public boolean remove(CredentialId id, long expectedGeneration) {
		Stored stored = find(id);
		if (stored == null) {
			return this.takenOver.remove(id, expectedGeneration);
		}
		return stored.open(this.records, id).generation() == expectedGeneration
				&& this.redis.run(REMOVE, List.of(name(id)), stored.generation());
	}

	private @Nullable Stored find(CredentialId id) {
		return find(this.redis, id);
	}

	private static @Nullable Stored find(RedisCommands redis, CredentialId id) {
		List<?> values = redis.run((template) -> template.execute(FIND, List.of(redis.name(id.key(), CREDENTIAL))));
		Object generation = values.get(0);
		Object sealed = values.get(1);
		if (generation == null && sealed == null) {
			return null;
		}
		return new Stored(Objects.toString(generation, ""), Objects.toString(sealed, ""));
	}

	private String name(CredentialId id) {
		return this.redis.name(id.key(), CREDENTIAL);
	}

	@Override
	public Lock lock(CredentialId id, Duration timeout) {
		Lock lock = this.locks.lock(id, timeout);
		try {
			if (!this.namespace.isNone() && find(id) == null) {
				this.takenOver.takeWhenFree(id, timeout);
			}
			return lock;
		}
		catch (RuntimeException ex) {
			lock.close();
			throw ex;
		}
	}

	@Override
	public void checkWritable() {
		probe(this.redis.name("probe"));
	}

	/** On the node of a cluster that has the record. */
	@Override
	public void checkWritable(CredentialId id) {
		probe(this.redis.name(id.key(), "probe"));
	}

	/** Refused by a replica, and by a Redis without memory. */
	private void probe(String name) {
		this.redis.run((template) -> {
			template.opsForValue().set(name, "", Duration.ofSeconds(1));
			return true;
		});
	}

	@Override
	public String name() {
		return "redis";
	}

	@Override
	public void close() {
		this.locks.close();
		this.takenOver.close();
	}

	/** Hashes of versions that knew no namespaces. */
	private final class Before implements TakenOver.Before {

		private final RedisCommands redis;

		private final SealedRecords records;

		private Before(RedisCommands redis, SealedRecords records) {
			this.redis = redis;
			this.records = records;
		}

		@Override
		public @Nullable Credential find(CredentialId id) {
			Stored stored = RedisTokenStore.find(this.redis, id);
			return (stored != null) ? stored.open(this.records, id) : null;
		}

		@Override
		public void move(Credential found) {
			this.redis.run(TAKE_OVER, List.of(nameOf(found), name(found.id())), Long.toString(found.generation()),
					Base64.getEncoder().encodeToString(RedisTokenStore.this.records.seal(found)),
					Instant.now().toString());
		}

		@Override
		public boolean remove(Credential found) {
			return this.redis.run(REMOVE, List.of(nameOf(found)), Long.toString(found.generation()));
		}

		private String nameOf(Credential found) {
			return this.redis.name(found.id().key(), CREDENTIAL);
		}

	}

	/** What is stored. */
	private record Stored(String generation, String sealed) {

		static final Stored NOTHING = new Stored("", "");

		boolean isReadable(SealedRecords records, CredentialId id) {
			try {
				open(records, id);
				return true;
			}
			catch (TokenStoreException ex) {
				return false;
			}
		}

		Credential open(SealedRecords records, CredentialId id) {
			long number;
			byte[] bytes;
			try {
				number = Long.parseLong(this.generation);
				bytes = Base64.getDecoder().decode(this.sealed);
			}
			catch (IllegalArgumentException ex) {
				throw CredentialCipher.damaged(id, null);
			}
			return records.open(id, number, bytes);
		}

	}

}
