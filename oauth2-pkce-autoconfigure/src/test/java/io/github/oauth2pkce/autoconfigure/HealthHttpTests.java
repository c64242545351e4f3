package io.github.oauth2pkce.autoconfigure;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.Http;
import io.github.oauth2pkce.testing.Http.Response;
import io.github.oauth2pkce.testing.TestApplication;
import io.github.oauth2pkce.testing.TestCredentials;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;

/** Health over real HTTP, in both stacks: one component per provider, from memory. */
@Timeout(60)
class HealthHttpTests {

	private static final String HEALTH = "/actuator/health/oauth2Pkce";

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	@AfterEach
	void stop() {
		this.server.close();
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void tellsTheStateOfEachProviderWithoutTurningTheRestDown(WebApplicationType type) {
		try (ConfigurableApplicationContext context = application(type).with(Stored.class).run()) {
			Http http = Http.of(context);
			StartupTests.Started.await(context);
			int loads = context.getBean(Stored.class).store.loads.get();

			Response authorized = http.get(HEALTH + "/authorized");
			assertThat(authorized.status()).isEqualTo(200);
			assertThat(authorized.json()).containsEntry("status", "UP");
			assertThat(authorized.object("details"))
				.containsOnlyKeys("state", "grant", "pkce", "hasRefreshToken", "expiresAt")
				.containsEntry("state", "AUTHORIZED")
				.containsEntry("grant", "device_code")
				.containsEntry("pkce", true)
				.containsEntry("hasRefreshToken", true)
				.containsEntry("expiresAt", "2100-01-01T00:00:00Z");

			Response login = http.get(HEALTH + "/login");
			assertThat(login.status()).isEqualTo(200);
			assertThat(login.json()).containsEntry("status", "LOGIN_REQUIRED");
			assertThat(login.object("details")).containsOnlyKeys("state", "grant", "pkce", "hasRefreshToken", "remedy")
				.containsEntry("state", "LOGIN_REQUIRED");

			Response again = http.get(HEALTH + "/again");
			assertThat(again.status()).isEqualTo(200);
			assertThat(again.json()).containsEntry("status", "REAUTHENTICATION_REQUIRED");
			assertThat(again.object("details").get("remedy").toString()).startsWith("Log in again");

			Response unknown = http.get(HEALTH + "/unreadable");
			assertThat(unknown.json()).containsEntry("status", "UNKNOWN");
			assertThat(unknown.object("details").get("remedy").toString()).contains("token store");

			assertThat(http.get(HEALTH + "/nobody").status()).isEqualTo(404);
			assertThat(http.get(HEALTH).object("components")).containsOnlyKeys("authorized", "login", "again",
					"unreadable");
			for (String path : new String[] { "", "/readiness", "/liveness" }) {
				Response overall = http.get("/actuator/health" + path);
				assertThat(overall.status()).isEqualTo(200);
				assertThat(overall.json()).containsEntry("status", "UP");
			}
			assertThat(context.getBean(Stored.class).store.loads.get()).isEqualTo(loads);
			assertThat(authorized.body() + again.body()).doesNotContain("top-secret");
		}
		assertThat(this.server.requests()).isEmpty();
	}

	/** Requests go without a bearer, and nobody should read UP. */
	@Test
	void aLoginThatCannotBeRefreshedIsNotUp() throws Exception {
		Instant issuedAt = Instant.parse("2020-01-01T00:00:00Z");
		try (ConfigurableApplicationContext context = application(WebApplicationType.SERVLET).with(Stored.class)
			.run()) {
			Http http = Http.of(context);
			StartupTests.Started.await(context);
			CountingStore store = context.getBean(Stored.class).store;
			store.put("login", issuedAt, issuedAt.plus(Duration.ofMinutes(5)), "top-secret-refresh-token");
			context.getBean(Credentials.class).load(CredentialId.ofApplication("login"));
			this.server.answerAlways(Endpoint.DISCOVERY, Answer.status(503));
			for (String id : List.of("login", "authorized")) {
				for (int i = 0; i < 3; i++) {
					assertThat(http.get(HEALTH + "/login").json()).containsEntry("status",
							id.equals("login") ? "UP" : "REFRESH_FAILING");
					context.getBean(Credentials.class)
						.current(CredentialId.ofApplication(id), RefreshTrigger.MANUAL)
						.get(20, TimeUnit.SECONDS);
				}
			}
			Response failing = http.get(HEALTH + "/login");
			assertThat(failing.status()).isEqualTo(200);
			assertThat(failing.json()).containsEntry("status", "REFRESH_FAILING");
			assertThat(failing.object("details")).containsEntry("state", "AUTHORIZED");
			assertThat(http.get(HEALTH + "/authorized").json()).as("works").containsEntry("status", "UP");
			assertThat(http.get("/actuator/health").json()).containsEntry("status", "UP");
			context.getBean(Credentials.class)
				.loggedIn(CredentialId.ofApplication("login"), URI.create("https://login.example.com/token"),
						new TokenResponse("top-secret-access-token", Duration.ofHours(1), null, null, null));
			assertThat(http.get(HEALTH + "/login").json()).containsEntry("status", "UP");
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void aUserCanRaiseAMissingLoginWithBootsOwnSettings(WebApplicationType type) {
		try (ConfigurableApplicationContext context = application(type).with(Stored.class)
			.with("management.endpoint.health.status.order=down,login-required,reauthentication-required,"
					+ "out-of-service,up,unknown", "management.endpoint.health.status.http-mapping.login-required=503",
					"management.endpoint.health.status.http-mapping.reauthentication-required=503",
					"management.endpoint.health.status.http-mapping.down=503",
					"management.endpoint.health.group.readiness.include=readinessState,oauth2Pkce")
			.run()) {
			Http http = Http.of(context);
			StartupTests.Started.await(context);
			assertThat(http.get("/actuator/health").status()).isEqualTo(503);
			assertThat(http.get("/actuator/health").json()).containsEntry("status", "LOGIN_REQUIRED");
			assertThat(http.get("/actuator/health/readiness").status()).isEqualTo(503);
			assertThat(http.get(HEALTH + "/login").status()).isEqualTo(503);
			assertThat(http.get(HEALTH + "/authorized").status()).isEqualTo(200);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void usersAreCountedByStateAndNamedOnlyWhenAskedFor(boolean named) {
		try (ConfigurableApplicationContext context = application(WebApplicationType.SERVLET).with(Stored.class)
			.with("oauth2.pkce.providers.users.client-id=app",
					"oauth2.pkce.providers.users.issuer-uri=" + this.server.issuer(),
					"oauth2.pkce.providers.users.principal=current-user", "oauth2.pkce.health.show-principals=" + named)
			.run()) {
			CountingStore store = context.getBean(Stored.class).store;
			Http http = Http.of(context);
			assertThat(http.get(HEALTH + "/users").object("details")).containsEntry("users", Map.of());
			Credentials credentials = context.getBean(Credentials.class);
			Instant issuedAt = Instant.parse("2020-01-01T00:00:00Z");
			store.put(new CredentialId("users", "alice"), issuedAt, Instant.parse("2100-01-01T00:00:00Z"), null);
			for (String user : List.of("alice", "bob", "carol")) {
				credentials.load(new CredentialId("users", user));
			}
			int loads = store.loads.get();
			Map<String, Object> details = http.get(HEALTH + "/users").object("details");
			assertThat(details).containsEntry("users",
					named ? Map.of("AUTHORIZED", List.of("alice"), "LOGIN_REQUIRED", List.of("bob", "carol"))
							: Map.of("AUTHORIZED", 1, "LOGIN_REQUIRED", 2));
			assertThat(store.loads.get()).as("from memory").isEqualTo(loads);
			assertThat(http.get(HEALTH + "/authorized").object("details")).doesNotContainKey("users");
		}
	}

	private TestApplication application(WebApplicationType type) {
		TestApplication application = TestApplication.of(type)
			.with(StartupTests.Started.class)
			.with("management.endpoint.health.show-details=always", "management.endpoint.health.probes.enabled=true",
					"oauth2.pkce.startup.refresh=false", "management.health.defaults.enabled=false",
					"management.health.ping.enabled=true", "management.health.oauth2-pkce.enabled=true");
		for (String id : new String[] { "authorized", "login", "again", "unreadable" }) {
			application.with("oauth2.pkce.providers." + id + ".client-id=app",
					"oauth2.pkce.providers." + id + ".issuer-uri=" + this.server.issuer());
		}
		return application;
	}

	/** A store of the user's, with one credential in each state. */
	@Configuration(proxyBeanMethods = false)
	static class Stored {

		private final CountingStore store = new CountingStore();

		@Bean
		TokenStore tokenStore(Environment environment) {
			this.store.issuer = environment.getProperty("oauth2.pkce.providers.authorized.issuer-uri");
			Instant issuedAt = Instant.parse("2020-01-01T00:00:00Z");
			this.store.put("authorized", issuedAt, Instant.parse("2100-01-01T00:00:00Z"), "top-secret-refresh-token");
			this.store.put("again", issuedAt, issuedAt.plus(Duration.ofMinutes(5)), null);
			return this.store;
		}

	}

	static final class CountingStore implements TokenStore {

		private final MemoryTokenStore store = new MemoryTokenStore();

		private final AtomicInteger loads = new AtomicInteger();

		private @Nullable String issuer;

		void put(String providerId, Instant issuedAt, Instant expiresAt, @Nullable String refreshToken) {
			put(CredentialId.ofApplication(providerId), issuedAt, expiresAt, refreshToken);
		}

		void put(CredentialId id, Instant issuedAt, Instant expiresAt, @Nullable String refreshToken) {
			this.store.save(TestCredentials.credential()
				.id(id)
				.origin(this.issuer, "https://login.example.com/token", "app")
				.accessToken("top-secret-access-token")
				.refreshToken(refreshToken)
				.lifetime(issuedAt, expiresAt)
				.build(), Credential.NONE);
		}

		@Override
		public @Nullable Credential load(CredentialId id) {
			// Looking for device logins under way begins when the application has
			// started.
			if (!id.principalName().startsWith("oauth2-pkce:")) {
				this.loads.incrementAndGet();
			}
			if (id.providerId().equals("unreadable")) {
				throw new TokenStoreException("The disk is on fire", null);
			}
			return this.store.load(id);
		}

		@Override
		public boolean save(Credential credential, long expectedGeneration) {
			return this.store.save(credential, expectedGeneration);
		}

		@Override
		public boolean remove(CredentialId id, long expectedGeneration) {
			return this.store.remove(id, expectedGeneration);
		}

	}

}
