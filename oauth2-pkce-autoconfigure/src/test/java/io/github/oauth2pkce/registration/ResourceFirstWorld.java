package io.github.oauth2pkce.registration;

import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.autoconfigure.PkceAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceLoopbackLoginAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceRestClientAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceWebClientAutoConfiguration;
import io.github.oauth2pkce.code.BrowserOpener;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Browser;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeResource;
import io.github.oauth2pkce.testing.RecordedRequest;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.http.ResponseEntity;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * A resource, its authorization server, and an application that is told of the resource
 * only. The person in front of it opens every page at once and grants everything.
 */
final class ResourceFirstWorld implements AutoCloseable {

	static final Duration WAIT = Duration.ofMinutes(1);

	final FakeAuthorizationServer server;

	final FakeAuthorizationServer api;

	final FakeResource resource;

	private final List<String> properties = new ArrayList<>();

	ResourceFirstWorld() {
		this(InstantSource.system());
	}

	ResourceFirstWorld(InstantSource clock) {
		this.server = FakeAuthorizationServer.start("", clock);
		this.api = FakeAuthorizationServer.start("", clock);
		this.server.registration().open();
		this.resource = this.api.protectedResource("/mcp").authorizedBy(this.server);
		with("oauth2.pkce.providers.tools.resource-uri=" + this.resource.uri());
	}

	ResourceFirstWorld with(String... properties) {
		this.properties.addAll(List.of(properties));
		return this;
	}

	/** Logins and registrations outlive the application. */
	ResourceFirstWorld in(Path directory) {
		return with("oauth2.pkce.store.type=file", "oauth2.pkce.store.directory=" + directory);
	}

	/** A new application on the same machine. */
	Application start() {
		return start(this.properties, null);
	}

	static Application start(List<String> properties, @Nullable TokenStore store) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		TestPropertyValues
			.of("oauth2.pkce.store.type=memory", "oauth2.pkce.login.on-startup=never", "oauth2.pkce.login.timeout=5s",
					"spring.reactor.netty.shutdown-quiet-period=0s")
			.and(properties.toArray(String[]::new))
			.applyTo(context);
		if (store != null) {
			context.registerBean(TokenStore.class, () -> store);
		}
		context.register(Program.class, Person.class);
		context.refresh();
		return new Application(context);
	}

	/** How a login ends that must not succeed. */
	LoginException failure() {
		try (Application application = start()) {
			return application.failure();
		}
	}

	/** The requests that told the server anything, or asked it for more than metadata. */
	static List<RecordedRequest> beyondMetadata(FakeAuthorizationServer server) {
		return server.requests().stream().filter((request) -> request.endpoint() != Endpoint.DISCOVERY).toList();
	}

	@Override
	public void close() {
		this.server.close();
		this.api.close();
	}

	static final class Application implements AutoCloseable {

		final ConfigurableApplicationContext context;

		private Application(ConfigurableApplicationContext context) {
			this.context = context;
		}

		void logIn() {
			this.context.getBean(Logins.class).logIn("tools");
		}

		@SuppressWarnings("NullAway")
		LoginException failure() {
			return catchThrowableOfType(LoginException.class, this::logIn);
		}

		int call(URI uri) {
			ResponseEntity<Void> response = this.context.getBean(WebClient.Builder.class)
				.build()
				.post()
				.uri(uri)
				.exchangeToMono((answer) -> answer.toBodilessEntity())
				.block(WAIT);
			return (response != null) ? response.getStatusCode().value() : 0;
		}

		@Override
		public void close() {
			this.context.close();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ PkceAutoConfiguration.class, PkceLoopbackLoginAutoConfiguration.class,
			PkceWebClientAutoConfiguration.class, WebClientAutoConfiguration.class,
			PkceRestClientAutoConfiguration.class, RestClientAutoConfiguration.class })
	static class Program {

	}

	/** Follows redirects, wherever they lead. */
	static final class Person implements BrowserOpener {

		private final boolean available;

		Person(Environment environment) {
			this.available = environment.getProperty("test.browser", Boolean.class, true);
		}

		@Override
		public boolean isAvailable() {
			return this.available;
		}

		@Override
		public boolean open(URI page) {
			Thread thread = new Thread(() -> {
				Browser browser = new Browser();
				HttpResponse<String> response = browser.get(page);
				Map<String, List<String>> headers = response.headers().map();
				while (headers.containsKey("location")) {
					response = browser.get(page.resolve(headers.getOrDefault("location", List.of("")).get(0)));
					headers = response.headers().map();
				}
			}, "browser");
			thread.setDaemon(true);
			thread.start();
			return true;
		}

	}

}
