package io.github.oauth2pkce.store;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.testing.TestCredentials;

import org.springframework.data.redis.connection.RedisClusterConnection;
import org.springframework.data.redis.core.RedisCallback;

import static org.assertj.core.api.Assertions.assertThat;

/** The records of a cluster are on different nodes, and scripts know only one. */
class RedisClusterTokenStoreTests extends SharedTokenStoreContractTests {

	RedisClusterTokenStoreTests() {
		super(SharedStores.redisCluster());
	}

	@Override
	Leases leases() {
		return new RedisLeases(
				new RedisCommands(((SharedStores.Redis) stores()).connections(), SharedStores.NAMESPACE));
	}

	@Test
	void loginsAreOnDifferentNodes() {
		for (int i = 0; i < 20; i++) {
			assertThat(store().save(TestCredentials.credential().id(new CredentialId("demo", "user-" + i)).build(),
					Credential.NONE))
				.isTrue();
		}
		RedisCommands redis = new RedisCommands(((SharedStores.Redis) stores()).connections(), SharedStores.NAMESPACE);
		assertThat(redis.<List<Long>>run((template) -> template.execute((RedisCallback<List<Long>>) (connection) -> {
			RedisClusterConnection cluster = (RedisClusterConnection) connection;
			List<Long> sizes = new ArrayList<>();
			cluster.clusterGetNodes().forEach((node) -> sizes.add(cluster.serverCommands().dbSize(node)));
			return sizes;
		}))).hasSize(2).allMatch((size) -> size > 0);
	}

}
