package io.github.oauth2pkce.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.oauth2pkce.docs.Page;
import io.github.oauth2pkce.docs.Page.Block;
import io.github.oauth2pkce.testing.Http;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;

/** The settings in {@code docs/operations.md} do what the page says, over real HTTP. */
@Timeout(60)
class DocumentedHealthTests {

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void readinessWaitsForTheProviderInItsGroup(WebApplicationType type) throws IOException {
		assertStatuses(type, documented("readiness of one provider", "login"), 200, 503, 200);
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void readinessDoesNotWaitForOtherProviders(WebApplicationType type) throws IOException {
		assertStatuses(type, documented("readiness of one provider", "authorized"), 200, 200, 200);
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void theWholeStatusGoesDownAndTheProbesDoNot(WebApplicationType type) throws IOException {
		assertStatuses(type, documented("everything down", "login"), 503, 200, 200);
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void whatIsDownStaysDown(WebApplicationType type) throws IOException {
		for (String block : List.of("readiness of one provider", "everything down")) {
			List<String> settings = documented(block, "authorized");
			settings.add("management.endpoint.health.group.readiness.include=readinessState,broken");
			try (ConfigurableApplicationContext context = application(type, settings).with(Broken.class).run()) {
				assertThat(Http.of(context).get("/actuator/health").status()).isEqualTo(503);
				assertThat(Http.of(context).get("/actuator/health/readiness").status()).isEqualTo(503);
			}
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void aGroupOfEverythingCanLeaveLoginsOut(WebApplicationType type) throws IOException {
		try (ConfigurableApplicationContext context = application(type, documented("kept out of a group", "login"))
			.with("management.endpoint.health.show-components=always")
			.run()) {
			assertThat(Http.of(context).get("/actuator/health/external").object("components")).containsKey("ping")
				.doesNotContainKey("oauth2Pkce");
			assertThat(Http.of(context).get("/actuator/health").object("components")).containsKey("oauth2Pkce");
		}
	}

	private static void assertStatuses(WebApplicationType type, List<String> settings, int overall, int readiness,
			int liveness) {
		try (ConfigurableApplicationContext context = application(type, settings).run()) {
			Http http = Http.of(context);
			assertThat(http.get("/actuator/health").status()).as("health").isEqualTo(overall);
			assertThat(http.get("/actuator/health/readiness").status()).as("readiness").isEqualTo(readiness);
			assertThat(http.get("/actuator/health/liveness").status()).as("liveness").isEqualTo(liveness);
		}
	}

	/** Two providers: one with a login, one without. */
	private static TestApplication application(WebApplicationType type, List<String> settings) {
		TestApplication application = TestApplication.of(type)
			.with(HealthHttpTests.Stored.class)
			.with("oauth2.pkce.startup.refresh=false", "management.endpoint.health.probes.enabled=true");
		for (String id : List.of("authorized", "login")) {
			application.with("oauth2.pkce.providers." + id + ".client-id=app",
					"oauth2.pkce.providers." + id + ".issuer-uri=https://login.example.com");
		}
		return application.with(settings.toArray(String[]::new));
	}

	/** A block of the page, for another provider than the page's. */
	private static List<String> documented(String name, String provider) throws IOException {
		Block block = Page.of("docs/operations.md")
			.blocks()
			.stream()
			.filter((candidate) -> candidate.comment("yaml").equals(name))
			.findFirst()
			.orElseThrow();
		List<String> settings = new ArrayList<>();
		for (PropertySource<?> document : new YamlPropertySourceLoader().load(name,
				new ByteArrayResource(block.text().getBytes(StandardCharsets.UTF_8)))) {
			for (String key : ((EnumerablePropertySource<?>) document).getPropertyNames()) {
				settings.add(key + "=" + String.valueOf(document.getProperty(key)).replace("my-idp", provider));
			}
		}
		return settings;
	}

	@Configuration(proxyBeanMethods = false)
	static class Broken {

		@Bean
		HealthIndicator broken() {
			return () -> Health.down().build();
		}

	}

}
