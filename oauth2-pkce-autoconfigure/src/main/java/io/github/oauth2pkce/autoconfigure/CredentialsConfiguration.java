package io.github.oauth2pkce.autoconfigure;

import java.time.InstantSource;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerListener;
import io.github.oauth2pkce.bearer.BearerListeners;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.authentication.ClientKeys;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.refresh.ClientCredentialsGrant;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.JwtBearerGrant;
import io.github.oauth2pkce.refresh.MachineGrant;
import io.github.oauth2pkce.refresh.OnBehalfOf;
import io.github.oauth2pkce.refresh.RefreshListener;
import io.github.oauth2pkce.refresh.RefreshSettings;
import io.github.oauth2pkce.refresh.RefreshingBearerTokenSource;
import io.github.oauth2pkce.refresh.TokenExchangeGrant;
import io.github.oauth2pkce.registration.ClientIdentities;
import io.github.oauth2pkce.runtime.LateListeners;
import io.github.oauth2pkce.runtime.Workers;
import io.github.oauth2pkce.source.ForeignTokens;
import io.github.oauth2pkce.source.InboundTokens;
import io.github.oauth2pkce.spring.CurrentUser;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.TokenEndpoint;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;

/** Stored credentials, their refresh, and the bearers made of them. */
@Configuration(proxyBeanMethods = false)
@Lazy
class CredentialsConfiguration {

	@Bean(destroyMethod = "close")
	Workers oauth2PkceWorkers() {
		return new Workers();
	}

	@Bean
	LateListeners oauth2PkceLateListeners(ConfigurableListableBeanFactory beans) {
		return new LateListeners(beans);
	}

	@Bean
	@ConditionalOnMissingBean
	TokenStore oauth2PkceTokenStore(OAuth2PkceProperties properties, Providers providers, Environment environment,
			ResourceLoader resourceLoader) {
		// Without a provider there is nothing to keep, and no directory to make.
		if (providers.isEmpty()) {
			return new MemoryTokenStore();
		}
		return switch (properties.store().type()) {
			case MEMORY -> new MemoryTokenStore();
			case FILE -> new TokenStoreFactory(properties, environment).file();
			// Those have auto-configurations of their own, whose conditions were not met.
			case JDBC, REDIS ->
				throw TokenStoreFactory.missing(properties.store().type(), resourceLoader.getClassLoader());
		};
	}

	@Bean
	ClientIdentities oauth2PkceClientIdentities(Providers providers, AuthorizationServerClient client,
			Discovery discovery, TokenStore store, RefreshSettings settings, ClientKeys keys) {
		return new ClientIdentities(providers, client, discovery, store, InstantSource.system(), settings.lockTimeout(),
				keys);
	}

	@Bean
	RefreshSettings oauth2PkceRefreshSettings(OAuth2PkceProperties properties) {
		return new RefreshSettings(properties.refresh().requestTimeout(), properties.refresh().lockTimeout());
	}

	@Bean
	ClientCredentialsGrant oauth2PkceClientCredentialsGrant(TokenEndpoint tokenEndpoint) {
		return new ClientCredentialsGrant(tokenEndpoint);
	}

	@Bean
	JwtBearerGrant oauth2PkceJwtBearerGrant(TokenEndpoint tokenEndpoint) {
		return new JwtBearerGrant(tokenEndpoint);
	}

	@Bean
	TokenExchangeGrant oauth2PkceTokenExchangeGrant(TokenEndpoint tokenEndpoint) {
		return new TokenExchangeGrant(tokenEndpoint);
	}

	@Bean
	Credentials oauth2PkceCredentials(Providers providers, TokenStore store, TokenEndpoint tokenEndpoint,
			ObjectProvider<MachineGrant> machineGrants, Discovery discovery, ClientIdentities identities,
			ForeignTokens foreignTokens, RefreshSettings settings, Workers workers, LateListeners listeners) {
		return Credentials.builder(providers, tokenEndpoint, discovery)
			.store(store)
			.identities(identities)
			.machineGrants(machineGrants.orderedStream().toList())
			.foreignTokens(foreignTokens)
			.settings(settings)
			.executors(workers::executor)
			.listeners(listeners.of(RefreshListener.class))
			.build();
	}

	@Bean
	@ConditionalOnMissingBean
	BearerTokenSource oauth2PkceBearerTokenSource(Providers providers, Credentials credentials,
			InboundTokens inboundTokens, RefreshSettings settings) {
		return new RefreshingBearerTokenSource(providers, credentials, CurrentUser.name(),
				new OnBehalfOf(CurrentUser.inbound(), inboundTokens), settings);
	}

	@Bean
	BearerListeners oauth2PkceBearerListeners(ObjectProvider<BearerListener> listeners) {
		return new BearerListeners(
				() -> listeners.orderedStream().filter((listener) -> !(listener instanceof BearerListeners)).toList());
	}

}
