package io.github.oauth2pkce.autoconfigure;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.device.UserCodePrompt;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.LoginCompletedEvent;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.LoginOutcome;
import io.github.oauth2pkce.login.LoginStartedEvent;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.refresh.CredentialRejectedEvent;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshListener;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Whoever is told may end the application, and need not wait for themselves. */
@Timeout(60)
class ClosingListenerTests {

	private static final CredentialId ACME = CredentialId.ofApplication("acme");

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("app").requirePkce());

	private volatile ConfigurableApplicationContext context;

	@AfterEach
	void stop() {
		this.context.close();
		this.server.close();
	}

	/**
	 * Who waits for themselves does so each time, and for two seconds; a busy machine
	 * takes that long now and then.
	 */
	private void assertEndsWithoutWaitingForItself(String what, Action action) throws Exception {
		Duration quickest = null;
		for (int attempt = 1; attempt <= 5; attempt++) {
			Closing closing = start(what);
			action.run();
			quickest = closing.took.get(40, TimeUnit.SECONDS);
			if (quickest.compareTo(Duration.ofSeconds(2)) < 0) {
				return;
			}
			this.context.close();
		}
		throw new AssertionError("Five times it took as long as waiting for itself, at last " + quickest);
	}

	private Closing start(String what) {
		this.context = TestApplication.of(WebApplicationType.NONE)
			.with(Closing.class)
			.with("oauth2.pkce.providers.acme.client-id=app",
					"oauth2.pkce.providers.acme.issuer-uri=" + this.server.issuer())
			.run();
		Closing closing = this.context.getBean(Closing.class);
		closing.context = this.context;
		closing.what = what;
		return closing;
	}

	private void logIn() {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		this.context.getBean(Logins.class).logIn("acme");
	}

	private void refresh() throws Exception {
		this.context.getBean(Credentials.class).current(ACME, RefreshTrigger.MANUAL).get();
	}

	@Test
	void listenerOfARejectionEndsTheApplication() throws Exception {
		assertEndsWithoutWaitingForItself("rejected", () -> {
			logIn();
			this.server.endSessions();
			refresh();
		});
	}

	@Test
	void refreshListenerEndsTheApplication() throws Exception {
		assertEndsWithoutWaitingForItself("refreshed", () -> {
			logIn();
			refresh();
		});
	}

	@Test
	void listenerOfALoginEndsTheApplication() throws Exception {
		assertEndsWithoutWaitingForItself("completed", this::logIn);
	}

	@ParameterizedTest
	@ValueSource(strings = { "started", "prompt" })
	void listenerOfAStartAndPromptEndTheApplicationAndTheLogin(String what) throws Exception {
		assertEndsWithoutWaitingForItself(what, () -> {
			// Nobody approves it.
			Login login = this.context.getBean(Logins.class).start("acme");
			assertThatExceptionOfType(LoginException.class).isThrownBy(login::join)
				.satisfies((ex) -> assertThat(ex.outcome()).isEqualTo(LoginOutcome.CANCELLED));
		});
	}

	private interface Action {

		void run() throws Exception;

	}

	@Configuration(proxyBeanMethods = false)
	static class Closing {

		private final CompletableFuture<Duration> took = new CompletableFuture<>();

		private volatile ConfigurableApplicationContext context;

		private volatile String what = "";

		private void happened(String what) {
			if (what.equals(this.what)) {
				long start = System.nanoTime();
				this.context.close();
				this.took.complete(Duration.ofNanos(System.nanoTime() - start));
			}
		}

		@EventListener
		void on(CredentialRejectedEvent event) {
			happened("rejected");
		}

		@EventListener
		void on(LoginCompletedEvent event) {
			happened("completed");
		}

		@EventListener
		void on(LoginStartedEvent event) {
			happened("started");
		}

		@Bean
		RefreshListener refreshListener() {
			return new RefreshListener() {
				@Override
				public void refreshed(Refresh refresh) {
					happened("refreshed");
				}
			};
		}

		@Bean
		UserCodePrompt prompt() {
			return new UserCodePrompt() {
				@Override
				public void prompt(UserCode userCode) {
					happened("prompt");
				}
			};
		}

	}

}
