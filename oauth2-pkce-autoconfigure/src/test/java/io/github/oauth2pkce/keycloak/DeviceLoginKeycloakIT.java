package io.github.oauth2pkce.keycloak;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerListeners;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.discovery.ResourceDemand;
import io.github.oauth2pkce.discovery.ResourceDemands;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.LoginOutcome;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.RevocationEndpoint;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * The main job against a real Keycloak: PKCE enforced on the device grant, access tokens
 * of ten seconds, refresh tokens that work once.
 */
@ExtendWith(KeycloakExtension.class)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class DeviceLoginKeycloakIT {

	private static final String ID = "keycloak";

	private static final int LIFETIMES = 10;

	private final KeycloakServer keycloak;

	private final KeycloakBrowser browser;

	@TempDir
	Path directory;

	DeviceLoginKeycloakIT(KeycloakServer keycloak, KeycloakBrowser browser) {
		this.keycloak = keycloak;
		this.browser = browser;
	}

	@Test
	void failsWithoutPkceWhereKeycloakEnforcesIt() {
		try (ConfigurableApplicationContext application = start("device-pkce", "pkce=false")) {
			Login login = application.getBean(Logins.class).start(ID);
			assertThatThrownBy(() -> login.shown().get(30, TimeUnit.SECONDS)).cause()
				.isInstanceOf(LoginException.class)
				.hasMessage(
						"HTTP 400 invalid_request: Missing parameter: code_challenge_method; this server demands PKCE:"
								+ " remove oauth2.pkce.providers.keycloak.pkce=false")
				.extracting((failure) -> ((LoginException) failure).outcome())
				.isEqualTo(LoginOutcome.FAILED);
		}
	}

	@Test
	void logsInWithoutPkceWhereItIsNotEnforced() throws Exception {
		try (ConfigurableApplicationContext application = start("device-nopkce", "pkce=false")) {
			logIn(application, "alice");
			assertThat(call(application)).isEqualTo(200);
		}
	}

	@Test
	void aRestartKeepsTheLogin() throws Exception {
		try (ConfigurableApplicationContext application = start("device-pkce")) {
			assertThat(call(application)).isEqualTo(401);
			logIn(application, "alice");
			assertThat(call(application)).isEqualTo(200);
		}
		try (ConfigurableApplicationContext application = start("device-pkce")) {
			assertThat(call(application)).isEqualTo(200);
			assertThat(application.getBean(Logins.class).running(CredentialId.ofApplication(ID))).isNull();
		}
	}

	@Test
	void oneLoginOutlivesItsTokensUnderConcurrentCallers() throws Exception {
		try (ConfigurableApplicationContext application = start("device-pkce")) {
			logIn(application, "bob");
			// Lifetimes of ten seconds: each time the token ends, 64 callers meet.
			for (int lifetime = 1; lifetime <= LIFETIMES; lifetime++) {
				awaitExpiry(application);
				List<Integer> statuses = Flux.range(0, 64)
					.flatMap((i) -> request(application), 64)
					.collectList()
					.block(Duration.ofSeconds(30));
				assertThat(statuses).as("lifetime " + lifetime).hasSize(64).containsOnly(200);
				assertThat(flights(application)).as("lifetime " + lifetime)
					.containsExactly(Map.entry("refreshed", (long) lifetime));
			}
		}
	}

	@Test
	void authenticatesAConfidentialClientEitherWay() throws Exception {
		for (String method : List.of("client_secret_basic", "client_secret_post")) {
			try (ConfigurableApplicationContext application = start("device-confidential", "client-secret=s+e c/r:e%t&",
					"client-authentication-method=" + method)) {
				logIn(application, "alice");
				assertThat(call(application)).isEqualTo(200);
				application.getBean(Logout.class).forget(CredentialId.ofApplication(ID));
			}
		}
	}

	@Test
	void tellsWhatKeycloakSaysOfAWrongSecret() {
		try (ConfigurableApplicationContext application = start("device-confidential", "client-secret=wrong")) {
			Login login = application.getBean(Logins.class).start(ID);
			assertThatThrownBy(() -> login.shown().get(30, TimeUnit.SECONDS)).cause()
				.hasMessageContaining("unauthorized_client");
		}
	}

	@Test
	void aDeniedLoginIsDenied() throws Exception {
		try (ConfigurableApplicationContext application = start("device-pkce")) {
			Login login = application.getBean(Logins.class).start(ID);
			UserCode userCode = login.shown().get(30, TimeUnit.SECONDS).userCode();
			this.browser.deny(String.valueOf(userCode.verificationUriComplete()), "alice", "alice-pw");
			assertThatThrownBy(() -> login.completion().get(30, TimeUnit.SECONDS)).cause()
				.isInstanceOf(LoginException.class)
				.extracting((failure) -> ((LoginException) failure).outcome())
				.isEqualTo(LoginOutcome.DENIED);
		}
	}

	@Test
	void aCodeThatNobodyEntersExpires() throws Exception {
		try (ConfigurableApplicationContext application = start("device-short-code")) {
			Login login = application.getBean(Logins.class).start(ID);
			assertThatThrownBy(() -> login.completion().get(30, TimeUnit.SECONDS)).cause()
				.isInstanceOf(LoginException.class)
				.extracting((failure) -> ((LoginException) failure).outcome())
				.isEqualTo(LoginOutcome.EXPIRED);
		}
	}

	@Test
	void aLoginThatKeycloakRevokedIsAskedOnceEvenOverARestart() throws Exception {
		CredentialId id = CredentialId.ofApplication(ID);
		try (ConfigurableApplicationContext application = start("device-pkce")) {
			logIn(application, "alice");
			// As when an administrator ends the session.
			Credential stored = application.getBean(TokenStore.class).load(id);
			assertThat(stored).isNotNull();
			new RevocationEndpoint(application.getBean(AuthorizationServerClient.class)).revoke(
					application.getBean(Providers.class).get(ID), URI.create(this.keycloak.revocationEndpoint()),
					String.valueOf(stored.refreshToken()), "refresh_token");
			awaitExpiry(application);
			for (int i = 0; i < 20; i++) {
				assertThat(call(application)).isEqualTo(401);
			}
			assertThat(application.getBean(Credentials.class).status(id).state())
				.isEqualTo(AuthorizationState.REAUTHENTICATION_REQUIRED);
			assertThat(refreshes(application, "rejected")).isOne();
			assertThat(refreshes(application, "refreshed")).isZero();
		}
		try (ConfigurableApplicationContext application = start("device-pkce")) {
			assertThat(call(application)).isEqualTo(401);
			assertThat(refreshes(application, "rejected")).isZero();
			assertThat(refreshes(application, "suppressed")).isPositive();
			logIn(application, "alice");
			assertThat(call(application)).isEqualTo(200);
		}
	}

	/** Its own userinfo endpoint wants a scope, and does not say which. */
	@Test
	void aStepUpIsToldAndTheNextLoginAsksForIt() throws Exception {
		CredentialId id = CredentialId.ofApplication(ID);
		try (ConfigurableApplicationContext application = start("device-pkce", "scope=profile")) {
			logIn(application, "alice");
			assertThat(call(application)).isEqualTo(403);
			ResourceDemands demands = application.getBean(ResourceDemands.class);
			assertThat(demands.missing(ID).insufficient()).isTrue();
			// As another resource would say it.
			application.getBean(BearerListeners.class)
				.challenged(ID, new ResourceDemand(true, Set.of("openid", "phone"), "1", 3600L,
						"{\"id_token\":{\"acr\":{\"essential\":true,\"values\":[\"1\"]}}}", null));
			logIn(application, "alice");
			assertThat(demands.missing(ID).insufficient()).isFalse();
			assertThat(application.getBean(Credentials.class).status(id).scopesGranted()).contains("profile", "openid",
					"phone");
			assertThat(call(application)).isEqualTo(200);
		}
	}

	/** Refresh tokens that work once, bound to the key of their login (RFC 9449). */
	@Test
	void aBoundLoginOutlivesItsTokensAndARestart() throws Exception {
		try (ConfigurableApplicationContext application = start("device-dpop", "dpop=true")) {
			logIn(application, "alice");
			assertThat(call(application)).isEqualTo(200);
			assertThat(callWithoutProof(application)).isEqualTo(401);
			awaitExpiry(application);
			assertThat(call(application)).isEqualTo(200);
			assertThat(flights(application)).containsExactly(Map.entry("refreshed", 1L));
		}
		try (ConfigurableApplicationContext application = start("device-dpop", "dpop=true")) {
			assertThat(call(application)).isEqualTo(200);
			awaitExpiry(application);
			assertThat(call(application)).isEqualTo(200);
			application.getBean(Logout.class).forget(CredentialId.ofApplication(ID));
		}
	}

	/** As a thief would. */
	private int callWithoutProof(ConfigurableApplicationContext application) {
		Credential stored = application.getBean(TokenStore.class).load(CredentialId.ofApplication(ID));
		assertThat(stored).isNotNull();
		return WebClient.create()
			.get()
			.uri(this.keycloak.userInfoEndpoint())
			.headers((headers) -> headers.setBearerAuth(stored.accessToken()))
			.exchangeToMono((response) -> response.releaseBody().thenReturn(response.statusCode().value()))
			.blockOptional(Duration.ofSeconds(30))
			.orElseThrow();
	}

	@Test
	void loginToAClientWithoutDpopIsRefusedWhereOnlyBoundTokensWillDo() throws Exception {
		try (ConfigurableApplicationContext application = start("device-dpop")) {
			Login login = application.getBean(Logins.class).start(ID);
			UserCode userCode = login.shown().get(30, TimeUnit.SECONDS).userCode();
			this.browser.approve(String.valueOf(userCode.verificationUriComplete()), "alice", "alice-pw");
			assertThatThrownBy(() -> login.completion().get(60, TimeUnit.SECONDS)).cause()
				.hasMessageContaining("DPoP proof is missing")
				.hasMessageContaining("oauth2.pkce.providers.keycloak.dpop=true");
		}
	}

	@Test
	void acquiresATokenForAMachine() {
		try (ConfigurableApplicationContext application = start("machine", "client-secret=machine-secret",
				"authorization-grant-type=client_credentials", "scope=openid")) {
			assertThat(call(application)).isEqualTo(200);
		}
	}

	private ConfigurableApplicationContext start(String clientId, String... settings) {
		String prefix = "oauth2.pkce.providers." + ID + ".";
		List<String> properties = new ArrayList<>(List.of("spring.main.banner-mode=off",
				"oauth2.pkce.store.directory=" + this.directory.resolve(clientId),
				prefix + "issuer-uri=" + this.keycloak.issuer(), prefix + "client-id=" + clientId,
				prefix + "base-urls=" + this.keycloak.issuer(), prefix + "scope=openid profile"));
		for (String setting : settings) {
			properties.add(prefix + setting);
		}
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties(properties.toArray(String[]::new))
			.run();
	}

	private void logIn(ConfigurableApplicationContext application, String user) throws Exception {
		Login login = application.getBean(Logins.class).start(ID);
		UserCode userCode = login.shown().get(30, TimeUnit.SECONDS).userCode();
		this.browser.approve(String.valueOf(userCode.verificationUriComplete()), user, user + "-pw");
		login.completion().get(60, TimeUnit.SECONDS);
	}

	private int call(ConfigurableApplicationContext application) {
		Integer status = request(application).block(Duration.ofSeconds(30));
		assertThat(status).isNotNull();
		return status;
	}

	private Mono<Integer> request(ConfigurableApplicationContext application) {
		return application.getBean(WebClient.class)
			.get()
			.uri(this.keycloak.userInfoEndpoint())
			.exchangeToMono(
					(ClientResponse response) -> response.releaseBody().thenReturn(response.statusCode().value()));
	}

	/**
	 * Keycloak's clock cannot be moved, so this one waits: the token lives ten seconds.
	 */
	private static void awaitExpiry(ConfigurableApplicationContext application) {
		Credentials credentials = application.getBean(Credentials.class);
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.pollInterval(Duration.ofMillis(50))
			.until(() -> credentials.status(CredentialId.ofApplication(ID)).expiresAt(),
					(expiresAt) -> expiresAt != null && expiresAt.isBefore(Instant.now()));
	}

	private static long refreshes(ConfigurableApplicationContext application, String outcome) {
		return application.getBean(MeterRegistry.class)
			.get("oauth2.pkce.token.refresh")
			.tag("outcome", outcome)
			.timers()
			.stream()
			.mapToLong(Timer::count)
			.sum();
	}

	/** All outcomes that there were, with their numbers. */
	private static Map<String, Long> flights(ConfigurableApplicationContext application) {
		return application.getBean(MeterRegistry.class)
			.get("oauth2.pkce.token.refresh")
			.timers()
			.stream()
			.filter((timer) -> timer.count() > 0)
			.collect(Collectors.groupingBy((timer) -> String.valueOf(timer.getId().getTag("outcome")),
					Collectors.summingLong(Timer::count)));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		WebClient webClient(WebClient.Builder builder) {
			return builder.build();
		}

		@Bean
		MeterRegistry meterRegistry() {
			return new SimpleMeterRegistry();
		}

	}

}
