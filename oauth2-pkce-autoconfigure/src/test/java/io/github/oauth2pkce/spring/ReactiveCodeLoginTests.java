package io.github.oauth2pkce.spring;

import java.util.Map;

import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.testing.Browser;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.client.userinfo.OAuth2UserRequest;
import org.springframework.security.oauth2.client.userinfo.ReactiveOAuth2UserService;
import org.springframework.security.oauth2.client.web.server.ServerOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.user.DefaultOAuth2User;
import org.springframework.security.oauth2.core.user.OAuth2User;
import org.springframework.security.web.server.SecurityWebFilterChain;

import static org.assertj.core.api.Assertions.assertThat;

class ReactiveCodeLoginTests extends AbstractCodeLoginTests {

	ReactiveCodeLoginTests() {
		super(WebApplicationType.REACTIVE, LoginApplication.class, ClientApplication.class);
	}

	@Override
	OAuth2AccessTokenResponse refresh(WebLoginWorld application, OAuth2RefreshTokenGrantRequest request) {
		return application.bean(ReactiveRefreshTokenClient.class).getTokenResponse(request).block();
	}

	@Test
	void readsResourceMetadataOffTheEventLoopWhateverTheRepository() {
		try (WebLoginWorld application = startWithDiscoveredResource(OwnRepositoryApplication.class)) {
			assertThat(Browser.query(application.page(new Browser(), "public-true"))).containsEntry("resource",
					application.server().uri("/api").toString());
		}
	}

	/** When this fails, Spring Security looks for the bean: the line can go. */
	@Test
	void clientWithoutTheDocumentedLineIgnoresPkceFalseOfPublicClients() {
		try (WebLoginWorld application = start(PlainClientApplication.class)) {
			application.verifyPkce("public-false", true);
			application.verifyPkce("confidential-false", false);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class LoginApplication {

		@Bean
		ReactiveOAuth2UserService<OAuth2UserRequest, OAuth2User> users() {
			return (request) -> Mono
				.just(new DefaultOAuth2User(AuthorityUtils.NO_AUTHORITIES, Map.of("sub", "alice"), "sub"));
		}

	}

	/** A repository that answers where nobody may block. */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class OwnRepositoryApplication extends LoginApplication {

		@Bean
		ReactiveClientRegistrationRepository registrations(ClientRegistrationRepository registrations) {
			return (id) -> Mono.fromCallable(() -> registrations.findByRegistrationId(id))
				.subscribeOn(Schedulers.boundedElastic())
				.publishOn(Schedulers.parallel());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class ClientApplication {

		@Bean
		SecurityWebFilterChain security(ServerHttpSecurity http, ServerOAuth2AuthorizationRequestResolver resolver) {
			return http.authorizeExchange((exchange) -> exchange.anyExchange().permitAll())
				.oauth2Client((client) -> client.authorizationRequestResolver(resolver))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class PlainClientApplication {

		@Bean
		SecurityWebFilterChain security(ServerHttpSecurity http) {
			return http.authorizeExchange((exchange) -> exchange.anyExchange().permitAll())
				.oauth2Client(Customizer.withDefaults())
				.build();
		}

	}

}
