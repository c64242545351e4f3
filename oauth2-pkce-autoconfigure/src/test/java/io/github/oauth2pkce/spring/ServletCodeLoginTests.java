package io.github.oauth2pkce.spring;

import java.net.URI;
import java.util.Map;

import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Browser;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.userinfo.OAuth2UserRequest;
import org.springframework.security.oauth2.client.userinfo.OAuth2UserService;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.user.DefaultOAuth2User;
import org.springframework.security.oauth2.core.user.OAuth2User;
import org.springframework.security.web.SecurityFilterChain;

import static org.assertj.core.api.Assertions.assertThat;

class ServletCodeLoginTests extends AbstractCodeLoginTests {

	ServletCodeLoginTests() {
		super(WebApplicationType.SERVLET, LoginApplication.class, ClientApplication.class);
	}

	@Override
	OAuth2AccessTokenResponse refresh(WebLoginWorld application, OAuth2RefreshTokenGrantRequest request) {
		return application.bean(RefreshTokenClient.class).getTokenResponse(request);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class LoginApplication {

		@Bean
		OAuth2UserService<OAuth2UserRequest, OAuth2User> users() {
			return (request) -> new DefaultOAuth2User(AuthorityUtils.NO_AUTHORITIES, Map.of("sub", "alice"), "sub");
		}

	}

	/** The filter tells how logins end; it is not what keeps token and key together. */
	@Test
	void keyReachesTheRecordWithoutTheIssuerFilter() {
		try (WebLoginWorld application = start(WithoutIssuerFilter.class,
				"oauth2.pkce.providers.public-true.dpop=true")) {
			Browser browser = new Browser();
			URI page = application.page(browser, "public-true");
			application.logIn(browser, page);
			Credential stored = application.bean(TokenStore.class).load(new CredentialId("public-true", "alice"));
			assertThat(stored).isNotNull();
			DpopKey key = stored.origin().key();
			assertThat(key).isNotNull();
			assertThat(key.thumbprint()).isEqualTo(Browser.query(page).get("dpop_jkt"));
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class WithoutIssuerFilter extends LoginApplication {

		@Bean
		FilterRegistrationBean<IssuerFilter> noIssuerFilter(IssuerFilter filter) {
			FilterRegistrationBean<IssuerFilter> registration = new FilterRegistrationBean<>(filter);
			registration.setEnabled(false);
			return registration;
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
