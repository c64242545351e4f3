package io.github.oauth2pkce.store;

import java.time.Duration;

import io.lettuce.core.ReadFrom;
import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.testing.EmbeddedServers;
import io.github.oauth2pkce.testing.TestCredentials;

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
		return new RedisLeases(new RedisCommands(SharedStores.Redis.connections(EmbeddedServers.redisPort())));
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
				.withMessageContaining("Redis");
			assertThatExceptionOfType(TokenStoreException.class).isThrownBy(store::checkWritable);
			assertThatExceptionOfType(TokenStoreException.class)
				.isThrownBy(() -> store.lock(ID, Duration.ofSeconds(1)));
		}
	}

}
