package io.github.oauth2pkce.autoconfigure;

import okhttp3.Interceptor;

import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.bearer.okhttp.BearerOkHttpAuthenticator;
import io.github.oauth2pkce.bearer.okhttp.BearerOkHttpInterceptor;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Fallback;
import org.springframework.context.annotation.Import;

/**
 * Auto-configuration of bearers on OkHttp. An application that injects the only bean of
 * one of these types gets its own, if it has one.
 */
@AutoConfiguration(after = PkceAutoConfiguration.class)
@ConditionalOnClass(Interceptor.class)
@ConditionalOnBean(BearerTokenSource.class)
@Import(BearerExchangesConfiguration.class)
public final class PkceOkHttpAutoConfiguration {

	@Bean
	@Fallback
	BearerOkHttpInterceptor oauth2PkceOkHttpInterceptor(BearerExchanges exchanges) {
		return new BearerOkHttpInterceptor(exchanges);
	}

	@Bean
	@Fallback
	BearerOkHttpAuthenticator oauth2PkceOkHttpAuthenticator() {
		return new BearerOkHttpAuthenticator();
	}

}
