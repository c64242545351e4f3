package io.github.oauth2pkce.keycloak;

import java.net.URI;
import java.security.Principal;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import io.github.oauth2pkce.autoconfigure.PkceAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceLoopbackLoginAutoConfiguration;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.code.BrowserOpener;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Chromium;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Logins in a real browser, at a server that demands the proof key and takes each refresh
 * token once.
 */
@Timeout(300)
@ExtendWith(KeycloakExtension.class)
class BrowserLoginKeycloakIT {

	private final KeycloakServer keycloak;

	private final String[] properties;

	BrowserLoginKeycloakIT(KeycloakServer keycloak) {
		this.keycloak = keycloak;
		this.properties = new String[] { "oauth2.pkce.store.type=memory", "oauth2.pkce.login.on-startup=never",
				"oauth2.pkce.providers.keycloak.issuer-uri=" + keycloak.issuer(),
				"oauth2.pkce.providers.keycloak.client-id=code-pkce", "oauth2.pkce.providers.keycloak.scope=openid",
				"oauth2.pkce.providers.keycloak.require-iss=true",
				"oauth2.pkce.providers.keycloak.authorization-grant-type=authorization_code" };
	}

	@Test
	void logsInByLoopbackAndRefreshes() {
		BlockingQueue<URI> pages = new LinkedBlockingQueue<>();
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(PkceAutoConfiguration.class, PkceLoopbackLoginAutoConfiguration.class))
			.withBean(BrowserOpener.class, () -> pages::add)
			.withPropertyValues(this.properties)
			.run((context) -> {
				try (Chromium chromium = Chromium.start()) {
					Login login = context.getBean(Logins.class).start("keycloak");
					chromium.open(pages.poll(30, TimeUnit.SECONDS));
					chromium.logIn("alice", "alice-pw");
					chromium.awaitTitle("Logged in");
					login.completion().get(30, TimeUnit.SECONDS);
					assertThat(chromium.text()).contains("You are logged in to “keycloak”");
					// Its content policy lets its own style pass.
					assertThat(chromium.backgroundOfBody()).isEqualTo("rgba(255, 255, 255, 1)");
				}
				verifyRefreshes(context, CredentialId.ofApplication("keycloak"));
			});
	}

	@Test
	void logsUsersInToAServletApplicationAndRefreshesEachOnesOwn() throws Exception {
		try (ConfigurableApplicationContext context = application();
				Chromium alice = Chromium.start();
				Chromium bob = Chromium.start()) {
			URI page = URI
				.create("http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port") + "/me");
			logIn(alice, page, "alice");
			logIn(bob, page, "bob");
			for (int i = 0; i < 2; i++) {
				verifyRefreshes(context, new CredentialId("keycloak", name(alice, page)));
				verifyRefreshes(context, new CredentialId("keycloak", name(bob, page)));
				alice.open(page);
				assertThat(alice.text()).contains("\"preferred_username\":\"alice\"");
				bob.open(page);
				assertThat(bob.text()).contains("\"preferred_username\":\"bob\"");
			}
		}
	}

	private ConfigurableApplicationContext application() {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.SERVLET)
			.properties("server.port=0", "spring.main.banner-mode=off",
					"oauth2.pkce.providers.keycloak.principal=current-user",
					"oauth2.pkce.providers.keycloak.base-urls=" + this.keycloak.userInfoEndpoint(),
					"test.user-info=" + this.keycloak.userInfoEndpoint())
			.properties(this.properties)
			.run();
	}

	private static void logIn(Chromium browser, URI page, String user) {
		browser.open(page);
		browser.logIn(user, user + "-pw");
		browser.awaitAddress(page.toString());
		assertThat(browser.text()).contains("\"preferred_username\":\"" + user + "\"");
	}

	private static String name(Chromium browser, URI page) {
		browser.open(page.resolve("/name"));
		return browser.text();
	}

	/** One-time refresh tokens: one that is sent twice ends the login. */
	private static void verifyRefreshes(ApplicationContext context, CredentialId id) throws Exception {
		Set<String> tokens = new HashSet<>();
		for (int i = 0; i < 3; i++) {
			BearerToken token = context.getBean(Credentials.class)
				.current(id, RefreshTrigger.MANUAL)
				.get(30, TimeUnit.SECONDS);
			assertThat(token).isInstanceOf(BearerToken.Available.class);
			tokens.add(((BearerToken.Available) token).accessToken());
		}
		assertThat(tokens).hasSize(3);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Me me(WebClient.Builder builder, @Value("${test.user-info}") URI userInfo) {
			return new Me(builder.build(), userInfo);
		}

	}

	@RestController
	static class Me {

		private final WebClient client;

		private final URI userInfo;

		Me(WebClient client, URI userInfo) {
			this.client = client;
			this.userInfo = userInfo;
		}

		@GetMapping("/me")
		String me() {
			return String.valueOf(this.client.get().uri(this.userInfo).retrieve().bodyToMono(String.class).block());
		}

		@GetMapping("/name")
		String name(Principal user) {
			return user.getName();
		}

	}

}
