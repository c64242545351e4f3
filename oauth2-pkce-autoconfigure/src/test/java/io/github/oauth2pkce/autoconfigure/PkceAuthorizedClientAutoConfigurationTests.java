package io.github.oauth2pkce.autoconfigure;

import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.spring.ClientCredentialsTokenClient;
import io.github.oauth2pkce.spring.ReactiveClientCredentialsTokenClient;
import io.github.oauth2pkce.spring.ReactiveRefreshTokenClient;
import io.github.oauth2pkce.spring.ReactiveStoredAuthorizedClientService;
import io.github.oauth2pkce.spring.RefreshTokenClient;
import io.github.oauth2pkce.spring.StoredAuthorizedClientService;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientAutoConfiguration;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientProperties;
import org.springframework.boot.security.oauth2.client.autoconfigure.reactive.ReactiveOAuth2ClientAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.endpoint.ReactiveOAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.RestClientClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

class PkceAuthorizedClientAutoConfigurationTests {

	private static final AutoConfigurations OURS = AutoConfigurations.of(PkceAutoConfiguration.class,
			PkceClientRegistrationAutoConfiguration.class, PkceAuthorizedClientAutoConfiguration.class);

	/** Nothing listens there: a start that asks fails. */
	private static final String[] PROVIDER = { "oauth2.pkce.store.type=memory", "oauth2.pkce.login.on-startup=never",
			"oauth2.pkce.providers.demo.issuer-uri=http://127.0.0.1:1", "oauth2.pkce.providers.demo.client-id=demo" };

	private final ApplicationContextRunner empty = new ApplicationContextRunner().withConfiguration(OURS)
		.withConfiguration(AutoConfigurations.of(OAuth2ClientAutoConfiguration.class,
				ReactiveOAuth2ClientAutoConfiguration.class));

	private final ApplicationContextRunner runner = this.empty.withPropertyValues(PROVIDER);

	/** A lazy bean is known by its own class when it has been made. */
	private static AssertableApplicationContext made(AssertableApplicationContext context) {
		if (context.getStartupFailure() == null) {
			context.getBeansOfType(OAuth2AuthorizedClientService.class);
			context.getBeansOfType(ReactiveOAuth2AuthorizedClientService.class);
			context.getBeansOfType(OAuth2AccessTokenResponseClient.class);
			context.getBeansOfType(ReactiveOAuth2AccessTokenResponseClient.class);
		}
		return context;
	}

	@Test
	void contributesBeforeBoot() {
		this.runner.run((context) -> {
			assertThat(made(context)).hasNotFailed()
				.hasSingleBean(RefreshTokenClient.class)
				.hasSingleBean(ReactiveRefreshTokenClient.class)
				.hasSingleBean(ClientCredentialsTokenClient.class)
				.hasSingleBean(ReactiveClientCredentialsTokenClient.class);
			assertThat(context.getBean(OAuth2AuthorizedClientService.class))
				.isInstanceOf(StoredAuthorizedClientService.class);
			assertThat(context.getBean(ReactiveOAuth2AuthorizedClientService.class))
				.isInstanceOf(ReactiveStoredAuthorizedClientService.class);
		});
	}

	@Test
	void backsOffForServicesOfTheApplication() {
		this.runner.withUserConfiguration(OwnServices.class)
			.run((context) -> assertThat(made(context)).hasNotFailed()
				.hasSingleBean(OAuth2AuthorizedClientService.class)
				.hasSingleBean(ReactiveOAuth2AuthorizedClientService.class)
				.doesNotHaveBean(StoredAuthorizedClientService.class)
				.doesNotHaveBean(ReactiveStoredAuthorizedClientService.class)
				.hasSingleBean(RefreshTokenClient.class));
	}

	@Test
	void backsOffForTokenClientsOfTheApplication() {
		this.runner.withUserConfiguration(OwnTokenClients.class)
			.run((context) -> assertThat(made(context)).hasNotFailed()
				.doesNotHaveBean(RefreshTokenClient.class)
				.doesNotHaveBean(ReactiveRefreshTokenClient.class)
				.hasSingleBean(ClientCredentialsTokenClient.class)
				.hasSingleBean(ReactiveClientCredentialsTokenClient.class)
				.hasSingleBean(StoredAuthorizedClientService.class));
	}

	/** Two of one grant, and Spring Security's configuration would not start. */
	@Test
	void keepsItsTokenClientsBesideThoseOfAnotherGrant() {
		this.runner.withUserConfiguration(OwnMachineClients.class)
			.run((context) -> assertThat(made(context)).hasNotFailed()
				.hasBean("ownMachineTokens")
				.hasBean("ownReactiveMachineTokens")
				.doesNotHaveBean(ClientCredentialsTokenClient.class)
				.doesNotHaveBean(ReactiveClientCredentialsTokenClient.class)
				.hasSingleBean(RefreshTokenClient.class)
				.hasSingleBean(ReactiveRefreshTokenClient.class));
	}

	@Test
	void leavesReactiveClientsToBootWhereTheirRegistrationsAreTheApplications() {
		this.runner.withUserConfiguration(OwnRegistrations.class)
			.run((context) -> assertThat(made(context)).hasSingleBean(ReactiveOAuth2AuthorizedClientService.class)
				.doesNotHaveBean(ReactiveStoredAuthorizedClientService.class)
				.hasSingleBean(StoredAuthorizedClientService.class));
	}

	@Test
	void worksWithoutBootsOAuth2Client() {
		new ApplicationContextRunner().withConfiguration(OURS)
			.withPropertyValues(PROVIDER)
			.withClassLoader(new FilteredClassLoader(OAuth2ClientProperties.class, OAuth2ClientAutoConfiguration.class,
					ReactiveOAuth2ClientAutoConfiguration.class))
			.run((context) -> assertThat(made(context)).hasNotFailed()
				.hasSingleBean(StoredAuthorizedClientService.class)
				.hasSingleBean(ReactiveStoredAuthorizedClientService.class));
	}

	@Test
	void backsOffWithoutProvidersAndWhenDisabled() {
		this.empty.run((context) -> assertThat(made(context)).hasNotFailed().doesNotHaveBean(RefreshTokenClient.class));
		this.runner.withPropertyValues("oauth2.pkce.enabled=false")
			.run((context) -> assertThat(made(context)).hasNotFailed().doesNotHaveBean(RefreshTokenClient.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnServices {

		@Bean
		OAuth2AuthorizedClientService ownClients() {
			return mock(OAuth2AuthorizedClientService.class);
		}

		@Bean
		ReactiveOAuth2AuthorizedClientService ownReactiveClients() {
			return mock(ReactiveOAuth2AuthorizedClientService.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnTokenClients {

		@Bean
		OAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest> ownTokens() {
			return (request) -> {
				throw new UnsupportedOperationException();
			};
		}

		@Bean
		ReactiveOAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest> ownReactiveTokens() {
			return (request) -> {
				throw new UnsupportedOperationException();
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnMachineClients {

		@Bean
		RestClientClientCredentialsTokenResponseClient ownMachineTokens() {
			return new RestClientClientCredentialsTokenResponseClient();
		}

		@Bean
		ReactiveOAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> ownReactiveMachineTokens() {
			return (request) -> {
				throw new UnsupportedOperationException();
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnRegistrations {

		@Bean
		ReactiveClientRegistrationRepository ownRegistrations() {
			return mock(ReactiveClientRegistrationRepository.class);
		}

	}

}
