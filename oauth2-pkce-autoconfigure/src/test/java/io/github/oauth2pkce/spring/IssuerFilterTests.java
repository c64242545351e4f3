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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.oauth2pkce.testing.Browser;
import io.github.oauth2pkce.testing.Endpoint;

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

/**
 * Every way in which Spring Security's filter takes an answer is a way in which it is
 * checked (RFC 9207 section 2.4), in an application with a redirect path of its own.
 */
@Timeout(120)
class IssuerFilterTests {

	private static final String FORM = "application/x-www-form-urlencoded";

	private static WebLogins application;

	private final Browser browser = new Browser();

	@BeforeAll
	static void start() {
		application = new WebLogins(WebApplicationType.SERVLET, Application.class);
	}

	@AfterAll
	static void stop() {
		application.close();
	}

	@ParameterizedTest
	@CsvSource({ "GET, false, ", "POST, false, ", "PUT, false, ", "PATCH, false, ", "DELETE, false, ",
			"POST, true, " + FORM, "PUT, true, " + FORM, "PATCH, true, " + FORM,
			"POST, true, multipart/form-data; boundary=xx", "PUT, true, multipart/form-data; boundary=xx" })
	void checksAnAnswerHoweverItComes(String method, boolean inBody, String contentType) {
		URI answer = answer();
		String wrong = answer.getRawQuery().replaceFirst("iss=[^&]*", "iss=https%3A%2F%2Fevil.test");
		int before = application.server().requests(Endpoint.TOKEN).size();
		HttpResponse<String> refused = send(method, Browser.with(answer, wrong), inBody, contentType);
		assertThat(application.server().requests(Endpoint.TOKEN)).hasSize(before);
		assertThat(refused.statusCode()).isEqualTo(400);
		// The pending login is still there for the right answer.
		HttpResponse<String> accepted = send(method, answer, inBody, contentType);
		assertThat(accepted.headers().firstValue("Location")).hasValue(application.uri("/").toString());
		assertThat(application.server().requests(Endpoint.TOKEN)).hasSize(before + 1);
	}

	/** Half of it here, half of it there. */
	@Test
	void checksAnAnswerOfWhichOnlyAPartIsInTheBody() {
		URI answer = answer();
		Map<String, String> parameters = Browser.query(answer);
		int before = application.server().requests(Endpoint.TOKEN).size();
		HttpResponse<String> refused = form("POST",
				Browser.with(answer, "state=" + parameters.get("state") + "&iss=" + application.server().issuer()),
				FORM, "code=" + parameters.get("code") + "&iss=x");
		assertThat(refused.statusCode()).isEqualTo(400);
		assertThat(application.server().requests(Endpoint.TOKEN)).hasSize(before);
	}

	/** The signature of a web hook is over the body as it came. */
	@Test
	void leavesAFormAloneWhenNobodyWaitsForAnAnswer() {
		String body = "b=2&a=%31&state=s&code=c";
		assertThat(form("POST", application.uri("/hook"), FORM, body).body()).isEqualTo(body);
		assertThat(form("PUT", application.uri("/hook"), "text/plain", body).body()).isEqualTo(body);
	}

	/** What comes back from the server, at the path that this application listens at. */
	private URI answer() {
		URI answer = this.browser.redirect(application.page(this.browser, "public-true"));
		return Browser.with(application.uri("/back/public-true"), answer.getRawQuery());
	}

	private HttpResponse<String> send(String method, URI answer, boolean inBody, String contentType) {
		return inBody ? form(method, Browser.with(answer, null), contentType, body(answer.getRawQuery(), contentType))
				: this.browser.send(method, answer);
	}

	private HttpResponse<String> form(String method, URI uri, String contentType, String body) {
		return this.browser.send(method, uri, BodyPublishers.ofString(body), "Content-Type", contentType);
	}

	private static String body(String query, String contentType) {
		if (contentType.equals(FORM)) {
			return query;
		}
		StringBuilder parts = new StringBuilder();
		Browser.query(URI.create("/?" + query))
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
