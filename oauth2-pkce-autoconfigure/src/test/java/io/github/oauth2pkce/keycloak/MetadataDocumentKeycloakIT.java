package io.github.oauth2pkce.keycloak;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.code.BrowserOpener;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Browser;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A web application that serves its own client id metadata document, at a realm that
 * takes such documents, and at one that only says so.
 */
@Timeout(300)
@ExtendWith(KeycloakExtension.class)
class MetadataDocumentKeycloakIT {

	private static final CredentialId ID = CredentialId.ofApplication("keycloak");

	private final int port = KeycloakServer.freePort();

	private final String document = "https://127.0.0.1:" + this.port + "/oauth2-pkce/client.json";

	private final KeycloakServer keycloak;

	private final KeycloakBrowser browser;

	private final KeycloakOperator operator;

	@TempDir
	Path directory;

	MetadataDocumentKeycloakIT(KeycloakServer keycloak, KeycloakBrowser browser) {
		this.keycloak = keycloak;
		this.browser = browser;
		this.operator = new KeycloakOperator(keycloak);
	}

	@BeforeEach
	void letRegister() {
		this.operator.trustLoopback();
	}

	@AfterEach
	void trustNobody() {
		this.operator.withdrawPolicies();
		this.operator.trustNobody();
	}

	@Test
	void logsInAsTheDocumentThatItServesAndRefreshesAfterARestart() throws Exception {
		this.operator.trustDocumentsOfLoopback();
		try (ConfigurableApplicationContext application = start(Map.of())) {
			application.getBean(Logins.class).logIn("keycloak");
			assertThat(login(application).origin().clientId()).isEqualTo(this.document);
		}
		try (ConfigurableApplicationContext application = start(Map.of())) {
			String before = login(application).accessToken();
			BearerToken token = application.getBean(Credentials.class)
				.current(ID, RefreshTrigger.MANUAL)
				.get(30, TimeUnit.SECONDS);
			assertThat(token).isInstanceOf(BearerToken.Available.class);
			assertThat(((BearerToken.Available) token).accessToken()).isNotEqualTo(before);
			assertThat(login(application).origin().clientId()).isEqualTo(this.document);
		}
	}

	@Test
	void registersWhenPeopleDoNotComeBackFromARealmThatTakesNoDocuments() {
		try (ConfigurableApplicationContext application = start(Map.of())) {
			assertThatExceptionOfType(LoginException.class)
				.isThrownBy(() -> application.getBean(Logins.class).logIn("keycloak"))
				.withMessageContaining(this.document);
			application.getBean(Logins.class).logIn("keycloak");
			assertThat(login(application).origin().clientId()).isNotEqualTo(this.document);
		}
	}

	@Test
	void registersForADeviceLoginWhereTheEndpointReadsNoDocuments() throws Exception {
		this.operator.trustDocumentsOfLoopback();
		try (ConfigurableApplicationContext application = start(Map.of("authorization-grant-type", "device_code"))) {
			Login login = application.getBean(Logins.class).start("keycloak");
			UserCode code = login.shown().get(30, TimeUnit.SECONDS).userCode();
			this.browser.approve(String.valueOf(code.verificationUriComplete()), "bob", "bob-pw");
			login.completion().get(30, TimeUnit.SECONDS);
			assertThat(login(application).origin().clientId()).isNotEqualTo(this.document);
		}
	}

	private ConfigurableApplicationContext start(Map<String, Object> properties) {
		Map<String, Object> all = new LinkedHashMap<>(Map.of("issuer-uri", this.keycloak.issuer(), "scope", "openid",
				"client-metadata-uri", this.document, "registration.serve-metadata", true, "registration.enabled", true,
				"authorization-grant-type", "authorization_code"));
		all.putAll(properties);
		List<String> arguments = new ArrayList<>(List.of("--spring.main.banner-mode=off", "--server.port=" + this.port,
				"--server.ssl.certificate=" + this.keycloak.tls().serverCertificate(),
				"--server.ssl.certificate-private-key=" + this.keycloak.tls().serverKey(),
				"--oauth2.pkce.store.type=file", "--oauth2.pkce.store.directory=" + this.directory,
				"--oauth2.pkce.login.on-startup=never", "--oauth2.pkce.login.timeout=3s"));
		all.forEach((key, value) -> arguments.add("--oauth2.pkce.providers.keycloak." + key + "=" + value));
		return new SpringApplicationBuilder(Application.class)
			.initializers(
					(context) -> context.getBeanFactory().registerSingleton("person", (BrowserOpener) this::logIn))
			.run(arguments.toArray(String[]::new));
	}

	private boolean logIn(URI page) {
		Thread thread = new Thread(() -> {
			Browser here = new Browser();
			URI location = here.redirect(page);
			if (new Browser().get(location).statusCode() != 400) {
				here.get(this.browser.authorize(location.toString(), "alice", "alice-pw"));
			}
		}, "browser");
		thread.setDaemon(true);
		thread.start();
		return true;
	}

	private static Credential login(ConfigurableApplicationContext application) {
		Credential login = application.getBean(TokenStore.class).load(ID);
		assertThat(login).isNotNull();
		return login;
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		SecurityFilterChain publicDocument(HttpSecurity http) throws Exception {
			return http
				.authorizeHttpRequests((requests) -> requests.requestMatchers("/oauth2-pkce/client.json").permitAll())
				.build();
		}

	}

}
