package io.github.oauth2pkce.autoconfigure;

import java.util.stream.StreamSupport;

import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.bearer.BearerListeners;
import io.github.oauth2pkce.bearer.BearerTokenFilter;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.bearer.RequestLogins;
import io.github.oauth2pkce.configuration.ConfiguredProviders;
import io.github.oauth2pkce.configuration.RedirectWarning;
import io.github.oauth2pkce.runtime.ApplicationConnector;
import io.github.oauth2pkce.runtime.JdkRedirects;
import io.github.oauth2pkce.runtime.LateRequestLogins;
import io.github.oauth2pkce.runtime.LateTokenSource;
import io.github.oauth2pkce.runtime.ResourceCertificates;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.JdkClientHttpConnectorBuilder;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.ResourceLoader;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.security.oauth2.client.web.client.ClientRegistrationIdProcessor;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.support.WebClientHttpServiceGroupConfigurer;

/** Auto-configuration of bearers on WebClient and on HTTP service clients over it. */
@AutoConfiguration(after = PkceAutoConfiguration.class, before = WebClientAutoConfiguration.class)
@ConditionalOnClass({ WebClient.class, WebClientCustomizer.class })
@ConditionalOnBean(BearerTokenSource.class)
@Lazy
public final class PkceWebClientAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	BearerTokenFilter oauth2PkceBearerTokenFilter(ConfiguredProviders providers,
			ObjectProvider<BearerTokenSource> source, BearerListeners listeners, ObjectProvider<RequestLogins> logins) {
		return new BearerTokenFilter(providers.policies(), new LateTokenSource(source), listeners,
				new LateRequestLogins(logins));
	}

	/** Last: a header that another customizer's filter sets is the caller's. */
	@Bean
	@Order(Ordered.LOWEST_PRECEDENCE)
	@ConditionalOnSwitch("oauth2.pkce.webclient.customize")
	WebClientCustomizer oauth2PkceWebClientCustomizer(BearerTokenFilter filter, ConfiguredProviders configured,
			RedirectWarning redirects, ObjectProvider<ClientHttpConnectorBuilder<?>> connectors,
			ObjectProvider<HttpClientSettings> settings) {
		redirects.check(connectors.getIfUnique(), settings.getIfUnique());
		boolean ofUsers = StreamSupport.stream(configured.providers().spliterator(), false)
			.anyMatch((provider) -> provider.principal() == PrincipalKind.CURRENT_USER);
		return ofUsers ? filter.oauth2Configuration()::accept : (builder) -> builder.filter(filter);
	}

	@Bean
	@Conditional(PkceClientRegistrationAutoConfiguration.OnProviders.class)
	static BeanReplacement<JdkClientHttpConnectorBuilder> oauth2PkceJdkConnectorRedirects() {
		return new BeanReplacement<>(ClientHttpConnectorBuilder.class, ClientHttpConnector.class,
				JdkClientHttpConnectorBuilder.class, JdkRedirects::within);
	}

	/**
	 * After Boot's own customizer, which sets the connector of all requests. A connector
	 * of the application's own has its own certificates.
	 */
	@Bean
	@Order(1)
	@Lazy(false)
	@Conditional(OnCertificateCondition.class)
	@ConditionalOnSwitch("oauth2.pkce.webclient.customize")
	WebClientCustomizer oauth2PkceWebClientCertificateCustomizer(ConfiguredProviders configured,
			ObjectProvider<SslBundles> bundles, ObjectProvider<ClientHttpConnectorBuilder<?>> connectors,
			ObjectProvider<HttpClientSettings> settings, ObjectProvider<ClientHttpConnector> clientHttpConnector,
			ObjectProvider<ApplicationConnector> applicationConnector, ResourceLoader resourceLoader) {
		ClientHttpConnectorBuilder<?> builder = connectors
			.getIfAvailable(() -> ClientHttpConnectorBuilder.detect(resourceLoader.getClassLoader()));
		HttpClientSettings general = settings.getIfAvailable(HttpClientSettings::defaults);
		ResourceCertificates<ClientHttpConnector> certificates = (applicationConnector.getIfAvailable() == null)
				? ResourceCertificates.find(configured, bundles.getIfAvailable(), general, builder::build) : null;
		if (certificates == null) {
			return (client) -> {
			};
		}
		ClientHttpConnector others = clientHttpConnector.getIfUnique(() -> builder.build(general));
		return (client) -> client
			.clientConnector((method, uri, request) -> certificates.of(uri, others).connect(method, uri, request));
	}

	/**
	 * Makes {@code @ClientRegistrationId} on HTTP service interfaces select a provider.
	 */
	@Bean
	@ConditionalOnSwitch("oauth2.pkce.webclient.customize")
	WebClientHttpServiceGroupConfigurer oauth2PkceHttpServiceGroupConfigurer() {
		return (groups) -> groups.forEachProxyFactory(
				(group, factory) -> factory.httpRequestValuesProcessor(ClientRegistrationIdProcessor.DEFAULT_INSTANCE));
	}

}
