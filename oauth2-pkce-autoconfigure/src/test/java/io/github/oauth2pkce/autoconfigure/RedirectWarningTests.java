package io.github.oauth2pkce.autoconfigure;

import java.util.List;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class RedirectWarningTests {

	private static final String PROVIDER = "oauth2.pkce.providers.demo.issuer-uri=https://login.example.com";

	private static final String CLIENT = "oauth2.pkce.providers.demo.client-id=app";

	private static final String JDK_FOR_REST = "spring.http.clients.imperative.factory=jdk";

	private static final String JDK_FOR_WEB = "spring.http.clients.reactive.connector=jdk";

	private static List<String> warnings(String... properties) {
		LogCapture log = LogCapture.of(RedirectWarning.class, Level.WARN);
		try (log;
				ConfigurableApplicationContext context = TestApplication.of(WebApplicationType.NONE)
					.with(properties)
					.with(log)
					.run()) {
			context.getBean(WebClient.Builder.class);
			context.getBean(WebClient.Builder.class);
			context.getBean(RestClient.Builder.class);
			return log.events().stream().map(ILoggingEvent::getFormattedMessage).toList();
		}
	}

	@Test
	void namesThePropertyOnceForEachClient() {
		assertThat(warnings(PROVIDER, CLIENT, JDK_FOR_REST, JDK_FOR_WEB)).hasSize(2)
			.allMatch((line) -> line.contains("spring.http.clients.redirects=dont-follow"))
			.anyMatch((line) -> line.startsWith("WebClient "))
			.anyMatch((line) -> line.startsWith("RestClient "));
	}

	@Test
	void isQuietWhenRedirectsAreNotFollowed() {
		assertThat(warnings(PROVIDER, CLIENT, JDK_FOR_REST, JDK_FOR_WEB, "spring.http.clients.redirects=dont-follow"))
			.isEmpty();
	}

	@Test
	void isQuietAboutOtherClients() {
		assertThat(warnings(PROVIDER, CLIENT)).isEmpty();
	}

	@Test
	void isQuietWithoutProviders() {
		assertThat(warnings(JDK_FOR_REST, JDK_FOR_WEB)).isEmpty();
	}

	@Test
	void isQuietWhenTheClientsAreLeftAlone() {
		assertThat(warnings(PROVIDER, CLIENT, JDK_FOR_REST, JDK_FOR_WEB, "oauth2.pkce.webclient.customize=false",
				"oauth2.pkce.restclient.customize=false"))
			.isEmpty();
	}

}
