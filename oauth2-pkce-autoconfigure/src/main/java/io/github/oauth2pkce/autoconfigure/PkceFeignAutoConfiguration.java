package io.github.oauth2pkce.autoconfigure;

import feign.RequestInterceptor;

import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.bearer.feign.BearerFeignInterceptor;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Fallback;
import org.springframework.context.annotation.Import;

/**
 * Auto-configuration of bearers on OpenFeign. Spring Cloud gives each of its clients all
 * interceptors that are beans.
 */
@AutoConfiguration(after = PkceAutoConfiguration.class)
@ConditionalOnClass(RequestInterceptor.class)
@ConditionalOnBean(BearerTokenSource.class)
@Import(BearerExchangesConfiguration.class)
public final class PkceFeignAutoConfiguration {

	@Bean
	@Fallback
	BearerFeignInterceptor oauth2PkceFeignInterceptor(BearerExchanges exchanges) {
		return new BearerFeignInterceptor(exchanges);
	}

}
