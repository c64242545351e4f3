package io.github.oauth2pkce.configuration;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.testing.LogCapture;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JdkClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.JdkClientHttpConnectorBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
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

	@ParameterizedTest
	@ValueSource(classes = { JdkForRest.class, JdkForWeb.class })
	void saysHowABuilderThatItMayNotReplaceKeepsTheBearer(Class<?> application) {
		LogCapture log = LogCapture.of(RedirectWarning.class, Level.WARN);
		try (log;
				ConfigurableApplicationContext context = TestApplication.of(WebApplicationType.NONE)
					.with(PROVIDER, CLIENT)
					.with(application)
					.with(log)
					.run()) {
			context.getBean(WebClient.Builder.class);
			context.getBean(RestClient.Builder.class);
		}
		assertThat(log.events()).singleElement()
			.asString()
			.contains("JDK's HTTP client", "Builder<?>", "spring.http.clients.redirects=dont-follow");
	}

	@ParameterizedTest
	@ValueSource(strings = { JDK_FOR_REST, JDK_FOR_WEB, JDK_FOR_REST + " " + JDK_FOR_WEB })
	void isQuietAboutBuildersThatItReplaces(String clients) {
		assertThat(warnings(concat(clients.split(" "), PROVIDER, CLIENT))).isEmpty();
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

	/** Whatever the client: within an origin all keep the bearer. */
	@Test
	void saysThatPathsDoNotKeepBearersApart() {
		String other = "oauth2.pkce.providers.other.";
		String[] properties = { PROVIDER, CLIENT, "oauth2.pkce.providers.demo.base-urls=https://api.example.com/a",
				other + "client-id=app", other + "issuer-uri=https://login.example.com",
				other + "base-urls=https://API.example.com:443/b" };
		assertThat(warnings(properties)).singleElement()
			.asString()
			.contains("base-urls of several providers are on one origin", "spring.http.clients.redirects=dont-follow");
		assertThat(warnings(concat(properties, "spring.http.clients.redirects=dont-follow"))).isEmpty();
	}

	private static String[] concat(String[] properties, String... others) {
		return Stream.concat(Arrays.stream(properties), Arrays.stream(others)).toArray(String[]::new);
	}

	@Test
	void isQuietAboutPathsOfOneProviderAndAboutOtherOrigins() {
		String other = "oauth2.pkce.providers.other.";
		assertThat(warnings(PROVIDER, CLIENT,
				"oauth2.pkce.providers.demo.base-urls=https://api.example.com/a,https://api.example.com/b",
				other + "client-id=app", other + "issuer-uri=https://login.example.com",
				other + "base-urls=https://api.example.com:8443/a,http://api.example.com/a,https://b.example.com/a"))
			.noneMatch((line) -> line.contains("on one origin"));
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

	@Configuration(proxyBeanMethods = false)
	static class JdkForRest {

		@Bean
		JdkClientHttpRequestFactoryBuilder requestFactoryBuilder() {
			return ClientHttpRequestFactoryBuilder.jdk();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class JdkForWeb {

		@Bean
		JdkClientHttpConnectorBuilder connectorBuilder() {
			return ClientHttpConnectorBuilder.jdk();
		}

	}

}
