package io.github.oauth2pkce.spring;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.oauth2pkce.testing.Browser;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.client.userinfo.OAuth2UserRequest;
import org.springframework.security.oauth2.client.userinfo.OAuth2UserService;
import org.springframework.security.oauth2.core.user.DefaultOAuth2User;
import org.springframework.security.oauth2.core.user.OAuth2User;
import org.springframework.security.web.SecurityFilterChain;

import static org.assertj.core.api.Assertions.assertThat;

class IssuerFilterTests extends AbstractIssuerFilterTests {

	IssuerFilterTests() {
		super(WebApplicationType.SERVLET, Application.class);
	}

	@ParameterizedTest
	@CsvSource({ "POST, " + FORM, "PUT, " + FORM, "PATCH, " + FORM, "POST, multipart/form-data; boundary=xx",
			"PUT, multipart/form-data; boundary=xx" })
	void checksAnAnswerThatComesInABody(String method, String contentType) {
		URI answer = answer();
		URI path = Browser.with(answer, null);
		int before = codesRedeemed();
		HttpResponse<String> refused = form(method, path, contentType, body(wrong(answer), contentType));
		assertThat(codesRedeemed()).isEqualTo(before);
		assertThat(refused.statusCode()).isEqualTo(400);
		// The pending login is still there for the right answer.
		HttpResponse<String> accepted = form(method, path, contentType, body(answer, contentType));
		assertThat(accepted.headers().firstValue("Location")).hasValue(application().uri("/").toString());
		assertThat(codesRedeemed()).isEqualTo(before + 1);
	}

	/** Half of it here, half of it there. */
	@Test
	void checksAnAnswerOfWhichOnlyAPartIsInTheBody() {
		URI answer = answer();
		Map<String, String> parameters = Browser.query(answer);
		int before = codesRedeemed();
		HttpResponse<String> refused = form("POST",
				Browser.with(answer, "state=" + parameters.get("state") + "&iss=" + application().server().issuer()),
				FORM, "code=" + parameters.get("code") + "&iss=x");
		assertThat(refused.statusCode()).isEqualTo(400);
		assertThat(codesRedeemed()).isEqualTo(before);
	}

	/** The signature of a web hook is over the body as it came. */
	@Test
	void leavesAFormAloneWhenNobodyWaitsForAnAnswer() {
		String body = "b=2&a=%31&state=s&code=c";
		assertThat(form("POST", application().uri("/hook"), FORM, body).body()).isEqualTo(body);
		assertThat(form("PUT", application().uri("/hook"), "text/plain", body).body()).isEqualTo(body);
	}

	private HttpResponse<String> form(String method, URI uri, String contentType, String body) {
		return this.browser.send(method, uri, BodyPublishers.ofString(body), "Content-Type", contentType);
	}

	private static String body(URI answer, String contentType) {
		if (contentType.equals(FORM)) {
			return answer.getRawQuery();
		}
		StringBuilder parts = new StringBuilder();
		Browser.query(answer)
			.forEach((name, value) -> parts.append("--xx\r\nContent-Disposition: form-data; name=\"")
				.append(name)
				.append("\"\r\n\r\n")
				.append(value)
				.append("\r\n"));
		return parts.append("--xx--\r\n").toString();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		SecurityFilterChain security(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll())
				// An answer by POST is never from a page of our own.
				.csrf(AbstractHttpConfigurer::disable)
				.oauth2Login((login) -> login.redirectionEndpoint((redirection) -> redirection.baseUri("/back/*")))
				.build();
		}

		@Bean
		OAuth2UserService<OAuth2UserRequest, OAuth2User> users() {
			return (request) -> new DefaultOAuth2User(AuthorityUtils.NO_AUTHORITIES, Map.of("sub", "alice"), "sub");
		}

		@Bean
		ServletRegistrationBean<HttpServlet> hook() {
			return new ServletRegistrationBean<>(new HttpServlet() {

				@Override
				protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
					response.getWriter()
						.write(new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
				}

			}, "/hook");
		}

	}

}
