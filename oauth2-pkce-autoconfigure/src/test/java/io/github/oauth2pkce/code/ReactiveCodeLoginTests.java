package io.github.oauth2pkce.code;

import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.spring.ReactiveRefreshTokenClient;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.endpoint.ReactiveOAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.client.userinfo.OAuth2UserRequest;
import org.springframework.security.oauth2.client.userinfo.ReactiveOAuth2UserService;
import org.springframework.security.oauth2.client.web.server.ServerOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.user.DefaultOAuth2User;
import org.springframework.security.oauth2.core.user.OAuth2User;
import org.springframework.security.web.server.SecurityWebFilterChain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Timeout(120)
class ReactiveCodeLoginTests {

	@Nested
	class WithLogin {

		private static WebLogins application;

		private final Browser browser = new Browser();

		@BeforeAll
		static void start() {
			application = new WebLogins(WebApplicationType.REACTIVE, LoginApplication.class,
					"oauth2.pkce.providers.public-true.additional-parameters.access_type=offline",
					"oauth2.pkce.providers.public-true.additional-parameters.prompt=consent",
					"oauth2.pkce.providers.public-true.resource=urn:one,urn:two");
		}

		@AfterAll
		static void stop() {
			application.close();
		}

		@ParameterizedTest
		@CsvSource({ "public-true, true", "public-false, false", "confidential-true, true",
				"confidential-false, false" })
		void honoursPkce(String provider, boolean pkce) {
			application.verifyPkce(provider, pkce);
		}

		@Test
		void logsNoToken() {
			application.verifyThatALoginLogsNoToken(this.browser, "public-true");
		}

		@Test
		void sendsResourceWithTheExchange() {
			URI page = application.page(this.browser, "public-true");
			assertThat(page.getRawQuery()).contains("resource=urn:one&resource=urn:two");
			assertThat(application.logIn(this.browser, page).parameters("resource")).containsExactly("urn:one");
		}

		@Test
		void sendsResourceWithRefreshes() {
			ReactiveOAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest> client = application
				.bean(ReactiveRefreshTokenClient.class);
			application.logIn(this.browser, application.page(this.browser, "public-true"));
			for (OAuth2RefreshTokenGrantRequest request : List.of(application.storedRefresh("public-true", "alice"),
					application.foreignRefresh("public-true", "public"))) {
				int before = application.server().refreshRequests();
				if (request.getAccessToken().getTokenValue().equals(stored("public-true").accessToken())) {
					expire("public-true");
				}
				client.getTokenResponse(request).block();
				assertThat(application.server().refreshRequests()).isEqualTo(before + 1);
				RecordedRequest refresh = application.lastTokenRequest();
				assertThat(refresh.parameter("refresh_token")).isEqualTo(request.getRefreshToken().getTokenValue());
				assertThat(refresh.parameters("resource")).containsExactly("urn:one");
				assertThat(refresh.hasParameter("code_verifier")).isFalse();
			}
		}

		/** Of a token that is in a visitor's session, for one. */
		@Test
		void refreshBySpringsOwnClientLogsNoToken() {
			OAuth2RefreshTokenGrantRequest request = application.foreignRefresh("public-true", "public");
			List<String> tokens = new ArrayList<>();
			String log = WebLogins.logOf(() -> {
				OAuth2AccessTokenResponse response = application.bean(ReactiveRefreshTokenClient.class)
					.getTokenResponse(request)
					.block();
				assertThat(response).isNotNull();
				tokens.add(response.getAccessToken().getTokenValue());
			});
			WebLogins.verifyHasNoToken(log, tokens.get(0));
		}

		@Test
		void additionalParametersGoWithTheAuthorizationRequestOnly() {
			URI page = application.page(this.browser, "public-true");
			assertThat(Browser.query(page)).containsEntry("access_type", "offline").containsEntry("prompt", "consent");
			assertThat(application.logIn(this.browser, page).form()).doesNotContainKeys("access_type", "prompt");
			assertThat(Browser.query(application.page(this.browser, "public-false"))).doesNotContainKey("access_type");
		}

		private static Credential stored(String provider) {
			Credential stored = application.bean(TokenStore.class).load(new CredentialId(provider, "alice"));
			assertThat(stored).isNotNull();
			return stored;
		}

		private static void expire(String provider) {
			Credential stored = stored(provider);
			application.bean(Credentials.class)
				.loggedIn(stored.id(), application.server().uri(Endpoint.TOKEN), new TokenResponse(stored.accessToken(),
						Duration.ZERO, stored.refreshToken(), null, stored.scopes()));
		}

		@Test
		void keepsTheLoginInOurStore() {
			application.logIn(this.browser, application.page(this.browser, "confidential-true"));
			Credential stored = application.bean(TokenStore.class).load(new CredentialId("confidential-true", "alice"));
			assertThat(stored).isNotNull();
			assertThat(stored.refreshToken()).isNotNull();
			assertThat(application.server().issuedSecrets()).contains(stored.accessToken(), stored.refreshToken());
		}

		@Test
		void linksEveryProviderOnTheLoginPage() {
			assertThat(this.browser.get(application.uri("/login")).body()).contains("/oauth2/authorization/public-true",
					"/oauth2/authorization/public-false", "/oauth2/authorization/confidential-true",
					"/oauth2/authorization/confidential-false");
		}

		@ParameterizedTest
		@CsvSource({ "https://other.test", "NONE" })
		void checksWhoAnswersBeforeTheCodeIsRedeemed(String iss) {
			URI answer = this.browser.redirect(application.page(this.browser, "public-true"));
			int before = application.server().requests(Endpoint.TOKEN).size();
			URI wrong = URI
				.create(answer.toString().replaceFirst("&iss=[^&]*", "NONE".equals(iss) ? "" : "&iss=" + iss));
			assertThat(this.browser.get(wrong).statusCode()).isEqualTo(400);
			assertThat(application.server().requests(Endpoint.TOKEN)).hasSize(before);
			assertThat(this.browser.redirect(answer)).isEqualTo(application.uri("/"));
		}

