package io.github.oauth2pkce.keycloak;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.RegisteredClient;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshOutcome;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.testing.KeyPairs;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.ResponseEntity;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Clients that register themselves (RFC 7591, RFC 7592): what a realm has to allow, and
 * what becomes of them.
 */
class RegistrationKeycloakIT extends AbstractNewClientKeycloakIT {

	RegistrationKeycloakIT(KeycloakServer keycloak, KeycloakBrowser browser) {
		super(keycloak, browser);
	}

	@Test
	void saysWhyARealmAsItIsCreatedDoesNotRegisterIt() {
		this.operator.trustNobody();
		try (ConfigurableApplicationContext application = byIssuer()) {
			assertThatExceptionOfType(LoginException.class)
				.isThrownBy(() -> application.getBean(Logins.class).logIn("keycloak"))
				.withMessageContaining("Policy 'Trusted Hosts' rejected request")
				.withMessageContaining("oauth2.pkce.providers.keycloak.registration.initial-access-token");
		}
	}

	@Test
	void registersWithAnInitialAccessToken() {
		this.operator.trustNobody();
		try (ConfigurableApplicationContext application = byIssuer(
				"registration.initial-access-token=" + this.operator.initialAccessToken())) {
			application.getBean(Logins.class).logIn("keycloak");
			assertThat(userInfo(application)).isEqualTo(200);
		}
	}

	@Test
	void refreshesAfterARestartWithTheClientThatItHasRegistered() throws Exception {
		try (ConfigurableApplicationContext application = byIssuer()) {
			application.getBean(Logins.class).logIn("keycloak");
			assertThat(userInfo(application)).isEqualTo(200);
		}
		try (ConfigurableApplicationContext application = byIssuer()) {
			Set<String> tokens = new HashSet<>();
			for (int i = 0; i < 3; i++) {
				tokens.add(refreshed(application));
				assertThat(userInfo(application)).isEqualTo(200);
			}
			assertThat(tokens).hasSize(3);
		}
	}

	@Test
	void logsInByDeviceCodeWithTheClientOfAnEarlierLogin() throws Exception {
		String id;
		try (ConfigurableApplicationContext application = byIssuer()) {
			application.getBean(Logins.class).logIn("keycloak");
			id = client(application).id();
		}
		try (ConfigurableApplicationContext application = byIssuer("authorization-grant-type=device_code")) {
			logInByDeviceCode(application);
			assertThat(client(application).id()).isEqualTo(id);
			assertThat(userInfo(application)).isEqualTo(200);
		}
	}

	@Test
	void isDeletedAtLogout() {
		try (ConfigurableApplicationContext application = byIssuer()) {
			application.getBean(Logins.class).logIn("keycloak");
			String id = client(application).id();
			assertThat(this.operator.client(id)).isNotNull();
			application.getBean(Logout.class).forget(ID);
			assertThat(this.operator.client(id)).isNull();
		}
	}

	/** In a rolling deployment both keys are in use for a while. */
	@Test
	void addsANewKeyToItsRegistrationAndBothKeysRefresh() {
		String key = "client-assertion.key=";
		String before = key + KeyPairs.pkcs8(KeyPairs.generate("P-256"));
		String after = key + KeyPairs.pkcs8(KeyPairs.generate("P-256"));
		String id;
		try (ConfigurableApplicationContext application = byIssuer(before)) {
			application.getBean(Logins.class).logIn("keycloak");
			id = client(application).id();
			assertThat(client(application).authenticationMethod()).isEqualTo("private_key_jwt");
		}
		for (String node : List.of(after, before, after)) {
			try (ConfigurableApplicationContext application = byIssuer(node)) {
				Credentials credentials = application.getBean(Credentials.class);
				credentials.current(ID, RefreshTrigger.MANUAL).join();
				assertThat(credentials.status(ID).lastOutcome()).isEqualTo(RefreshOutcome.REFRESHED);
				assertThat(client(application).id()).isEqualTo(id);
			}
		}
	}

	@Test
	void registersAnewWhenAnAdministratorHasDeletedIt() {
		try (ConfigurableApplicationContext application = byIssuer()) {
			application.getBean(Logins.class).logIn("keycloak");
			String id = client(application).id();
			// As long as there is one, it is the one of the next logins.
			application.getBean(Logins.class).logIn("keycloak");
			application.getBean(Logins.class).logIn("keycloak");
			assertThat(client(application).id()).isEqualTo(id);
			this.operator.deleteClient(id);
			Credentials credentials = application.getBean(Credentials.class);
			credentials.current(ID, RefreshTrigger.MANUAL).join();
			assertThat(credentials.status(ID).lastOutcome()).isEqualTo(RefreshOutcome.REJECTED);
			application.getBean(Logins.class).logIn("keycloak");
			assertThat(client(application).id()).isNotEqualTo(id);
			assertThat(userInfo(application)).isEqualTo(200);
		}
	}

	@Test
	void findsTheRealmByAResourceAndStepsUp() {
		try (ProtectedApi api = new ProtectedApi(this.keycloak)) {
			this.operator.offerScope("api:read", api.uri());
			this.operator.offerScope("api:write", api.uri());
			String id;
			try (ConfigurableApplicationContext application = start("resource-uri=" + api.uri(),
					"oauth2.pkce.login.on-request=always")) {
				assertThat(get(application, api.uri())).isEqualTo(200);
				id = client(application).id();
				assertThat(login(application).scopes()).contains("api:read").doesNotContain("api:write");
				assertThat(get(application, api.uri() + "/write")).isEqualTo(200);
				assertThat(login(application).scopes()).contains("api:read", "api:write");
			}
			try (ConfigurableApplicationContext application = start("resource-uri=" + api.uri())) {
				assertThat(get(application, api.uri() + "/write")).isEqualTo(200);
				assertThat(client(application).id()).isEqualTo(id);
			}
		}
	}

	private ConfigurableApplicationContext byIssuer(String... properties) {
		List<String> all = new ArrayList<>(List.of("issuer-uri=" + this.keycloak.issuer(), "registration.enabled=true",
				"scope=openid", "base-urls=" + this.keycloak.userInfoEndpoint()));
		all.addAll(List.of(properties));
		if (all.stream().noneMatch((property) -> property.startsWith("authorization-grant-type"))) {
			all.add("authorization-grant-type=authorization_code");
		}
		return start(all.toArray(String[]::new));
	}

	private ConfigurableApplicationContext start(String... properties) {
		List<String> arguments = new ArrayList<>(List.of("oauth2.pkce.login.timeout=30s"));
		for (String property : properties) {
			arguments.add((property.startsWith("oauth2.") ? "" : "oauth2.pkce.providers.keycloak.") + property);
		}
		return start(new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE), arguments);
	}

	private int userInfo(ConfigurableApplicationContext application) {
		return get(application, this.keycloak.userInfoEndpoint());
	}

	private static int get(ConfigurableApplicationContext application, String uri) {
		ResponseEntity<Void> response = application.getBean(WebClient.class)
			.get()
			.uri(URI.create(uri))
			.exchangeToMono((answer) -> answer.toBodilessEntity())
			.block(Duration.ofSeconds(60));
		return (response != null) ? response.getStatusCode().value() : 0;
	}

	private static RegisteredClient client(ConfigurableApplicationContext application) {
		RegisteredClient client = login(application).origin().client();
		assertThat(client).isNotNull();
		return client;
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		WebClient webClient(WebClient.Builder builder) {
			return builder.build();
		}

	}

}
