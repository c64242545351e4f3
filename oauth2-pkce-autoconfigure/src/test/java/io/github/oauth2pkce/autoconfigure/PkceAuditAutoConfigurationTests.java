package io.github.oauth2pkce.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.observability.AuditEvents;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.AuditEventRepository;
import org.springframework.boot.actuate.audit.InMemoryAuditEventRepository;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Timeout(60)
class PkceAuditAutoConfigurationTests {

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("app").requirePkce());

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PkceAutoConfiguration.class, PkceAuditAutoConfiguration.class));

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void loginsLogoutsAndRejectionsAreKeptWithTheirPrincipal() throws Exception {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		try (ConfigurableApplicationContext context = TestApplication.of(WebApplicationType.NONE)
			.with(Audited.class)
			.with("oauth2.pkce.providers.acme.issuer-uri=" + this.server.issuer(),
					"oauth2.pkce.providers.acme.client-id=app")
			.run()) {
			Logins logins = context.getBean(Logins.class);
			this.server.enqueue(Endpoint.TOKEN, Answer.error(400, "access_denied", "Not this: top-secret"));
			assertThatExceptionOfType(LoginException.class).isThrownBy(() -> logins.logIn("acme"));
			CredentialId alice = new CredentialId("acme", "alice");
			logins.start(alice).join();
			context.getBean(Logout.class).forget(alice);
			logins.logIn("acme");
			this.server.endSessions();
			context.getBean(Credentials.class).current(CredentialId.ofApplication("acme"), RefreshTrigger.MANUAL).get();
			this.server.answerAlways(Endpoint.REVOCATION, Answer.status(503));
			context.getBean(Logout.class).forget(CredentialId.ofApplication("acme"));
			assertThat(context.getBean(Credentials.class).awaitListeners(Duration.ofSeconds(20))).isTrue();
			assertThat(logins.awaitListeners(Duration.ofSeconds(20))).isTrue();

			List<AuditEvent> events = context.getBean(AuditEventRepository.class).find(null, Instant.EPOCH, null);
			assertThat(events).extracting((event) -> event.getPrincipal() + " " + event.getType() + " " + sorted(event))
				.containsExactly(
						"application OAUTH2_LOGIN_FAILURE {error=access_denied, outcome=denied, provider=acme}",
						"alice OAUTH2_LOGIN_SUCCESS {provider=acme, saved=true}",
						"alice OAUTH2_LOGOUT {provider=acme, revoked=true}",
						"application OAUTH2_LOGIN_SUCCESS {provider=acme, saved=true}",
						"application OAUTH2_CREDENTIAL_REJECTED {error=invalid_grant, provider=acme}",
						"application OAUTH2_LOGOUT {provider=acme, revoked=false}");
			assertThat(this.server.issuedSecrets()).isNotEmpty()
				.allSatisfy((secret) -> assertThat(events.toString()).doesNotContain(secret, "top-secret"));
		}
	}

	private static Map<String, Object> sorted(AuditEvent event) {
		return new java.util.TreeMap<>(event.getData());
	}

	@Test
	void withoutARepositoryNothingIsAudited() {
		this.runner.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(AuditEvents.class));
	}

	@Test
	void auditsWhereThereIsARepository() {
		this.runner.withUserConfiguration(Audited.class)
			.run((context) -> assertThat(context).hasSingleBean(AuditEvents.class));
	}

	@Test
	void worksWithoutTheActuator() {
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(Logins.class)
				.doesNotHaveBean(AuditEvents.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class Audited {

		@Bean
		AuditEventRepository auditEventRepository() {
			return new InMemoryAuditEventRepository();
		}

	}

}
