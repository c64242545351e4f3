package io.github.oauth2pkce.autoconfigure;

import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerListeners;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.bearer.RequestLogins;
import io.github.oauth2pkce.configuration.ConfiguredProviders;
import io.github.oauth2pkce.runtime.LateRequestLogins;
import io.github.oauth2pkce.runtime.LateTokenSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The rules that clients share that are not Spring's. */
@Configuration(proxyBeanMethods = false)
class BearerExchangesConfiguration {

	@Bean
	BearerExchanges oauth2PkceBearerExchanges(ConfiguredProviders providers, ObjectProvider<BearerTokenSource> source,
			BearerListeners listeners, ObjectProvider<RequestLogins> logins) {
		return new BearerExchanges(providers.policies(), new LateTokenSource(source), listeners,
				new LateRequestLogins(logins));
	}

}
