package io.github.oauth2pkce.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.bearer.BearerListener;
import io.github.oauth2pkce.bearer.BearerListeners;
import io.github.oauth2pkce.bearer.BearerSkippedEvent;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.bearer.StepUpRequiredEvent;
import io.github.oauth2pkce.discovery.ResourceDemand;
import io.github.oauth2pkce.login.LoggedOutEvent;
import io.github.oauth2pkce.login.LoginCompletedEvent;
import io.github.oauth2pkce.login.LoginStartedEvent;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.observability.SkipCounts;
import io.github.oauth2pkce.refresh.CredentialRejectedEvent;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.refresh.TokenRefreshedEvent;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.InMemoryAuditEventRepository;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A listener that throws, whatever it throws, harms nobody else. */
@Timeout(60)
class EventListenerTests {

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("app").requirePkce());

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void othersHearEverythingAfterOneThatThrowsErrors() throws Exception {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		CredentialId acme = CredentialId.ofApplication("acme");
		try (ConfigurableApplicationContext context = TestApplication.of(WebApplicationType.NONE)
			.with(Listening.class)
			.with("oauth2.pkce.providers.acme.client-id=app",
					"oauth2.pkce.providers.acme.issuer-uri=" + this.server.issuer())
			.run()) {
			BearerListeners bearers = context.getBean(BearerListeners.class);
			bearers.propagated("acme");
			bearers.skipped("acme", SkipReason.NO_TOKEN);
			bearers.challenged("acme", new ResourceDemand(true, Set.of("admin"), null, null, null, null));
			context.getBean(Logins.class).logIn("acme");
			Credentials credentials = context.getBean(Credentials.class);
			credentials.current(acme, RefreshTrigger.MANUAL).get();
			context.getBean(Logout.class).forget(acme);
			context.getBean(Logins.class).logIn("acme");
			this.server.endSessions();
			credentials.current(acme, RefreshTrigger.MANUAL).get();

			Listening listening = context.getBean(Listening.class);
			await().until(() -> listening.heard.size() >= 9);
			assertThat(listening.heard).containsExactly(BearerSkippedEvent.class, StepUpRequiredEvent.class,
					LoginStartedEvent.class, LoginCompletedEvent.class, TokenRefreshedEvent.class, LoggedOutEvent.class,
					LoginStartedEvent.class, LoginCompletedEvent.class, CredentialRejectedEvent.class);
			assertThat(context.getBean(SkipCounts.class).counts("acme")).containsEntry("no_token", 1L);
			assertThat(context.getBean(InMemoryAuditEventRepository.class).find(null, null, null))
				.extracting(AuditEvent::getType)
				.containsExactly("OAUTH2_LOGIN_SUCCESS", "OAUTH2_LOGOUT", "OAUTH2_LOGIN_SUCCESS",
						"OAUTH2_CREDENTIAL_REJECTED");
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Listening {

		private final List<Class<?>> heard = new CopyOnWriteArrayList<>();

		@Bean
		InMemoryAuditEventRepository audit() {
			return new InMemoryAuditEventRepository();
		}

		@Bean
		@Order(-1)
		BearerListener broken() {
			return new BearerListener() {

				@Override
				public void propagated(String providerId) {
					throw new NoClassDefFoundError("propagated");
				}

				@Override
				public void skipped(String providerId, SkipReason reason) {
					throw new StackOverflowError("skipped");
				}

				@Override
				public void challenged(String providerId, ResourceDemand demand) {
					throw new NoClassDefFoundError("challenged");
				}

			};
		}

		@EventListener
		@Order(-1)
		void breaksAt(BearerSkippedEvent event) {
			throw new NoClassDefFoundError("skipped");
		}

		@EventListener({ StepUpRequiredEvent.class, LoginStartedEvent.class, LoginCompletedEvent.class,
				TokenRefreshedEvent.class, LoggedOutEvent.class, CredentialRejectedEvent.class })
		@Order(-1)
		void breaksAtAll() {
			throw new NoClassDefFoundError("all");
		}

		@EventListener({ BearerSkippedEvent.class, StepUpRequiredEvent.class, LoginStartedEvent.class,
				LoginCompletedEvent.class, TokenRefreshedEvent.class, LoggedOutEvent.class,
				CredentialRejectedEvent.class })
		void hear(Object event) {
			this.heard.add(event.getClass());
		}

	}

}
