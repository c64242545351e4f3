package io.github.oauth2pkce.keycloak;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.code.BrowserOpener;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Browser;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/** An application that the realm does not know yet, and the people in front of it. */
@Timeout(300)
@ExtendWith(KeycloakExtension.class)
abstract class AbstractNewClientKeycloakIT {

	static final CredentialId ID = CredentialId.ofApplication("keycloak");

	final KeycloakServer keycloak;

	final KeycloakOperator operator;

	private final KeycloakBrowser browser;

	@TempDir
	Path directory;

	AbstractNewClientKeycloakIT(KeycloakServer keycloak, KeycloakBrowser browser) {
		this.keycloak = keycloak;
		this.browser = browser;
		this.operator = new KeycloakOperator(keycloak);
	}

	@BeforeEach
	void trustLoopback() {
		this.operator.trustLoopback();
	}

	@AfterEach
	void trustNobody() {
		this.operator.trustNobody();
	}

	ConfigurableApplicationContext start(SpringApplicationBuilder application, List<String> properties) {
		List<String> arguments = new ArrayList<>(
				List.of("--spring.main.banner-mode=off", "--oauth2.pkce.store.type=file",
						"--oauth2.pkce.store.directory=" + this.directory, "--oauth2.pkce.login.on-startup=never"));
		properties.forEach((property) -> arguments.add("--" + property));
		return application
			.initializers(
					(context) -> context.getBeanFactory().registerSingleton("person", (BrowserOpener) this::logIn))
			.run(arguments.toArray(String[]::new));
	}

	/** Nobody comes back from a page that says that it does not know this client. */
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

	void logInByDeviceCode(ConfigurableApplicationContext application) throws Exception {
		Login login = application.getBean(Logins.class).start("keycloak");
		UserCode code = login.shown().get(30, TimeUnit.SECONDS).userCode();
		this.browser.approve(String.valueOf(code.verificationUriComplete()), "bob", "bob-pw");
		login.completion().get(30, TimeUnit.SECONDS);
	}

	static String refreshed(ConfigurableApplicationContext application) throws Exception {
		BearerToken token = application.getBean(Credentials.class)
			.current(ID, RefreshTrigger.MANUAL)
			.get(30, TimeUnit.SECONDS);
		assertThat(token).isInstanceOf(BearerToken.Available.class);
		return ((BearerToken.Available) token).accessToken();
	}

	static Credential login(ConfigurableApplicationContext application) {
		Credential login = application.getBean(TokenStore.class).load(ID);
		assertThat(login).isNotNull();
		return login;
	}

}
