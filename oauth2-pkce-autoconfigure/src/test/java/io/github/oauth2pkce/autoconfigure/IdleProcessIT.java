package io.github.oauth2pkce.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.micrometer.core.instrument.MeterRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.runtime.StoreWatch;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/** An application that nobody asks for anything, beside another one. */
@Timeout(180)
class IdleProcessIT {

	/** What the public contract promises, and a busy machine. */
	private static final Duration PROMISED = Duration.ofSeconds(40);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("cli").requirePkce());

	private final List<ConfigurableApplicationContext> started = new ArrayList<>();

	@TempDir
	private Path directory;

	@AfterEach
	void close() {
		this.started.forEach(ConfigurableApplicationContext::close);
		this.server.close();
	}

	private ConfigurableApplicationContext start(String... properties) {
		ConfigurableApplicationContext application = TestApplication.of(WebApplicationType.NONE)
			.with("oauth2.pkce.providers.demo.issuer-uri=" + this.server.issuer(),
					"oauth2.pkce.providers.demo.client-id=cli", "oauth2.pkce.store.type=file",
					"oauth2.pkce.store.directory=" + this.directory)
			.with(properties)
			.run();
		this.started.add(application);
		return application;
	}

	private static double gauge(ConfigurableApplicationContext application, String state) {
		return application.getBean(MeterRegistry.class).get("oauth2.pkce.state").tag("state", state).gauge().value();
	}

	@Test
	void metersOfAnIdleApplicationFollowALoginAndALogoutElsewhere() {
		ConfigurableApplicationContext idle = start();
		ConfigurableApplicationContext other = start();
		this.server.device().approveAtOnce().interval(Duration.ofSeconds(1));
		other.getBean(Logins.class).logIn("demo");
		Awaitility.await().atMost(PROMISED).until(() -> gauge(idle, "AUTHORIZED") == 1);
		other.getBean(Logout.class).forget(CredentialId.ofApplication("demo"));
		Awaitility.await().atMost(PROMISED).until(() -> gauge(idle, "LOGIN_REQUIRED") == 1);
	}

	@Test
	void idleApplicationKnowsTheCodeThatAnotherOneShows() {
		ConfigurableApplicationContext idle = start();
		ConfigurableApplicationContext other = start();
		CredentialId id = CredentialId.ofApplication("demo");
		String code = other.getBean(Logins.class).start("demo").shown().join().userCode().userCode();
		Awaitility.await().atMost(PROMISED).until(() -> idle.getBean(Logins.class).running(id) != null);
		assertThat(idle.getBean(Logins.class).start("demo").shown().join().userCode().userCode()).isEqualTo(code);
		assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).hasSize(1);
	}

	@Test
	void nobodyWatchesWhatNobodyShares() {
		assertThat(start("oauth2.pkce.store.type=memory").getBean(StoreWatch.class).isRunning()).isFalse();
	}

}
