package io.github.oauth2pkce.code;

import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.CodeVerifier;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Browser;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.TestClients;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.TokenEndpoint;

import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * RFC 9700 section 4.4: a person logs in at one server, which sends the browser on to
 * another, in order to be brought that one's code. The other server does not say who it
 * is (RFC 9207), so that nothing but its redirect URI can tell the answers apart.
 */
@Timeout(60)
class MixUpTests {

	private final FakeAuthorizationServer honest = FakeAuthorizationServer.start();

	private final FakeAuthorizationServer evil = FakeAuthorizationServer.start();

	private final Browser browser = new Browser();

	private final LoopbackGrant grant;

	private URI ownRedirectUri;

	MixUpTests() {
		AuthorizationServerClient client = new AuthorizationServerClient((provider) -> WebClient.create(),
				Duration.ofSeconds(10));
		Discovery discovery = new Discovery(client, Clock.systemUTC());
		this.grant = new LoopbackGrant(new TokenEndpoint(client), discovery, TestClients.identities(client, discovery),
				Duration.ofSeconds(30), null);
	}

	/** The honest server knows the redirect URI that its provider's logins have. */
	@BeforeEach
	void register() {
		this.honest.register(FakeClient.publicClient("cli").requirePkce()).authorization().sendIss(false);
		this.evil.register(FakeClient.publicClient("evil-cli")).authorization().sendIss(false);
		PendingLogin login = PendingLogin.start(this.grant, provider("honest", "cli", this.honest), this.browser);
		this.ownRedirectUri = login.redirectUri();
		login.cancel();
		login.failure();
		this.honest
			.register(FakeClient.publicClient("cli").requirePkce().redirectingTo(this.ownRedirectUri.toString()));
	}

	@AfterEach
	void stop() {
		this.honest.close();
		this.evil.close();
	}

	@Test
	void serverIsNotBroughtTheCodeOfAnother() {
		PendingLogin login = PendingLogin.start(this.grant, provider("evil", "evil-cli", this.evil), this.browser);
		HttpResponse<String> end = attack(login, login.redirectUri());
		assertThat(end.statusCode()).isEqualTo(400);
		assertThat(end.body()).contains("redirect_uri");
		assertThat(this.evil.requests(Endpoint.TOKEN)).isEmpty();
		login.cancel();
	}

	@Test
	void answerOnThePathOfAnotherProviderIsNotTaken() {
		PendingLogin login = PendingLogin.start(this.grant, provider("evil", "evil-cli", this.evil), this.browser);
		URI stolen = URI.create("http://127.0.0.1:" + login.redirectUri().getPort() + this.ownRedirectUri.getPath());
		HttpResponse<String> end = attack(login, stolen);
		assertThat(end.statusCode()).isEqualTo(404);
		assertThat(login.isPending()).isTrue();
		assertThat(this.evil.requests(Endpoint.TOKEN)).isEmpty();
		login.cancel();
	}

	/** The person opens the page of the evil server and follows every redirect. */
	private HttpResponse<String> attack(PendingLogin login, URI redirectUri) {
		Map<String, String> asked = Browser.query(login.page());
		this.evil.enqueue(Endpoint.AUTHORIZATION, Answer.redirect(this.honest.uri(Endpoint.AUTHORIZATION)
				+ "?response_type=code&client_id=cli&redirect_uri=" + redirectUri + "&state=" + asked.get("state")
				+ "&code_challenge_method=S256&code_challenge=" + CodeVerifier.generate().challenge().value()));
		URI next = this.browser.redirect(login.page());
		HttpResponse<String> end = this.browser.get(next);
		while (end.statusCode() == 302) {
			end = this.browser.get(end.headers().firstValue("Location").orElseThrow());
		}
		return end;
	}

	private static Provider provider(String id, String clientId, FakeAuthorizationServer server) {
		return Provider.withId(id, clientId).issuerUri(server.issuer()).grant(Grant.AUTHORIZATION_CODE).build();
	}

}
