package io.github.oauth2pkce.autoconfigure;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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

	private Closing start(String what) {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
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

	private static void assertPrompt(Closing closing) throws Exception {
		assertThat(closing.took.get(40, TimeUnit.SECONDS)).isLessThan(Duration.ofMillis(1500));
	}

	@Test
	void listenerOfARejectionEndsTheApplication() throws Exception {
		Closing closing = start("rejected");
		this.context.getBean(Logins.class).logIn("acme");
		this.server.endSessions();
		this.context.getBean(Credentials.class).current(ACME, RefreshTrigger.MANUAL).get();
		assertPrompt(closing);
	}

	@Test
	void refreshListenerEndsTheApplication() throws Exception {
		Closing closing = start("refreshed");
		this.context.getBean(Logins.class).logIn("acme");
		this.context.getBean(Credentials.class).current(ACME, RefreshTrigger.MANUAL).get();
		assertPrompt(closing);
	}

	@Test
	void listenerOfALoginEndsTheApplication() throws Exception {
		Closing closing = start("completed");
		this.context.getBean(Logins.class).logIn("acme");
		assertPrompt(closing);
	}

	@Test
	void listenerOfAStartEndsTheApplicationAndTheLogin() throws Exception {
		Closing closing = start("started");
		Login login = this.context.getBean(Logins.class).start("acme");
		assertPrompt(closing);
		assertThatExceptionOfType(LoginException.class).isThrownBy(login::join)
			.satisfies((ex) -> assertThat(ex.outcome()).isEqualTo(LoginOutcome.CANCELLED));
	}

	@Test
	void promptEndsTheApplicationAndTheLogin() throws Exception {
		Closing closing = start("prompt");
		Login login = this.context.getBean(Logins.class).start("acme");
		assertPrompt(closing);
		assertThatExceptionOfType(LoginException.class).isThrownBy(login::join)
			.satisfies((ex) -> assertThat(ex.outcome()).isEqualTo(LoginOutcome.CANCELLED));
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
