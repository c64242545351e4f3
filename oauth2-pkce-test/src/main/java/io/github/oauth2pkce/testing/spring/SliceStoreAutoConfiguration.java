package io.github.oauth2pkce.testing.spring;

import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/**
 * The store of a slice: whatever the application configures, a slice has no database.
 */
@AutoConfiguration
@Conditional(OnTestBearers.class)
class SliceStoreAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	TokenStore oauth2PkceTestTokenStore() {
		return new MemoryTokenStore();
	}

}
