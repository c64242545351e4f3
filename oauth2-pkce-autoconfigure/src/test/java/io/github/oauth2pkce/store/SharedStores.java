package io.github.oauth2pkce.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import javax.sql.DataSource;

import io.github.oauth2pkce.testing.EmbeddedServers;

import org.springframework.core.io.ClassPathResource;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.RedisCallback;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/**
 * The servers behind shared stores, empty each time, and what somebody finds there who
 * looks past the store.
 */
public abstract class SharedStores {

	/** Long enough to be alone in a test, unless it wants to see the end of one. */
	public static final Duration LEASE = Duration.ofSeconds(30);

	/** In which everything happens that asks for no other one. */
	static final Namespace NAMESPACE = new Namespace("shop", (credential) -> true);

	private static final byte[] KEY = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

	private final String url;

	SharedStores(String url) {
		this.url = url;
	}

	public static SharedStores postgres() {
		return new Jdbc(EmbeddedServers.postgresUrl(), "postgresql");
	}

	public static SharedStores h2() {
		return new Jdbc("jdbc:h2:mem:tokens;DB_CLOSE_DELAY=-1", "h2");
	}

	/** Through the driver of MySQL, which is what is left of it here. */
	public static SharedStores mysql() {
		return new Jdbc("jdbc:mysql://" + EmbeddedServers.mariaDb()
				+ "?user=root&sslMode=DISABLED&allowPublicKeyRetrieval=true", "mysql");
	}

	public static SharedStores mariadb() {
		return new Jdbc("jdbc:mariadb://" + EmbeddedServers.mariaDb() + "?user=root", "mariadb");
	}

	public static SharedStores redis() {
		return emptied(new Redis("redis:" + EmbeddedServers.redisPort()));
	}

	/** Two nodes, each with half of the slots. */
	public static SharedStores redisCluster() {
		return emptied(new Redis("redis-cluster:" + EmbeddedServers.redisClusterPort()));
	}

	/** As a user who may do no more than docs/stores.md asks for. */
	public static SharedStores redisAsUser() {
		Redis redis = new Redis("redis-user:" + EmbeddedServers.redisPort());
		redis.createUser();
		return emptied(redis);
	}

	private static Redis emptied(Redis redis) {
		redis.empty();
		return redis;
	}

	/** As another process sees what this one has made. */
	public static SharedStores of(String url) {
		return url.startsWith("redis") ? new Redis(url) : new Jdbc(url, null);
	}

	public String url() {
		return this.url;
	}

	static CredentialCipher cipher(byte[]... previousKeys) {
		return new CredentialCipher(KEY, List.of(previousKeys));
	}

	static CredentialCipher cipherOfAnotherKey(byte[]... previousKeys) {
		byte[] key = KEY.clone();
		key[0] = 'x';
		return new CredentialCipher(key, List.of(previousKeys));
	}

	static byte[] key() {
		return KEY.clone();
	}

	public TokenStore open() {
		return open(cipher(), LEASE);
	}

	/** As a version without namespaces opens it. */
	public TokenStore openBefore() {
		return open(Namespace.NONE);
	}

	/** The same, with another key. */
	public TokenStore openBeforeWithAnotherKey() {
		return open(cipherOfAnotherKey(), Namespace.NONE, LEASE, LeaseLocks.LONGEST);
	}

	public TokenStore open(Duration lease) {
		return open(cipher(), lease);
	}

	final TokenStore open(CredentialCipher cipher, Duration lease) {
		return open(cipher, lease, LeaseLocks.LONGEST);
	}

	final TokenStore open(CredentialCipher cipher, Duration lease, Duration longestLock) {
		return open(cipher, NAMESPACE, lease, longestLock);
	}

	abstract TokenStore open(CredentialCipher cipher, Namespace namespace, Duration lease, Duration longestLock);

	/** As another application opens it. */
	final TokenStore open(Namespace namespace) {
		return open(cipher(), namespace, LEASE, LeaseLocks.LONGEST);
	}

	/** Everything that is kept, in words. */
	abstract String dump();

	/** How many records there are, with those set aside. */
	abstract int count();

	/** Changes the last byte of a record, or its generation. */
	abstract void damage(CredentialId id, boolean generation);

	/** Puts a copy of one record in the place of another. */
	final void copy(CredentialId from, CredentialId to) {
		copy(from, to, NAMESPACE);
	}

	/**
	 * Puts a copy of a record in the place of another one, maybe of another namespace.
	 */
	abstract void copy(CredentialId from, CredentialId to, Namespace target);

	/** Tables of a database. */
	static final class Jdbc extends SharedStores {

		private final DataSource dataSource;

		private final JdbcClient jdbc;

		private final String platform;

		Jdbc(String url, String platform) {
			super(url);
			this.dataSource = new DriverManagerDataSource(url);
			this.jdbc = JdbcClient.create(this.dataSource);
			this.platform = platform;
			if (platform != null) {
				// Twice: applications run it at each start.
				script();
				script();
				this.jdbc.sql("delete from oauth2_pkce_credential").update();
				this.jdbc.sql("delete from oauth2_pkce_lock").update();
			}
		}

		void script() {
			new ResourceDatabasePopulator(
					new ClassPathResource("schema-" + this.platform + ".sql", JdbcTokenStore.class))
				.execute(this.dataSource);
		}

		DataSource dataSource() {
			return this.dataSource;
		}

		JdbcClient jdbc() {
			return this.jdbc;
		}

		@Override
		JdbcTokenStore open(CredentialCipher cipher, Namespace namespace, Duration lease, Duration longestLock) {
			return new JdbcTokenStore(this.dataSource, cipher, namespace, lease, longestLock);
		}

