package io.github.oauth2pkce.autoconfigure;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.store.RedisTokenStore;
import io.github.oauth2pkce.store.TokenStore;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;

/** Auto-configuration of the store in the application's Redis. */
@AutoConfiguration(before = PkceAutoConfiguration.class,
		afterName = "org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration")
@ConditionalOnSwitch("oauth2.pkce.enabled")
@ConditionalOnProperty(name = "oauth2.pkce.store.type", havingValue = "redis")
@ConditionalOnClass(StringRedisTemplate.class)
@ConditionalOnSingleCandidate(RedisConnectionFactory.class)
@ConditionalOnMissingBean(TokenStore.class)
public final class PkceRedisStoreAutoConfiguration {

	@Bean(destroyMethod = "close")
	RedisTokenStore oauth2PkceRedisTokenStore(RedisConnectionFactory connectionFactory, Providers providers,
			OAuth2PkceProperties properties, Environment environment) {
		TokenStoreFactory factory = new TokenStoreFactory(properties, environment);
		return new RedisTokenStore(connectionFactory, factory.cipher("redis"), factory.namespace(providers),
				factory.lease(), factory.longestLock());
	}

}
