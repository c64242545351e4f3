package io.github.oauth2pkce.spring;

import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.CodeVerifier;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Browser;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A web application on a port of its own, with four providers at one server:
 * {@code public} and {@code confidential}, each {@code -true} and {@code -false} by its
 * {@code pkce}. In properties, <code>{server}</code> is the server's address.
 */
final class WebLoginWorld implements AutoCloseable {

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final ConfigurableApplicationContext context;

	WebLoginWorld(WebApplicationType type, Class<?> configuration, String... properties) {
		this(type, configuration, List.of("public", "confidential"), List.of(true, false), properties);
	}

	private WebLoginWorld(WebApplicationType type, Class<?> configuration, List<String> clients, List<Boolean> pkce,
			String... properties) {
		this.server.discovery().document().put("userinfo_endpoint", this.server.uri(Endpoint.API).toString());
		this.server.register(FakeClient.publicClient("public"));
		this.server.register(FakeClient.confidential("confidential", "s3cret+/ %:word"));
		List<String> all = new ArrayList<>(List.of("server.port=0", "oauth2.pkce.store.type=memory",
				"oauth2.pkce.login.on-startup=never", "spring.main.banner-mode=off"));
		for (String client : clients) {
			for (boolean value : pkce) {
				String prefix = "oauth2.pkce.providers." + client + "-" + value + ".";
				all.add(prefix + "issuer-uri=" + this.server.issuer());
				all.add(prefix + "client-id=" + client);
				all.add(prefix + "authorization-grant-type=authorization_code");
				all.add(prefix + "pkce=" + value);
				if ("confidential".equals(client)) {
					all.add(prefix + "client-secret=s3cret+/ %:word");
				}
			}
		}
		for (String property : properties) {
			all.add(property.replace("{server}", this.server.issuer()));
		}
		this.context = new SpringApplicationBuilder(configuration).web(type)
			.run(all.stream().map((property) -> "--" + property).toArray(String[]::new));
	}

	/** Only {@code public-true}. */
	static WebLoginWorld withOneProvider(WebApplicationType type, Class<?> configuration) {
		return new WebLoginWorld(type, configuration, List.of("public"), List.of(true));
	}

