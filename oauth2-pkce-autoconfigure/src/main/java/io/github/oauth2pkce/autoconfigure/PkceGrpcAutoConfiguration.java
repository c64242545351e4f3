package io.github.oauth2pkce.autoconfigure;

import io.grpc.CallCredentials;

import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.bearer.grpc.BearerCallCredentials;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** Auto-configuration of bearers on gRPC calls. */
@AutoConfiguration(after = PkceAutoConfiguration.class)
@ConditionalOnClass(CallCredentials.class)
@ConditionalOnBean(BearerTokenSource.class)
@Import(BearerExchangesConfiguration.class)
public final class PkceGrpcAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	BearerCallCredentials oauth2PkceBearerCallCredentials(BearerExchanges exchanges) {
		return new BearerCallCredentials(exchanges);
	}

}
