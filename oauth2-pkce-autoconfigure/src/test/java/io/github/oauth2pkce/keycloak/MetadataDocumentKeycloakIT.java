package io.github.oauth2pkce.keycloak;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.Logins;

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
class MetadataDocumentKeycloakIT extends AbstractNewClientKeycloakIT {

	private final int port = KeycloakServer.freePort();

	private final String document = "https://127.0.0.1:" + this.port + "/oauth2-pkce/client.json";

	MetadataDocumentKeycloakIT(KeycloakServer keycloak, KeycloakBrowser browser) {
		super(keycloak, browser);
	}

	@AfterEach
	void withdrawPolicies() {
		this.operator.withdrawPolicies();
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
			assertThat(refreshed(application)).isNotEqualTo(before);
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
			logInByDeviceCode(application);
			assertThat(login(application).origin().clientId()).isNotEqualTo(this.document);
		}
	}

	private ConfigurableApplicationContext start(Map<String, Object> properties) {
		Map<String, Object> all = new LinkedHashMap<>(Map.of("issuer-uri", this.keycloak.issuer(), "scope", "openid",
				"client-metadata-uri", this.document, "registration.serve-metadata", true, "registration.enabled", true,
				"authorization-grant-type", "authorization_code"));
		all.putAll(properties);
		List<String> arguments = new ArrayList<>(
				List.of("server.port=" + this.port, "server.ssl.certificate=" + this.keycloak.tls().serverCertificate(),
						"server.ssl.certificate-private-key=" + this.keycloak.tls().serverKey(),
						"oauth2.pkce.login.timeout=3s"));
		all.forEach((key, value) -> arguments.add("oauth2.pkce.providers.keycloak." + key + "=" + value));
		return start(new SpringApplicationBuilder(Application.class), arguments);
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
