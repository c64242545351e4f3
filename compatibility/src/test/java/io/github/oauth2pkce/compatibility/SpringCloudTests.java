package io.github.oauth2pkce.compatibility;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.configuration.ConfiguredProviders;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.RecordedRequest;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.context.config.annotation.RefreshScope;
import org.springframework.cloud.context.refresh.ContextRefresher;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that is configured by a configuration server, and refreshed while it
 * runs: providers stay as they were when it started, as a whole, and the log says so.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class SpringCloudTests {

	private static final String ACME = "oauth2.pkce.providers.acme.";

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("app").requirePkce());

	private final ConfigurationServer configuration = new ConfigurationServer();

	@TempDir
	Path directory;

	@BeforeEach
	void configure() {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		this.configuration.set(ACME + "issuer-uri", this.server.issuer());
		this.configuration.set(ACME + "client-id", "app");
		this.configuration.set(ACME + "base-urls", this.server.uri(Endpoint.API));
	}

	@AfterEach
	void stop() {
		this.server.close();
		this.configuration.close();
	}

	@Test
	void providersMayComeFromAConfigurationServer() {
		try (ConfigurableApplicationContext context = run()) {
			context.getBean(Logins.class).logIn("acme");
			assertThat(call(context)).isNotNull();
		}
	}

	@Test
	void changedProviderIsNotTakenByHalf(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run()) {
			context.getBean(Logins.class).logIn("acme");
			String before = call(context);
			Object providers = context.getBean(ConfiguredProviders.class);
			Object credentials = context.getBean(Credentials.class);
			Set<Thread> threads = threads();
			this.configuration.set(ACME + "client-id", "other");
			this.configuration.set(ACME + "base-urls", "https://elsewhere.example.com");
			this.configuration.set(ACME + "on-missing-token", "fail");
			Set<String> changed = context.getBean(ContextRefresher.class).refresh();
			assertThat(changed).contains(ACME + "client-id", ACME + "base-urls");
			assertThat(call(context)).isEqualTo(before).isNotNull();
			assertThat(context.getBean(ConfiguredProviders.class)).isSameAs(providers);
			assertThat(context.getBean(Credentials.class)).isSameAs(credentials);
			this.server.invalidateAccessTokens();
			assertThat(call(context)).isNotEqualTo(before).isNotNull();
			assertThat(this.server.requests(Endpoint.TOKEN)).extracting((request) -> request.clientId())
				.containsOnly("app");
			assertThat(threads()).filteredOn((thread) -> thread.getName().equals("oauth2-store-watch"))
				.isSubsetOf(threads);
			assertThat(output).containsOnlyOnce(
					"changed and take effect when the application is restarted: oauth2.pkce.providers.acme.base-urls, ");
		}
	}

	@Test
	void otherChangesAreNotOurs(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run()) {
			this.configuration.set("catalogue.title", "Orders");
			assertThat(context.getBean(ContextRefresher.class).refresh()).containsExactly("catalogue.title");
			assertThat(output).doesNotContain("when the application is restarted");
		}
	}

	/** The last request's bearer, by a client that is made anew after each refresh. */
	private String call(ConfigurableApplicationContext context) {
		context.getBean(Api.class).call();
		List<RecordedRequest> requests = this.server.requests(Endpoint.API);
		RecordedRequest last = requests.get(requests.size() - 1);
		assertThat(last.headers().get("Authorization")).hasSize(1);
		return String.valueOf(last.bearer());
	}

	private static Set<Thread> threads() {
		return Set.copyOf(Thread.getAllStackTraces().keySet());
	}

	private ConfigurableApplicationContext run() {
		return new SpringApplicationBuilder(RefreshedApplication.class).web(WebApplicationType.NONE)
			.run("--spring.cloud.config.enabled=true", "--spring.config.import=" + this.configuration.location(),
					"--oauth2.pkce.store.directory=" + this.directory, "--oauth2.pkce.login.on-startup=never",
					"--catalogue.uri=" + this.server.uri(Endpoint.API),
					"--spring.reactor.netty.shutdown-quiet-period=0s");
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class RefreshedApplication {

		@Bean
		@RefreshScope
		Api api(WebClient.Builder builder, Environment environment) {
			return new Api(builder.build(), environment.getRequiredProperty("catalogue.uri"));
		}

	}

	static class Api {

		private final WebClient client;

		private final String uri;

		Api(WebClient client, String uri) {
			this.client = client;
			this.uri = uri;
		}

		void call() {
			this.client.get()
				.uri(this.uri)
				.exchangeToMono((response) -> response.releaseBody())
				.block(Duration.ofSeconds(10));
		}

	}

}
