package io.github.oauth2pkce.spring;

import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.testing.Browser;

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

class IssuerWebFilterTests extends AbstractIssuerFilterTests {

	IssuerWebFilterTests() {
		super(WebApplicationType.REACTIVE, Application.class);
	}

	/** Spring Security reads no body for an answer; should it begin to, this fails. */
	@ParameterizedTest
	@ValueSource(strings = { "POST", "PUT" })
	void takesNoAnswerFromABody(String method) {
		URI answer = answer();
		int before = codesRedeemed();
		this.browser.send(method, Browser.with(answer, null), BodyPublishers.ofString(answer.getRawQuery()),
				"Content-Type", FORM);
		assertThat(codesRedeemed()).isEqualTo(before);
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
