package io.github.oauth2pkce.spring;

import java.util.Map;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
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
