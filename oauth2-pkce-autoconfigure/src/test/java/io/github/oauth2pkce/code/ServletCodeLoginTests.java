package io.github.oauth2pkce.code;

import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
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

import io.github.oauth2pkce.observability.OAuth2ProvidersEndpoint;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.spring.RefreshTokenClient;
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
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.userinfo.OAuth2UserRequest;
import org.springframework.security.oauth2.client.userinfo.OAuth2UserService;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.user.DefaultOAuth2User;
import org.springframework.security.oauth2.core.user.OAuth2User;
import org.springframework.security.web.SecurityFilterChain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

@Timeout(120)
class ServletCodeLoginTests {

	@Nested
	class WithLogin {

		private static WebLogins application;

		private final Browser browser = new Browser();

		@BeforeAll
		static void start() {
			application = new WebLogins(WebApplicationType.SERVLET, LoginApplication.class,
					"oauth2.pkce.providers.public-true.additional-parameters.access_type=offline",
					"oauth2.pkce.providers.public-true.additional-parameters.prompt=consent",
					"oauth2.pkce.providers.public-true.resource=https://one.test/a b,urn:two".replace(" ", ""),
					"management.endpoints.web.exposure.include=oauth2providers",
					"management.endpoint.oauth2providers.access=unrestricted");
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
		void sendsResourceWithRequestAndExchange() {
			URI page = application.page(this.browser, "public-true");
			RecordedRequest exchange = application.logIn(this.browser, page);
			List<RecordedRequest> asked = application.server().requests(Endpoint.AUTHORIZATION);
			assertThat(asked.get(asked.size() - 1).parameters("resource")).containsExactly("https://one.test/ab",
					"urn:two");
			assertThat(exchange.parameters("resource")).containsExactly("https://one.test/ab");
		}

		@Test
		void sendsResourceWithRefreshes() {
			OAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest> client = application
				.bean(RefreshTokenClient.class);
			application.logIn(this.browser, application.page(this.browser, "public-true"));
			for (OAuth2RefreshTokenGrantRequest request : List.of(application.storedRefresh("public-true", "alice"),
					application.foreignRefresh("public-true", "public"))) {
				int before = application.server().refreshRequests();
				if (request.getAccessToken().getTokenValue().equals(stored("public-true").accessToken())) {
					expire("public-true");
				}
				client.getTokenResponse(request);
				assertThat(application.server().refreshRequests()).isEqualTo(before + 1);
				RecordedRequest refresh = application.lastTokenRequest();
				assertThat(refresh.parameter("refresh_token")).isEqualTo(request.getRefreshToken().getTokenValue());
				assertThat(refresh.parameters("resource")).containsExactly("https://one.test/ab");
				assertThat(refresh.hasParameter("code_verifier")).isFalse();
			}
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
			String page = this.browser.get(application.uri("/login")).body();
			assertThat(page).contains("/oauth2/authorization/public-true", "/oauth2/authorization/public-false",
					"/oauth2/authorization/confidential-true", "/oauth2/authorization/confidential-false");
		}

		@ParameterizedTest
		@CsvSource({ "SELF, true", "https://other.test, false", ", false", "TWICE, false" })
		void checksWhoAnswersBeforeTheCodeIsRedeemed(String iss, boolean accepted) {
			URI answer = this.browser.redirect(application.page(this.browser, "public-true"));
			Map<String, String> parameters = Browser.query(answer);
			String query = "code=" + parameters.get("code") + "&state=" + parameters.get("state");
			String self = "&iss=" + application.server().issuer();
			if (iss != null) {
				String value = "&iss=" + iss;
				query += value.replace("&iss=SELF", self).replace("&iss=TWICE", self + self);
			}
			int before = application.server().requests(Endpoint.TOKEN).size();
			HttpResponse<String> response = this.browser.get(Browser.with(answer, query));
			if (accepted) {
				assertThat(response.headers().firstValue("Location")).hasValue(application.uri("/").toString());
				return;
			}
			assertThat(response.statusCode()).isEqualTo(400);
			assertThat(response.headers().firstValue("Content-Security-Policy")).isPresent();
			assertThat(application.server().requests(Endpoint.TOKEN)).hasSize(before);
			// The pending login is still there for the right answer.
			URI next = this.browser.redirect(answer);
			assertThat(next).isEqualTo(application.uri("/"));
		}

		@Test
		void endpointSaysWhereABrowserLoginBegins() {
			OAuth2ProvidersEndpoint endpoint = application.bean(OAuth2ProvidersEndpoint.class);
			String page = "http://localhost:" + application.uri("/").getPort() + "/oauth2/authorization/public-true";
			assertThatIllegalArgumentException().isThrownBy(() -> endpoint.act("public-true", "login"))
				.withMessage("A login to provider 'public-true' begins in a browser, at " + page);
			assertThat(String.valueOf(endpoint.provider("public-true").get("remedy")))
				.startsWith("Log in: open " + page)
				.contains("oauth2.pkce.providers.public-true.principal=current-user");
		}

		@Test
		void checksWhoPostsAnAnswer() {
			URI answer = this.browser.redirect(application.page(this.browser, "public-true"));
			URI wrong = URI.create(answer.toString().replaceFirst("iss=[^&]*", "iss=x"));
			assertThat(this.browser.send("POST", wrong).statusCode()).isIn(400, 403);
			assertThat(this.browser.redirect(answer)).isEqualTo(application.uri("/"));
		}

		@Test
		void showsTheLoginPageWhenTheTokenEndpointIsDown() {
			URI page = application.page(this.browser, "public-true");
			URI answer = this.browser.redirect(page);
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
			try (WebLogins application = new WebLogins(WebApplicationType.SERVLET, LoginApplication.class, METADATA)) {
				assertThat(application.server().requests()).isEmpty();
				String resource = application.server().uri("/api").toString();
				URI page = application.page(this.browser, "public-true");
				assertThat(Browser.query(page)).containsEntry("resource", resource);
				assertThat(application.logIn(this.browser, page).parameters("resource")).containsExactly(resource);
				application.bean(RefreshTokenClient.class)
					.getTokenResponse(application.foreignRefresh("public-true", "public"));
				assertThat(application.lastTokenRequest().parameters("resource")).containsExactly(resource);
				assertThat(application.server().refreshRequests()).isEqualTo(1);
				assertThat(application.server().requests(Endpoint.RESOURCE_METADATA)).hasSize(1);
			}
		}

		@Test
		void sendsNothingWithoutIt() {
			try (WebLogins application = new WebLogins(WebApplicationType.SERVLET, LoginApplication.class, METADATA)) {
				application.server().resourceMetadata().put("resource", "https://evil.example/api");
				HttpResponse<String> answer = this.browser.get(application.uri("/oauth2/authorization/public-true"));
				assertThat(answer.headers().firstValue("Location").orElse(""))
					.doesNotContain(application.server().issuer());
				OAuth2RefreshTokenGrantRequest refresh = application.foreignRefresh("public-true", "public");
				assertThatExceptionOfType(OAuth2AuthorizationException.class)
					.isThrownBy(() -> application.bean(RefreshTokenClient.class).getTokenResponse(refresh))
					.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("temporarily_unavailable"))
					.withMessageContaining("resource-metadata-uri");
				assertThat(application.server().requests(Endpoint.AUTHORIZATION)).isEmpty();
				assertThat(application.server().refreshRequests()).isZero();
			}
		}

	}

