package io.github.oauth2pkce.conformance;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.RegisteredClient;
import io.github.oauth2pkce.code.BrowserOpener;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.ResponseEntity;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * An application with one provider, {@code tools}, whose logins are in a directory.
 */
final class PeerApplication implements AutoCloseable {

	static final CredentialId ID = CredentialId.ofApplication("tools");

	private static final String PROVIDER = "oauth2.pkce.providers.tools.";

	private static final Duration WAIT = Duration.ofSeconds(30);

	final ConfigurableApplicationContext context;

	private PeerApplication(ConfigurableApplicationContext context) {
		this.context = context;
	}

	/**
	 * Starts an application.
	 * @param property of the provider, without its prefix
	 * @param properties more of them, or global ones
	 */
	static PeerApplication start(Path directory, String property, String... properties) {
		List<String> all = new ArrayList<>(List.of("spring.config.name=peers", "spring.main.banner-mode=off",
				"oauth2.pkce.store.type=file", "oauth2.pkce.store.directory=" + directory,
				"oauth2.pkce.login.on-startup=never", "oauth2.pkce.login.timeout=20s"));
		all.add(PROVIDER + property);
		for (String other : properties) {
			all.add(other.startsWith("oauth2.") ? other : PROVIDER + other);
		}
		return new PeerApplication(new SpringApplicationBuilder(Program.class).web(WebApplicationType.NONE)
			.run(all.stream().map((setting) -> "--" + setting).toArray(String[]::new)));
	}

	void logIn() {
		this.context.getBean(Logins.class).logIn("tools");
	}

	void logInByDevice() throws Exception {
		Login login = this.context.getBean(Logins.class).start("tools");
		URI page = login.shown().get(WAIT.toSeconds(), TimeUnit.SECONDS).userCode().verificationUriComplete();
		new FormBrowser().visit(page);
		login.completion().get(WAIT.toSeconds(), TimeUnit.SECONDS);
	}

	/** Asks for a new token, whether it is needed or not. */
	void refresh() {
		this.context.getBean(Credentials.class).current(ID, RefreshTrigger.MANUAL).join();
	}

	AuthorizationState state() {
		return this.context.getBean(Credentials.class).status(ID).state();
	}

	/** The client that the login was issued to. */
	RegisteredClient client() {
		return login().origin().client();
	}

	void logOut() {
		this.context.getBean(Logout.class).forget(ID);
	}

	ResponseEntity<String> get(String uri) {
		return this.context.getBean(WebClient.Builder.class)
			.build()
			.get()
			.uri(URI.create(uri))
			.exchangeToMono((response) -> response.toEntity(String.class))
			.block(WAIT);
	}

	/** The login as it is stored. */
	Credential login() {
		return this.context.getBean(TokenStore.class).load(ID);
	}

	@Override
	public void close() {
		this.context.close();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Program {

		@Bean
		BrowserOpener browser() {
			return new FormBrowser();
		}

	}

}
