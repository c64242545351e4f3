package io.github.oauth2pkce.spring;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.autoconfigure.PkceAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceClientRegistrationAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceReactiveCodeLoginAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceServletCodeLoginAutoConfiguration;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.server.ServerOAuth2AuthorizationRequestResolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

class CodeLoginConditionsTests {

	private static final AutoConfigurations CONFIGURATIONS = AutoConfigurations.of(PkceAutoConfiguration.class,
			PkceClientRegistrationAutoConfiguration.class, PkceServletCodeLoginAutoConfiguration.class,
			PkceReactiveCodeLoginAutoConfiguration.class);

	/** Nothing listens there: a start that asks fails. */
	private static final String[] PROPERTIES = { "oauth2.pkce.store.type=memory",
			"oauth2.pkce.providers.main.issuer-uri=http://127.0.0.1:1", "oauth2.pkce.providers.main.client-id=main",
			"oauth2.pkce.providers.main.authorization-grant-type=authorization_code",
			"oauth2.pkce.providers.device.issuer-uri=http://127.0.0.1:1",
			"oauth2.pkce.providers.device.client-id=device" };

	private final WebApplicationContextRunner servlet = new WebApplicationContextRunner()
		.withConfiguration(CONFIGURATIONS)
		.withPropertyValues(PROPERTIES);

	private final ReactiveWebApplicationContextRunner reactive = new ReactiveWebApplicationContextRunner()
		.withConfiguration(CONFIGURATIONS)
		.withPropertyValues(PROPERTIES);

	@Test
	void contributesToServletApplications() {
		this.servlet.run((context) -> assertThat(context).hasSingleBean(OAuth2AuthorizationRequestResolver.class)
			.hasSingleBean(IssuerFilter.class)
			.hasSingleBean(OAuth2AccessTokenResponseClient.class)
			.doesNotHaveBean(IssuerWebFilter.class));
	}

	@Test
	void contributesToReactiveApplications() {
		this.reactive.run((context) -> assertThat(context).hasSingleBean(ServerOAuth2AuthorizationRequestResolver.class)
			.hasSingleBean(IssuerWebFilter.class)
			.hasSingleBean(CodeTokenClient.class)
			.doesNotHaveBean(IssuerFilter.class));
	}

	@Test
	void leavesProgramsAlone() {
		new ApplicationContextRunner().withConfiguration(CONFIGURATIONS)
			.withPropertyValues(PROPERTIES)
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(OAuth2AuthorizationRequestResolver.class)
				.doesNotHaveBean(ServerOAuth2AuthorizationRequestResolver.class));
	}

	@Test
	void backsOffForBeansOfTheApplication() {
		this.servlet.withUserConfiguration(OwnResolver.class)
			.run((context) -> assertThat(context).hasSingleBean(OAuth2AuthorizationRequestResolver.class)
				.hasBean("ownResolver"));
	}

	@Test
	void keepsItsTokenClientBesideThatOfAnotherGrant() {
		this.servlet.withUserConfiguration(OwnRefreshClient.class)
			.run((context) -> assertThat(context).hasBean("ownRefreshClient").hasBean("oauth2PkceCodeTokenClient"));
		this.servlet.withUserConfiguration(OwnCodeClient.class)
			.run((context) -> assertThat(context).hasBean("ownCodeClient")
				.doesNotHaveBean("oauth2PkceCodeTokenClient"));
	}

	@Test
	void backsOffWithoutSpringSecurityConfig() {
		this.servlet.withClassLoader(new FilteredClassLoader(EnableWebSecurity.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(OAuth2AuthorizationRequestResolver.class));
		this.reactive.withClassLoader(new FilteredClassLoader(EnableWebFluxSecurity.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(ServerOAuth2AuthorizationRequestResolver.class));
	}

	@Test
	void backsOffWithoutProviders() {
		new WebApplicationContextRunner().withConfiguration(CONFIGURATIONS)
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(OAuth2AuthorizationRequestResolver.class));
	}

	@Test
	void namesBrowserLoginsWithoutAskingTheirServers() {
		this.servlet.run((context) -> {
			List<ClientRegistration> names = new ArrayList<>();
			context.getBean(ProviderClientRegistrationRepository.class).forEach(names::add);
			assertThat(names).singleElement()
				.satisfies((name) -> assertThat(name.getRegistrationId()).isEqualTo("main"));
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnResolver {

		@Bean
		OAuth2AuthorizationRequestResolver ownResolver() {
			return mock(OAuth2AuthorizationRequestResolver.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnRefreshClient {

		@Bean
		OAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest> ownRefreshClient() {
			return (request) -> {
				throw new UnsupportedOperationException();
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnCodeClient {

		@Bean
		OAuth2AccessTokenResponseClient<OAuth2AuthorizationCodeGrantRequest> ownCodeClient() {
			return (request) -> {
				throw new UnsupportedOperationException();
			};
		}

	}

}
