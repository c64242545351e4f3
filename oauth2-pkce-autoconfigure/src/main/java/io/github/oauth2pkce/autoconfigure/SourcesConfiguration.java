package io.github.oauth2pkce.autoconfigure;

import java.time.InstantSource;
import java.util.List;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.configuration.ForeignTokenBeans;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.ProviderTokenReader;
import io.github.oauth2pkce.source.BeanTokenReader;
import io.github.oauth2pkce.source.EnvironmentTokenReader;
import io.github.oauth2pkce.source.FileTokenReader;
import io.github.oauth2pkce.source.ForeignTokenReader;
import io.github.oauth2pkce.source.ForeignTokens;
import io.github.oauth2pkce.source.GitHubActionsTokenReader;
import io.github.oauth2pkce.source.InboundTokens;
import io.github.oauth2pkce.source.SubjectTokenSource;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.token.AuthorizationServerClient;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/** Where foreign tokens are read. */
@Configuration(proxyBeanMethods = false)
@Lazy
class SourcesConfiguration {

	@Bean
	ForeignTokens oauth2PkceForeignTokens(ObjectProvider<ForeignTokenReader> readers, Providers providers,
			ListableBeanFactory beans) {
		ForeignTokenBeans.check(providers, List.of(beans.getBeanNamesForType(SubjectTokenSource.class, true, false)));
		return new ForeignTokens(readers.orderedStream().toList(), InstantSource.system());
	}

	@Bean
	FileTokenReader oauth2PkceFileTokenReader() {
		return new FileTokenReader();
	}

	@Bean
	FileTokenReader oauth2PkceKubernetesTokenReader() {
		return FileTokenReader.ofKubernetes();
	}

	@Bean
	EnvironmentTokenReader oauth2PkceEnvironmentTokenReader(Environment environment) {
		return new EnvironmentTokenReader(variables(environment));
	}

	@Bean
	GitHubActionsTokenReader oauth2PkceGitHubActionsTokenReader(Environment environment,
			ObjectProvider<AuthorizationServerClient> client) {
		return new GitHubActionsTokenReader(variables(environment), client::getObject);
	}

	@Bean
	BeanTokenReader oauth2PkceBeanTokenReader(BeanFactory beans) {
		return new BeanTokenReader((name) -> beans.getBean(name, SubjectTokenSource.class), CredentialId::person);
	}

	@Bean
	InboundTokens oauth2PkceInboundTokens() {
		return new InboundTokens();
	}

	@Bean
	ProviderTokenReader oauth2PkceProviderTokenReader(ObjectProvider<Credentials> credentials) {
		return new ProviderTokenReader(credentials::getObject);
	}

	/** As Spring's environment has them: also where a test or an IDE sets them there. */
	private static UnaryOperator<@Nullable String> variables(Environment environment) {
		return environment::getProperty;
	}

}