		@Override
		String dump() {
			StringBuilder text = new StringBuilder();
			this.jdbc.sql("select * from oauth2_pkce_credential").query().listOfRows().forEach((row) -> {
				row.forEach((name, value) -> text.append(name)
					.append('=')
					.append((value instanceof byte[] bytes) ? new String(bytes, StandardCharsets.ISO_8859_1) : value)
					.append('\n'));
			});
			return text.toString();
		}

		@Override
		int count() {
			return this.jdbc.sql("select count(*) from oauth2_pkce_credential").query(Integer.class).single();
		}

		@Override
		void damage(CredentialId id, boolean generation) {
			if (generation) {
				this.jdbc.sql("update oauth2_pkce_credential set generation = generation + 1 where credential_key = ?")
					.param(NAMESPACE.key(id.key()))
					.update();
				return;
			}
			byte[] record = record(id);
			record[record.length - 1] ^= 1;
			replace(id, NAMESPACE, record);
		}

		@Override
		void copy(CredentialId from, CredentialId to, Namespace target) {
			replace(to, target, record(from));
		}

		private byte[] record(CredentialId id) {
			return this.jdbc.sql("select credential from oauth2_pkce_credential where credential_key = ?")
				.param(NAMESPACE.key(id.key()))
				.query((row, number) -> row.getBytes(1))
				.single();
		}

		private void replace(CredentialId id, Namespace namespace, byte[] record) {
			this.jdbc.sql("update oauth2_pkce_credential set credential = ? where credential_key = ?")
				.param(record)
				.param(namespace.key(id.key()))
				.update();
		}

	}

	/** Keys of a Redis. */
	static final class Redis extends SharedStores {

		static final String USER = "shop";

		/** What the user needs, by docs/stores.md. */
		static final List<String> COMMANDS = List.of("EVAL", "EVALSHA", "GET", "SET", "DEL", "PEXPIRE", "HMGET", "HGET",
				"HSET", "RENAME");

		private static final Map<String, LettuceConnectionFactory> CONNECTIONS = new HashMap<>();

		private final RedisConnectionFactory connections;

		/** As an operator, who may do everything. */
		private final RedisCommands redis;

		Redis(String url) {
			super(url);
			this.connections = connections(url);
			this.redis = new RedisCommands(connections(url.replace("redis-user:", "redis:")), NAMESPACE);
		}

		private void empty() {
			this.redis.run((template) -> {
				template.delete(template.keys("oauth2-pkce:*:credential"));
				template.delete(template.keys("oauth2-pkce:*:set-aside:*"));
				return true;
			});
		}

		private void createUser() {
			List<String> rules = new ArrayList<>(List.of("SETUSER", USER, "reset", "on", ">" + USER,
					"~oauth2-pkce:" + NAMESPACE.prefix() + "*", "~oauth2-pkce:{*"));
			COMMANDS.forEach((command) -> rules.add("+" + command.toLowerCase(Locale.ROOT)));
			this.redis.run((template) -> template.execute((RedisCallback<Object>) (connection) -> connection
				.execute("ACL", rules.stream().map(String::getBytes).toArray(byte[][]::new))));
		}

		static RedisConnectionFactory connections(int port) {
			return connections("redis:" + port);
		}

		static synchronized RedisConnectionFactory connections(String url) {
			return CONNECTIONS.computeIfAbsent(url, Redis::connect);
		}

		private static LettuceConnectionFactory connect(String url) {
			String[] parts = url.split(":");
			RedisStandaloneConfiguration server = new RedisStandaloneConfiguration("127.0.0.1",
					Integer.parseInt(parts[1]));
			if (parts[0].equals("redis-user")) {
				server.setUsername(USER);
				server.setPassword(USER);
			}
			LettuceConnectionFactory connections = parts[0].equals("redis-cluster")
					? new LettuceConnectionFactory(new RedisClusterConfiguration(List.of("127.0.0.1:" + parts[1])))
					: new LettuceConnectionFactory(server);
			connections.afterPropertiesSet();
			connections.start();
			return connections;
		}

		RedisConnectionFactory connections() {
			return this.connections;
		}

		@Override
		RedisTokenStore open(CredentialCipher cipher, Namespace namespace, Duration lease, Duration longestLock) {
			return new RedisTokenStore(this.connections, cipher, namespace, lease, longestLock);
		}

		@Override
		String dump() {
			return this.redis.run((template) -> {
				StringBuilder text = new StringBuilder();
				template.keys("oauth2-pkce:*:credential").forEach((key) -> {
					text.append(key).append(template.opsForHash().entries(key)).append('\n');
					text.append(new String(
							java.util.Base64.getDecoder().decode((String) template.opsForHash().get(key, "credential")),
							StandardCharsets.ISO_8859_1));
				});
				return text.toString();
			});
		}

		@Override
		int count() {
			return this.redis.run((template) -> template.keys("oauth2-pkce:*:credential").size()
					+ template.keys("oauth2-pkce:*:set-aside:*").size());
		}

		@Override
		void damage(CredentialId id, boolean generation) {
			this.redis.run((template) -> {
				if (generation) {
					template.opsForHash().increment(name(id), "generation", 1);
				}
				else {
					template.opsForHash().put(name(id), "credential", "#");
				}
				return true;
			});
		}

		@Override
		void copy(CredentialId from, CredentialId to, Namespace target) {
			this.redis.run((template) -> {
				template.opsForHash()
					.putAll(new RedisCommands(this.connections, target).name(to.key(), "credential"),
							template.opsForHash().entries(name(from)));
				return true;
			});
		}

		private String name(CredentialId id) {
			return this.redis.name(id.key(), "credential");
		}

	}

}
