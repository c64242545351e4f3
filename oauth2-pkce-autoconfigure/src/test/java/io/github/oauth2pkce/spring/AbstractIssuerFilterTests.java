package io.github.oauth2pkce.spring;

import java.net.URI;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.testing.Browser;
import io.github.oauth2pkce.testing.Endpoint;

import org.springframework.boot.WebApplicationType;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every way in which Spring Security's filter takes an answer is a way in which it is
 * checked (RFC 9207 section 2.4), in an application with a redirect path of its own.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AbstractIssuerFilterTests {

	static final String FORM = "application/x-www-form-urlencoded";

	private final WebApplicationType type;

	private final Class<?> configuration;

	private WebLoginWorld application;

	Browser browser;

	AbstractIssuerFilterTests(WebApplicationType type, Class<?> configuration) {
		this.type = type;
		this.configuration = configuration;
	}

	@BeforeAll
	void start() {
		this.application = new WebLoginWorld(this.type, this.configuration);
	}

	@AfterAll
	void stop() {
		this.application.close();
	}

	@BeforeEach
	void openBrowser() {
		this.browser = new Browser();
	}

	final WebLoginWorld application() {
		return this.application;
	}

	final int codesRedeemed() {
		return this.application.server().requests(Endpoint.TOKEN).size();
	}

	/** What comes back from the server, at the path that this application listens at. */
	final URI answer() {
		URI answer = this.browser.redirect(this.application.page(this.browser, "public-true"));
		return Browser.with(this.application.uri("/back/public-true"), answer.getRawQuery());
	}

	/** The same of another issuer. */
	static URI wrong(URI answer) {
		return Browser.with(answer, answer.getRawQuery().replaceFirst("iss=[^&]*", "iss=https%3A%2F%2Fevil.test"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "GET", "POST", "PUT", "PATCH", "DELETE" })
	void checksAnAnswerWhateverItsMethod(String method) {
		URI answer = answer();
		int before = codesRedeemed();
		assertThat(this.browser.send(method, wrong(answer)).statusCode()).isEqualTo(400);
		assertThat(codesRedeemed()).isEqualTo(before);
		// The pending login is still there for the right answer.
		assertThat(this.browser.send(method, answer).statusCode()).isEqualTo(302);
		assertThat(codesRedeemed()).isEqualTo(before + 1);
	}

}