	FakeAuthorizationServer server() {
		return this.server;
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	URI uri(String path) {
		return URI.create("http://127.0.0.1:" + this.context.getEnvironment().getProperty("local.server.port") + path);
	}

	/** The authorization request that a browser is sent away with. */
	URI page(Browser browser, String provider) {
		return browser.redirect(uri("/oauth2/authorization/" + provider));
	}

	/**
	 * Sign a user in, so that the browser's session is theirs.
	 */
	void signIn(Browser browser, String provider, String user) {
		URI page = page(browser, provider);
		URI next = browser.redirect(browser.redirect(URI.create(page + "&login_hint=" + user)));
		assertThat(next.toString()).doesNotContain("error");
	}

	/**
	 * Log in and return the exchange of the code.
	 */
	RecordedRequest logIn(Browser browser, URI page) {
		int before = this.server.requests(Endpoint.TOKEN).size();
		URI next = browser.redirect(browser.redirect(page));
		assertThat(next.toString()).doesNotContain("error");
		List<RecordedRequest> requests = this.server.requests(Endpoint.TOKEN);
		assertThat(requests).hasSize(before + 1);
		return requests.get(before);
	}

	/**
	 * A refresh as Spring Security's managers ask for it, of tokens that we never saw.
	 */
	OAuth2RefreshTokenGrantRequest foreignRefresh(String provider, String clientId) {
		TokenResponse tokens = TestLogins.device(this.server,
				Provider.withId(provider, clientId).endpoints(TestProviders.endpoints(this.server)).build());
		ClientRegistration registration = bean(ClientRegistrationRepository.class).findByRegistrationId(provider);
		Instant now = Instant.now();
		return new OAuth2RefreshTokenGrantRequest(registration,
				new OAuth2AccessToken(OAuth2AccessToken.TokenType.BEARER, tokens.accessToken(), now,
						now.plusSeconds(60)),
				new OAuth2RefreshToken(tokens.refreshToken(), now));
	}

	/** The same of a login that is kept. */
	OAuth2RefreshTokenGrantRequest storedRefresh(String provider, String user) {
		OAuth2AuthorizedClient client = bean(OAuth2AuthorizedClientService.class).loadAuthorizedClient(provider, user);
		return new OAuth2RefreshTokenGrantRequest(client.getClientRegistration(), client.getAccessToken(),
				client.getRefreshToken());
	}

	RecordedRequest lastTokenRequest() {
		List<RecordedRequest> requests = this.server.requests(Endpoint.TOKEN);
		return requests.get(requests.size() - 1);
	}

	/** Challenge and verifier that fit together, or none of the three. */
	void verifyPkce(String provider, boolean pkce) {
		Browser browser = new Browser();
		URI page = page(browser, provider);
		Map<String, String> asked = Browser.query(page);
		RecordedRequest exchange = logIn(browser, page);
		if (pkce) {
			assertThat(asked).containsEntry("code_challenge_method", "S256");
			assertThat(new CodeVerifier(String.valueOf(exchange.parameter("code_verifier"))).challenge().value())
				.isEqualTo(asked.get("code_challenge"));
		}
		else {
			assertThat(asked).doesNotContainKeys("code_challenge", "code_challenge_method");
			assertThat(exchange.hasParameter("code_verifier")).isFalse();
		}
		assertThat(exchange.authorization() != null).isEqualTo(provider.startsWith("confidential"));
		assertThat(exchange.parameter("grant_type")).isEqualTo("authorization_code");
		verifyReplayIsRefused(browser, provider, exchange.parameter("code"));
	}

	/** The code once more, as the answer to another login of the same browser. */
	private void verifyReplayIsRefused(Browser browser, String provider, String code) {
		URI answer = browser.redirect(page(browser, provider));
		URI replay = URI.create(answer.toString().replaceFirst("code=[^&]*", "code=" + code));
		HttpResponse<String> refused = browser.get(replay);
		assertThat(lastTokenRequest().parameter("code")).isEqualTo(code);
		// The reactive filter of oauth2Client() has no answer of its own for it.
		assertThat(refused.statusCode() + refused.headers().firstValue("Location").orElse("")).containsAnyOf("error",
				"500");
	}

	/** Log in, and search all that is logged meanwhile. */
	void verifyThatALoginLogsNoToken(Browser browser, String provider) {
		String log = logOf(() -> logIn(browser, page(browser, provider)));
		Credential stored = bean(TokenStore.class).load(new CredentialId(provider, "alice"));
		assertThat(stored).isNotNull();
		assertThat(log).contains("org.springframework.security.web");
		verifyHasNoToken(log, stored.accessToken(), String.valueOf(stored.refreshToken()));
	}

	static void verifyHasNoToken(String log, String... tokens) {
		assertThat(log).contains("/token");
		for (String token : tokens) {
			// Spring's log cuts long values.
			assertThat(log).doesNotContain(token).doesNotContain(token.substring(0, token.length() / 2));
		}
	}

	/** All that is logged meanwhile, at any level. */
	static String logOf(Runnable action) {
		Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
		Level level = root.getLevel();
		ListAppender<ILoggingEvent> appender = new ListAppender<>();
		appender.list = new CopyOnWriteArrayList<>();
		appender.start();
		root.addAppender(appender);
		root.setLevel(Level.TRACE);
		try {
			action.run();
		}
		finally {
			root.setLevel(level);
			root.detachAppender(appender);
		}
		return appender.list.stream()
			.map((event) -> event.getLoggerName() + " " + event.getFormattedMessage())
			.collect(Collectors.joining("\n"));
	}

	@Override
	public void close() {
		this.context.close();
		this.server.close();
	}

}
