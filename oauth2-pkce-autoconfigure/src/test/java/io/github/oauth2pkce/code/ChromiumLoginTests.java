package io.github.oauth2pkce.code;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Browser;
import io.github.oauth2pkce.testing.Chromium;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.TestClients;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.TokenEndpoint;

import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a real browser makes of the start page and its cookie. The server is at 127.0.0.1
 * and answers to localhost: another site to a browser, as in life.
 */
@Timeout(120)
class ChromiumLoginTests {

	private static final String WAITING = "<title>Log in</title>";

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final LoopbackGrant grant;

	ChromiumLoginTests() {
		AuthorizationServerClient client = new AuthorizationServerClient((provider) -> WebClient.create(),
				Duration.ofSeconds(10));
		Discovery discovery = new Discovery(client, Clock.systemUTC());
		this.grant = new LoopbackGrant(new TokenEndpoint(client), discovery, TestClients.identities(client, discovery),
				Duration.ofSeconds(60), null);
	}

	@BeforeEach
	void register() {
		this.server.register(FakeClient.publicClient("cli").requirePkce());
	}

	@AfterEach
	void stopServer() {
		this.server.close();
	}

	@Test
	void bringsTheCookieBackFromTheFormOfAnotherSite() {
		try (Chromium chromium = Chromium.start()) {
			enqueue("<body onload='document.forms[0].submit()'><form method='post'></form>");
			PendingLogin login = start();
			chromium.open(login.startPage());
			chromium.awaitTitle("Logged in");
			assertThat(chromium.text()).contains("You are logged in to “main”");
			assertThat(chromium.backgroundOfBody()).isEqualTo("rgba(255, 255, 255, 1)");
			login.issued();
		}
	}

	@Test
	void showsAPageThatIsDarkToWhomeverLikesThat() {
		try (Chromium chromium = Chromium.start("--blink-settings=preferredColorScheme=0")) {
			PendingLogin login = start();
			chromium.open(login.startPage());
			chromium.awaitTitle("Logged in");
			assertThat(chromium.backgroundOfBody()).isEqualTo("rgba(27, 27, 27, 1)");
			login.issued();
		}
	}

	@Test
	void finishesLoginsInTabsThatWereBegunAtOnce() {
		try (Chromium chromium = Chromium.start()) {
			enqueue(WAITING);
			PendingLogin first = start();
			PendingLogin second = start();
			chromium.open(first.startPage());
			chromium.awaitTitle("Log in");
			URI request = URI.create(chromium.address());
			chromium.open(second.startPage());
			chromium.awaitTitle("Logged in");
			second.issued();
			chromium.open(request);
			chromium.awaitTitle("Logged in");
			first.issued();
		}
	}

	@Test
	void mayOpenTheAddressAgain() {
		try (Chromium chromium = Chromium.start()) {
			enqueue(WAITING);
			PendingLogin login = start();
			chromium.open(login.startPage());
			chromium.awaitTitle("Log in");
			chromium.open(login.startPage());
			chromium.awaitTitle("Logged in");
			login.issued();
		}
	}

	@Test
	void isToldThatSomebodyElseOpenedTheAddress() {
		try (Chromium chromium = Chromium.start()) {
			PendingLogin login = start();
			new Browser().get(login.startPage());
			chromium.open(login.startPage());
			chromium.awaitTitle("Not logged in");
			assertThat(chromium.text()).contains("was opened a second time");
			assertThat(login.failure()).isInstanceOf(CodeLoginException.class);
		}
	}

	@Test
	void isToldThatItKeepsNoCookies() {
		try (Chromium chromium = Chromium.start(Map.of("profile.default_content_setting_values.cookies", 2))) {
			PendingLogin login = start();
			chromium.open(login.startPage());
			chromium.awaitTitle("Not accepted");
			assertThat(chromium.text()).contains("allow cookies for this address");
			assertThat(this.server.requests(Endpoint.TOKEN)).isEmpty();
			login.cancel();
		}
	}

	private void enqueue(String html) {
		this.server.enqueue(Endpoint.AUTHORIZATION, Answer.text(200, "text/html", html));
	}

	private PendingLogin start() {
		return PendingLogin.start(this.grant,
				Provider.withId("main", "cli")
					.issuerUri(this.server.issuer())
					.grant(Grant.AUTHORIZATION_CODE)
					.redirectUri(URI.create("http://localhost/callback"))
					.build(),
				new Browser());
	}

}
