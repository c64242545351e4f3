package io.github.oauth2pkce.store;

import java.time.Duration;
import java.util.List;

import io.lettuce.core.ReadFrom;
import io.lettuce.core.RedisCommandExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.oauth2pkce.testing.EmbeddedServers;
import io.github.oauth2pkce.testing.TestCredentials;

import org.springframework.data.redis.RedisSystemException;
import org.springframework.data.redis.connection.RedisStaticMasterReplicaConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class RedisTokenStoreTests extends SharedTokenStoreContractTests {

	RedisTokenStoreTests() {
		super(SharedStores.redis());
	}

	@Override
	Leases leases() {
		return new RedisLeases(
				new RedisCommands(SharedStores.Redis.connections(EmbeddedServers.redisPort()), SharedStores.NAMESPACE));
	}

	/** The replica there has heard nothing of its master yet, as one may that lags. */
	@Test
	void readsFromTheMasterWhateverTheApplicationPrefers() {
		RedisStaticMasterReplicaConfiguration servers = new RedisStaticMasterReplicaConfiguration("127.0.0.1",
				EmbeddedServers.redisPort());
		servers.addNode("127.0.0.1", EmbeddedServers.redisReplicaPort());
		LettuceConnectionFactory replicaPreferred = new LettuceConnectionFactory(servers,
				LettuceClientConfiguration.builder().readFrom(ReadFrom.REPLICA_PREFERRED).build());
		replicaPreferred.afterPropertiesSet();
		replicaPreferred.start();
		try (RedisTokenStore store = new RedisTokenStore(replicaPreferred, SharedStores.cipher(), SharedStores.LEASE)) {
			Credential credential = TestCredentials.credential().build();
			assertThat(store.save(credential, Credential.NONE)).isTrue();
			assertThat(store.load(ID)).isEqualTo(credential);
			assertThat(store.remove(ID, credential.generation())).isTrue();
		}
		finally {
			replicaPreferred.destroy();
		}
	}

	@Test
	void saysSoWhenRedisCannotBeUsed() {
		LettuceConnectionFactory stopped = new LettuceConnectionFactory("127.0.0.1", 1);
		stopped.afterPropertiesSet();
		try (RedisTokenStore store = new RedisTokenStore(stopped, SharedStores.cipher(), SharedStores.LEASE)) {
			assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> store.load(ID))
				.withMessageContaining("Redis")
				.withMessageContaining("Connection refused");
			assertThatExceptionOfType(TokenStoreException.class).isThrownBy(store::checkWritable);
			assertThatExceptionOfType(TokenStoreException.class)
				.isThrownBy(() -> store.lock(ID, Duration.ofSeconds(1)));
		}
	}

	@Test
	void replicaSaysWhatItIs() {
		LettuceConnectionFactory replica = new LettuceConnectionFactory("127.0.0.1",
				EmbeddedServers.redisReplicaPort());
		replica.afterPropertiesSet();
		replica.start();
		try (RedisTokenStore store = new RedisTokenStore(replica, SharedStores.cipher(), SharedStores.LEASE)) {
			assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> store.checkWritable(ID))
				.withMessageStartingWith("Redis cannot be used: READONLY You can't write against a read only replica")
				.withMessageContaining("connect to the master");
		}
		finally {
			replica.destroy();
		}
	}

	@Test
	void redisWithoutMemorySaysSo() {
		RedisCommands redis = new RedisCommands(SharedStores.Redis.connections(EmbeddedServers.redisPort()),
				SharedStores.NAMESPACE);
		configure(redis, "maxmemory", "1");
		try {
			for (Runnable write : List.<Runnable>of(store()::checkWritable,
					() -> store().save(TestCredentials.credential().build(), Credential.NONE))) {
				assertThatExceptionOfType(TokenStoreException.class).isThrownBy(write::run)
					.withMessageContaining("OOM")
					.withMessageContaining("more memory");
			}
		}
		finally {
			configure(redis, "maxmemory", "0");
		}
	}

	private static void configure(RedisCommands redis, String name, String value) {
		redis.run((template) -> {
			template.getRequiredConnectionFactory().getConnection().serverCommands().setConfig(name, value);
			return true;
		});
	}

	/** The slot of a cluster is that of what is in braces. */
	@Test
	void asksTheNodeThatHasTheRecord() {
		store().checkWritable(ID);
		RedisCommands redis = new RedisCommands(SharedStores.Redis.connections(EmbeddedServers.redisPort()),
				SharedStores.NAMESPACE);
		Boolean there = redis.run((template) -> template.hasKey(redis.name(ID.key(), "probe")));
		assertThat(there).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "NOAUTH Authentication required., spring.data.redis.password",
			"WRONGPASS invalid username-password pair or user is disabled., spring.data.redis.username",
			"NOPERM this user has no permissions to run the 'eval' command, docs/stores.md",
			"MISCONF Redis is configured to save RDB snapshots but is unable to, write to its disk",
			"LOADING Redis is loading the dataset in memory, wait", "CLUSTERDOWN The cluster is down, mend the cluster",
			"ERR something new, ERR something new" })
	void errorsOfRedisSayWhatToDo(String error, String advice) {
		RedisCommands redis = new RedisCommands(SharedStores.Redis.connections(EmbeddedServers.redisPort()),
				SharedStores.NAMESPACE);
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> redis.run((template) -> {
			throw new RedisSystemException("Error in execution", new RedisCommandExecutionException(error));
		}))
			.withMessageContaining(error.replaceAll("\\.$", ""))
			.withMessageContaining(advice)
			.withMessageNotContaining("\n");
	}

}
