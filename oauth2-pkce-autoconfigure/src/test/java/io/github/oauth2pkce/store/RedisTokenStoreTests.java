package io.github.oauth2pkce.store;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class RedisTokenStoreTests extends SharedTokenStoreContractTests {

	RedisTokenStoreTests() {
		super(SharedStores.redis());
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
