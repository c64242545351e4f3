package io.github.oauth2pkce.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.MeterRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.configuration.InvalidPropertyException;
import io.github.oauth2pkce.login.LoginFailedEvent;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.refresh.ProviderStartedEvent;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.runtime.Startup;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.EventListener;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * A parent and its children that are applications, too: one set of logins, one warm-up,
 * one set of threads.
 */
@Timeout(120)
class ChildContextTests {

	private static final String MACHINE = "oauth2.pkce.providers.machine.";

	private static final String PERSON = "oauth2.pkce.providers.person.";

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.confidential("machine", "secret"))
		.register(FakeClient.publicClient("app").requirePkce());

	@TempDir
	Path directory;

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void shareTheLogins() {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		try (ConfigurableApplicationContext parent = application(WebApplicationType.NONE).run();
				ConfigurableApplicationContext child = application(WebApplicationType.SERVLET).parent(parent).run()) {
			assertThat(child.getBean(Credentials.class)).isSameAs(parent.getBean(Credentials.class));
			child.getBean(Logins.class).logIn("person");
			call(parent);
			call(child);
			assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).hasSize(1);
			assertThat(this.server.requests(Endpoint.API)).extracting(RecordedRequest::bearer)
				.doesNotContainNull()
				.hasSize(4);
			assertThat(this.server.requests(Endpoint.API))
				.allSatisfy((request) -> assertThat(request.headers().get("Authorization")).hasSize(1));
			assertThat(child.getBean(MeterRegistry.class)
				.get("oauth2.pkce.bearer.propagated")
				.tag("provider", "person")
				.counter()
				.count()).isEqualTo(4);
			child.close();
			call(parent);
			assertThat(this.server.requests(Endpoint.API)).hasSize(6);
		}
	}

	@Test
	void startOnce() {
		Set<Thread> before = threads();
		try (ConfigurableApplicationContext parent = application(WebApplicationType.SERVLET).sources(Heard.class).run();
				ConfigurableApplicationContext child = application(WebApplicationType.SERVLET).parent(parent).run()) {
			List<String> started = parent.getBean(Heard.class).started;
			Awaitility.await().untilAsserted(() -> assertThat(started).hasSize(2));
			assertThat(child.getBean(Startup.class)).isSameAs(parent.getBean(Startup.class));
			assertThat(started).containsExactlyInAnyOrder("machine", "person");
			assertThat(since(before)).containsOnlyOnce("oauth2-store-watch");
		}
		assertThat(since(before)).doesNotContain("oauth2-store-watch");
	}

	@Test
	void askOnce() {
		this.server.nextAnswer(Endpoint.DEVICE_AUTHORIZATION).error("invalid_scope");
		try (ConfigurableApplicationContext parent = application(WebApplicationType.SERVLET).sources(Heard.class)
			.properties("oauth2.pkce.login.on-startup=always")
			.run()) {
			assertThat(parent.getBean(Heard.class).failed.await(20, TimeUnit.SECONDS)).isTrue();
			Logins logins = parent.getBean(Logins.class);
			Awaitility.await()
				.untilAsserted(() -> assertThat(logins.running(CredentialId.ofApplication("person"))).isNull());
			try (ConfigurableApplicationContext child = application(WebApplicationType.SERVLET).parent(parent).run()) {
				assertThat(child.getBean(Logins.class).running(CredentialId.ofApplication("person"))).isNull();
			}
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void childSaysWhichProviderItsParentDoesNotHave() {
		try (ConfigurableApplicationContext parent = application(WebApplicationType.NONE).run()) {
			SpringApplicationBuilder child = application(WebApplicationType.NONE).parent(parent)
				.properties("oauth2.pkce.providers.other.client-id=app");
			assertThatThrownBy(child::run).rootCause()
				.isInstanceOf(InvalidPropertyException.class)
				.hasMessageStartingWith("The property oauth2.pkce.providers.other is configured for a child context");
		}
	}

	@Test
	void childSaysWhichRegistrationItsParentDoesNotHave() {
		String registration = "spring.security.oauth2.client.registration.springs.";
		try (ConfigurableApplicationContext parent = application(WebApplicationType.NONE).run()) {
			SpringApplicationBuilder child = application(WebApplicationType.NONE).parent(parent)
				.properties(registration + "client-id=app", registration + "provider=google");
			assertThatThrownBy(child::run).rootCause()
				.isInstanceOf(InvalidPropertyException.class)
				.hasMessageContaining("registration.springs is configured for a child context");
		}
	}

	private SpringApplicationBuilder application(WebApplicationType type) {
		return new SpringApplicationBuilder(TestApplication.Empty.class).web(type).properties(properties());
	}

	private String[] properties() {
		return new String[] { "spring.main.banner-mode=off", "server.port=0", "server.shutdown=immediate",
				"spring.reactor.netty.shutdown-quiet-period=0s", "spring.main.register-shutdown-hook=false",
				"spring.ai.mcp.client.enabled=false", "spring.ai.mcp.client.annotation-scanner.enabled=false",
				"spring.autoconfigure.exclude=" + TestApplication.STORES, "oauth2.pkce.login.on-startup=never",
				"oauth2.pkce.store.directory=" + this.directory, MACHINE + "client-id=machine",
				MACHINE + "client-secret=secret", MACHINE + "authorization-grant-type=client_credentials",
				MACHINE + "token-uri=" + this.server.uri(Endpoint.TOKEN), PERSON + "client-id=app",
				PERSON + "issuer-uri=" + this.server.issuer(), PERSON + "base-urls=" + this.server.uri(Endpoint.API) };
	}

	private void call(ConfigurableApplicationContext context) {
		context.getBean(WebClient.Builder.class)
			.build()
			.get()
			.uri(this.server.uri(Endpoint.API))
			.exchangeToMono((response) -> response.releaseBody())
			.block(Duration.ofSeconds(10));
		context.getBean(RestClient.Builder.class)
			.build()
			.get()
			.uri(this.server.uri(Endpoint.API))
			.retrieve()
			.toBodilessEntity();
	}

	private static Set<Thread> threads() {
		return Set.copyOf(Thread.getAllStackTraces().keySet());
	}

	private static List<String> since(Set<Thread> before) {
		return threads().stream().filter((thread) -> !before.contains(thread)).map(Thread::getName).toList();
	}

	/** What an application hears of its providers. */
	static class Heard {

		private final List<String> started = new CopyOnWriteArrayList<>();

		private final CountDownLatch failed = new CountDownLatch(1);

		@EventListener
		void on(ProviderStartedEvent event) {
			this.started.add(event.providerId());
		}

		@EventListener
		void on(LoginFailedEvent event) {
			this.failed.countDown();
		}

	}

}
