package io.github.oauth2pkce.autoconfigure;

import io.github.oauth2pkce.bearer.BearerListeners;
import io.github.oauth2pkce.bearer.BearerTokenInterceptor;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.bearer.RequestLogins;
import io.github.oauth2pkce.configuration.ConfiguredProviders;
import io.github.oauth2pkce.configuration.RedirectWarning;
import io.github.oauth2pkce.runtime.JdkRedirects;
import io.github.oauth2pkce.runtime.LateRequestLogins;
import io.github.oauth2pkce.runtime.LateTokenSource;
import io.github.oauth2pkce.runtime.ResourceCertificates;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.JdkClientHttpRequestFactoryBuilder;
import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.boot.restclient.RestTemplateCustomizer;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestTemplateAutoConfiguration;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.ResourceLoader;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.security.oauth2.client.web.client.ClientRegistrationIdProcessor;
import org.springframework.web.client.support.RestClientHttpServiceGroupConfigurer;

/** Auto-configuration of bearers on RestClient, RestTemplate and HTTP service clients. */
@AutoConfiguration(after = PkceAutoConfiguration.class,
		before = { RestClientAutoConfiguration.class, RestTemplateAutoConfiguration.class })
@ConditionalOnClass(RestClientCustomizer.class)
@ConditionalOnBean(BearerTokenSource.class)
@Lazy
public final class PkceRestClientAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	BearerTokenInterceptor oauth2PkceBearerTokenInterceptor(ConfiguredProviders providers,
			ObjectProvider<BearerTokenSource> source, BearerListeners listeners, ObjectProvider<RequestLogins> logins) {
		return new BearerTokenInterceptor(providers.policies(), new LateTokenSource(source), listeners,
				new LateRequestLogins(logins));
	}

	/** Last: a header that another customizer's interceptor sets is the caller's. */
	@Bean
	@Order(Ordered.LOWEST_PRECEDENCE)
	@ConditionalOnSwitch("oauth2.pkce.restclient.customize")
	RestClientCustomizer oauth2PkceRestClientCustomizer(BearerTokenInterceptor interceptor, RedirectWarning redirects,
			ObjectProvider<ClientHttpRequestFactoryBuilder<?>> factories, ObjectProvider<HttpClientSettings> settings) {
		redirects.check(factories.getIfUnique(), settings.getIfUnique());
		return (builder) -> builder.requestInterceptor(interceptor);
	}

	@Bean
	@Conditional(PkceClientRegistrationAutoConfiguration.OnProviders.class)
	static BeanReplacement<JdkClientHttpRequestFactoryBuilder> oauth2PkceJdkRequestFactoryRedirects() {
		return new BeanReplacement<>(ClientHttpRequestFactoryBuilder.class, ClientHttpRequestFactory.class,
				JdkClientHttpRequestFactoryBuilder.class, JdkRedirects::within);
	}

	/** First: who sets another request factory knows why. */
	@Bean
	@Order(Ordered.HIGHEST_PRECEDENCE)
	@Lazy(false)
	@Conditional(OnCertificateCondition.class)
	@ConditionalOnSwitch("oauth2.pkce.restclient.customize")
	RestClientCustomizer oauth2PkceRestClientCertificateCustomizer(ConfiguredProviders configured,
			ObjectProvider<SslBundles> bundles, ObjectProvider<ClientHttpRequestFactoryBuilder<?>> factories,
			ObjectProvider<HttpClientSettings> settings, ResourceLoader resourceLoader) {
		ClientHttpRequestFactoryBuilder<?> builder = factories
			.getIfAvailable(() -> ClientHttpRequestFactoryBuilder.detect(resourceLoader.getClassLoader()));
		HttpClientSettings general = settings.getIfAvailable(HttpClientSettings::defaults);
		ResourceCertificates<ClientHttpRequestFactory> certificates = ResourceCertificates.find(configured,
				bundles.getIfAvailable(), general, builder::build);
		if (certificates == null) {
			return (client) -> {
			};
		}
		ClientHttpRequestFactory others = builder.build(general);
		return (client) -> client
			.requestFactory((uri, method) -> certificates.of(uri, others).createRequest(uri, method));
	}

	/** As for RestClient. Inside a RestClient over a RestTemplate it is there twice. */
	@Bean
	@Order(Ordered.LOWEST_PRECEDENCE)
	@ConditionalOnSwitch("oauth2.pkce.restclient.customize")
	RestTemplateCustomizer oauth2PkceRestTemplateCustomizer(BearerTokenInterceptor interceptor) {
		return (template) -> template.getInterceptors().add(interceptor);
	}

	/**
	 * Makes {@code @ClientRegistrationId} on HTTP service interfaces select a provider.
	 */
	@Bean
	@ConditionalOnSwitch("oauth2.pkce.restclient.customize")
	RestClientHttpServiceGroupConfigurer oauth2PkceRestClientHttpServiceGroupConfigurer() {
		return (groups) -> groups.forEachProxyFactory(
				(group, factory) -> factory.httpRequestValuesProcessor(ClientRegistrationIdProcessor.DEFAULT_INSTANCE));
	}

}
