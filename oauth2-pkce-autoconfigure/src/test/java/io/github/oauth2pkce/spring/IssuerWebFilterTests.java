package io.github.oauth2pkce.spring;

import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.testing.Browser;
import io.github.oauth2pkce.testing.Endpoint;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.client.userinfo.OAuth2UserRequest;
import org.springframework.security.oauth2.client.userinfo.ReactiveOAuth2UserService;
import org.springframework.security.oauth2.core.user.DefaultOAuth2User;
import org.springframework.security.oauth2.core.user.OAuth2User;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.util.matcher.PathPatternParserServerWebExchangeMatcher;

import static org.assertj.core.api.Assertions.assertThat;

/** The same as {@link IssuerFilterTests} for the reactive stack. */
@Timeout(120)
class IssuerWebFilterTests {

	private static WebLogins application;

	private final Browser browser = new Browser();

	@BeforeAll
	static void start() {
		application = new WebLogins(WebApplicationType.REACTIVE, Application.class);
	}

	@AfterAll
	static void stop() {
		application.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "GET", "POST", "PUT", "PATCH", "DELETE" })
	void checksAnAnswerWhateverItsMethod(String method) {
		URI page = application.page(this.browser, "public-true");
		URI answer = Browser.with(application.uri("/back/public-true"), this.browser.redirect(page).getRawQuery());
		URI wrong = URI.create(answer.toString().replaceFirst("iss=[^&]*", "iss=https%3A%2F%2Fevil.test"));
		int before = application.server().requests(Endpoint.TOKEN).size();
		assertThat(this.browser.send(method, wrong).statusCode()).isEqualTo(400);
		assertThat(application.server().requests(Endpoint.TOKEN)).hasSize(before);
		assertThat(this.browser.send(method, answer).statusCode()).isEqualTo(302);
		assertThat(application.server().requests(Endpoint.TOKEN)).hasSize(before + 1);
	}

	/** Spring Security reads no body for an answer; should it begin to, this fails. */
	@ParameterizedTest
	@ValueSource(strings = { "POST", "PUT" })
	void takesNoAnswerFromABody(String method) {
		URI page = application.page(this.browser, "public-true");
		String answer = this.browser.redirect(page).getRawQuery();
		int before = application.server().requests(Endpoint.TOKEN).size();
		this.browser.send(method, application.uri("/back/public-true"), BodyPublishers.ofString(answer), "Content-Type",
				"application/x-www-form-urlencoded");
		assertThat(application.server().requests(Endpoint.TOKEN)).hasSize(before);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		SecurityWebFilterChain security(ServerHttpSecurity http) {
			return http.authorizeExchange((exchange) -> exchange.anyExchange().permitAll())
				.csrf(ServerHttpSecurity.CsrfSpec::disable)
				.oauth2Login((login) -> login
					.authenticationMatcher(new PathPatternParserServerWebExchangeMatcher("/back/{registrationId}")))
				.build();
		}

		@Bean
		ReactiveOAuth2UserService<OAuth2UserRequest, OAuth2User> users() {
			return (request) -> Mono
				.just(new DefaultOAuth2User(AuthorityUtils.NO_AUTHORITIES, Map.of("sub", "alice"), "sub"));
		}

	}

}
