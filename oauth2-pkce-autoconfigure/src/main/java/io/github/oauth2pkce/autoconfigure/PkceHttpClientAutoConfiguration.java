package io.github.oauth2pkce.autoconfigure;

import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.bearer.jdk.BearerHttpClient;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;

/**
 * Auto-configuration of bearers on clients of {@code java.net.http}, a module that a JDK
 * may be without.
 */
@AutoConfiguration(after = PkceAutoConfiguration.class)
@ConditionalOnClass(name = "java.net.http.HttpClient")
@ConditionalOnBean(BearerTokenSource.class)
@Import(BearerExchangesConfiguration.class)
@Lazy
public final class PkceHttpClientAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	BearerHttpClient oauth2PkceBearerHttpClient(BearerExchanges exchanges) {
		return new BearerHttpClient(exchanges);
	}

}