		@Test
		void showsTheLoginPageWhenTheTokenEndpointIsDown() {
			URI answer = this.browser.redirect(application.page(this.browser, "public-true"));
			application.server().answerAlways(Endpoint.TOKEN, Answer.connectionClosed());
			assertThat(this.browser.redirect(answer)).isEqualTo(application.uri("/login?error"));
			application.server().answerAlways(Endpoint.TOKEN, Answer.normally());
		}

	}

	@Nested
	class WithDiscoveredResource {

		private static final String METADATA = "oauth2.pkce.providers.public-true.resource-metadata-uri={server}"
				+ "/.well-known/oauth-protected-resource/api";

		private final Browser browser = new Browser();

		@Test
		void sendsItWithRequestExchangeAndRefreshes() {
			try (WebLogins application = new WebLogins(WebApplicationType.REACTIVE, LoginApplication.class, METADATA)) {
				assertThat(application.server().requests()).isEmpty();
				String resource = application.server().uri("/api").toString();
				URI page = application.page(this.browser, "public-true");
				assertThat(Browser.query(page)).containsEntry("resource", resource);
				assertThat(application.logIn(this.browser, page).parameters("resource")).containsExactly(resource);
				application.bean(ReactiveRefreshTokenClient.class)
					.getTokenResponse(application.foreignRefresh("public-true", "public"))
					.block();
				assertThat(application.lastTokenRequest().parameters("resource")).containsExactly(resource);
				assertThat(application.server().refreshRequests()).isEqualTo(1);
				assertThat(application.server().requests(Endpoint.RESOURCE_METADATA)).hasSize(1);
			}
		}

		@Test
		void sendsNothingWithoutIt() {
			try (WebLogins application = new WebLogins(WebApplicationType.REACTIVE, LoginApplication.class, METADATA)) {
				application.server().resourceMetadata().put("resource", "https://evil.example/api");
				HttpResponse<String> answer = this.browser.get(application.uri("/oauth2/authorization/public-true"));
				assertThat(answer.headers().firstValue("Location").orElse(""))
					.doesNotContain(application.server().issuer());
				OAuth2RefreshTokenGrantRequest refresh = application.foreignRefresh("public-true", "public");
				assertThatExceptionOfType(OAuth2AuthorizationException.class)
					.isThrownBy(
							() -> application.bean(ReactiveRefreshTokenClient.class).getTokenResponse(refresh).block())
					.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("temporarily_unavailable"))
					.withMessageContaining("resource-metadata-uri");
				assertThat(application.server().requests(Endpoint.AUTHORIZATION)).isEmpty();
				assertThat(application.server().refreshRequests()).isZero();
			}
		}

		@Test
		void readsItOffTheEventLoopWhateverTheRepository() {
			try (WebLogins application = new WebLogins(WebApplicationType.REACTIVE, OwnRepositoryApplication.class,
					METADATA)) {
				assertThat(Browser.query(application.page(this.browser, "public-true"))).containsEntry("resource",
						application.server().uri("/api").toString());
			}
		}

	}

	@Nested
	class WithRequiredIss {

		@ParameterizedTest
		@ValueSource(classes = { LoginApplication.class, ClientApplication.class })
		void refusesAnswersThatDoNotSayWhoTheyAreFrom(Class<?> configuration) {
			try (WebLogins application = new WebLogins(WebApplicationType.REACTIVE, configuration,
					"oauth2.pkce.providers.public-true.require-iss=true")) {
				application.server().discovery().document().put(IssuerCheck.METADATA, false);
				Browser browser = new Browser();
				URI answer = browser.redirect(application.page(browser, "public-true"));
				for (String iss : List.of("", "&iss=https://other.test")) {
					URI wrong = URI.create(answer.toString().replaceFirst("&iss=[^&]*", iss));
					assertThat(browser.get(wrong).statusCode()).isEqualTo(400);
				}
				assertThat(application.server().requests(Endpoint.TOKEN)).isEmpty();
				assertThat(browser.redirect(answer).toString()).doesNotContain("error");
				assertThat(application.server().requests(Endpoint.TOKEN)).hasSize(1);
			}
		}

	}

	@Nested
	class WithClient {

		@Test
		void honoursPkceWithTheDocumentedLine() {
			try (WebLogins application = new WebLogins(WebApplicationType.REACTIVE, ClientApplication.class)) {
				application.verifyPkce("public-true", true);
				application.verifyPkce("public-false", false);
				application.verifyPkce("confidential-true", true);
				application.verifyPkce("confidential-false", false);
			}
		}

		/** When this fails, Spring Security looks for the bean: the line can go. */
		@Test
		void ignoresPkceFalseOfPublicClientsWithoutThatLine() {
			try (WebLogins application = new WebLogins(WebApplicationType.REACTIVE, PlainClientApplication.class)) {
				application.verifyPkce("public-false", true);
				application.verifyPkce("confidential-false", false);
			}
		}

	}

	@Nested
	class WithOneProvider {

		@Test
		void sendsThePersonStraightToIt() {
			try (WebLogins application = WebLogins.withOneProvider(WebApplicationType.REACTIVE,
					LoginApplication.class)) {
				Browser browser = new Browser();
				URI next = browser.redirect(application.uri("/somewhere"));
				assertThat(next.getPath()).isEqualTo("/oauth2/authorization/public-true");
			}
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