	@Nested
	class WithRequiredIss {

		@ParameterizedTest
		@ValueSource(classes = { LoginApplication.class, ClientApplication.class })
		void refusesAnswersThatDoNotSayWhoTheyAreFrom(Class<?> configuration) {
			try (WebLogins application = new WebLogins(WebApplicationType.SERVLET, configuration,
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
		void honoursPkce() {
			try (WebLogins application = new WebLogins(WebApplicationType.SERVLET, ClientApplication.class)) {
				application.verifyPkce("public-true", true);
				application.verifyPkce("public-false", false);
				application.verifyPkce("confidential-true", true);
				application.verifyPkce("confidential-false", false);
				Browser browser = new Browser();
				URI answer = browser.redirect(application.page(browser, "public-true"));
				URI wrong = URI.create(answer.toString().replaceFirst("iss=[^&]*", "iss=x"));
				assertThat(browser.get(wrong).statusCode()).isEqualTo(400);
				assertThat(browser.get(answer).statusCode()).isEqualTo(302);
			}
		}

	}

	@Nested
	class WithOneProvider {

		@Test
		void sendsThePersonStraightToIt() {
			try (WebLogins application = WebLogins.withOneProvider(WebApplicationType.SERVLET,
					LoginApplication.class)) {
				Browser browser = new Browser();
				URI next = browser.redirect(application.uri("/somewhere"));
				assertThat(next.getPath()).isEqualTo("/oauth2/authorization/public-true");
			}
		}

		@Test
		void acceptsAnswersThatDoNotSayWhoTheyAreFromIfTheServerNeverSaidSo() {
			try (WebLogins application = WebLogins.withOneProvider(WebApplicationType.SERVLET,
					LoginApplication.class)) {
				application.server().discovery().document().put(IssuerCheck.METADATA, false);
				Browser browser = new Browser();
				URI answer = browser.redirect(application.page(browser, "public-true"));
				URI wrong = URI.create(answer.toString().replaceFirst("iss=[^&]*", "iss=https://other.test"));
				assertThat(browser.get(wrong).statusCode()).isEqualTo(400);
				URI without = URI.create(answer.toString().replaceFirst("&iss=[^&]*", ""));
				assertThat(without.toString()).doesNotContain("iss=");
				assertThat(browser.redirect(without)).isEqualTo(application.uri("/"));
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class LoginApplication {

		@Bean
		OAuth2UserService<OAuth2UserRequest, OAuth2User> users() {
			return (request) -> new DefaultOAuth2User(AuthorityUtils.NO_AUTHORITIES, Map.of("sub", "alice"), "sub");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class ClientApplication {

		@Bean
		SecurityFilterChain security(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll())
				.oauth2Client(Customizer.withDefaults())
				.build();
		}

	}

}
