package io.github.oauth2pkce.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.code.BrowserOpener;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.SharedStores;
import io.github.oauth2pkce.testing.Browser;
import io.github.oauth2pkce.testing.EmbeddedServers;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeResource;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/** Nodes that share a store register once, and ask a person once. */
@Timeout(120)
class ResourceFirstNodesTests {

	private static CountDownLatch allWait = new CountDownLatch(0);

	@TempDir
	private Path directory;

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final FakeResource resource = this.server.protectedResource("/mcp");

	private final List<ConfigurableApplicationContext> nodes = new ArrayList<>();

	ResourceFirstNodesTests() {
		this.server.registration().open();
	}

	@AfterEach
	void close() {
		this.nodes.forEach(ConfigurableApplicationContext::close);
		this.server.close();
	}

	private ConfigurableApplicationContext node(String store) {
		ConfigurableApplicationContext node = TestApplication.of(WebApplicationType.NONE)
			.with("oauth2.pkce.providers.tools.resource-uri=" + this.resource.uri(),
					"oauth2.pkce.login.on-request=always", "oauth2.pkce.login.timeout=60s",
					"oauth2.pkce.store.type=" + store, "spring.autoconfigure.exclude=",
					"oauth2.pkce.store.encryption-key=" + Base64.getEncoder().encodeToString(new byte[32]))
			.with(switch (store) {
				case "jdbc" -> "spring.datasource.url=" + EmbeddedServers.postgresUrl();
				case "redis" -> "spring.data.redis.port=" + EmbeddedServers.redisPort();
				default -> "oauth2.pkce.store.directory=" + this.directory;
			})
			.with(Person.class)
			.run();
		this.nodes.add(node);
		return node;
	}

	private CompletableFuture<Integer> get(ConfigurableApplicationContext node) {
		return node.getBean(WebClient.Builder.class)
			.build()
			.get()
			.uri(this.resource.uri())
			.exchangeToMono((response) -> response.releaseBody().thenReturn(response.statusCode().value()))
			.toFuture();
	}

	@ParameterizedTest
	@ValueSource(strings = { "file", "jdbc", "redis" })
	void requestsOfTwoNodesShareOneRegistrationAndOneLogin(String store) {
		if (!store.equals("file")) {
			// Empty, with its tables.
			Object empty = store.equals("jdbc") ? SharedStores.postgres() : SharedStores.redis();
			assertThat(empty).isNotNull();
		}
		allWait = new CountDownLatch(1);
		List<ConfigurableApplicationContext> nodes = List.of(node(store), node(store));
		List<CompletableFuture<Integer>> answers = new ArrayList<>();
		nodes.forEach((node) -> {
			for (int i = 0; i < 4; i++) {
				answers.add(get(node));
			}
		});
		// The person comes when all of them have been refused, and one login runs.
		Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.until(() -> this.server.requests(Endpoint.RESOURCE).size() >= 8 && nodes.stream()
				.anyMatch((node) -> node.getBean(Logins.class).running(CredentialId.ofApplication("tools")) != null));
		allWait.countDown();
		assertThat(answers).allSatisfy((answer) -> assertThat(answer.join()).isEqualTo(200));
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(1);
	}

	@Configuration(proxyBeanMethods = false)
	static class Person {

		@Bean
		BrowserOpener browser() {
			return (page) -> {
				CountDownLatch wait = allWait;
				CompletableFuture.runAsync(() -> {
					try {
						wait.await();
					}
					catch (InterruptedException ex) {
						Thread.currentThread().interrupt();
					}
					Browser browser = new Browser();
					browser.get(browser.answer(page));
				});
				return true;
			};
		}

	}

}
