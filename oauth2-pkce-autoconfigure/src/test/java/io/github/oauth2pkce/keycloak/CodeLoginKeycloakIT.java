package io.github.oauth2pkce.keycloak;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.autoconfigure.PkceAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceLoopbackLoginAutoConfiguration;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.code.BrowserOpener;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** The loopback login against a server that demands the proof key. */
@Timeout(300)
@ExtendWith(KeycloakExtension.class)
class CodeLoginKeycloakIT {

	private static final CredentialId ID = CredentialId.ofApplication("keycloak");

	private final KeycloakServer keycloak;

	private final KeycloakBrowser browser;

	private final BlockingQueue<URI> pages = new LinkedBlockingQueue<>();

	private final HttpClient http = HttpClient.newHttpClient();

	private final ApplicationContextRunner application;

	private String cookie;

	CodeLoginKeycloakIT(KeycloakServer keycloak, KeycloakBrowser browser) {
		this.keycloak = keycloak;
		this.browser = browser;
		this.application = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(PkceAutoConfiguration.class, PkceLoopbackLoginAutoConfiguration.class))
			.withBean(BrowserOpener.class, () -> this.pages::add)
			.withPropertyValues("oauth2.pkce.store.type=memory", "oauth2.pkce.login.on-startup=never",
					"oauth2.pkce.providers.keycloak.issuer-uri=" + keycloak.issuer(),
					"oauth2.pkce.providers.keycloak.client-id=code-pkce", "oauth2.pkce.providers.keycloak.scope=openid",
					"oauth2.pkce.providers.keycloak.authorization-grant-type=authorization_code");
	}

	@Test
	void logsInAndRefreshesWithOneTimeTokens() {
		this.application.run((context) -> {
			HttpResponse<String> page = logIn(context);
			assertThat(page.statusCode()).isEqualTo(200);
			assertThat(page.body()).contains("You are logged in");
			Set<String> tokens = new HashSet<>();
			for (int i = 0; i < 4; i++) {
				BearerToken token = context.getBean(Credentials.class)
					.current(ID, RefreshTrigger.MANUAL)
					.get(30, TimeUnit.SECONDS);
				assertThat(token).isInstanceOf(BearerToken.Available.class);
				String bearer = ((BearerToken.Available) token).accessToken();
				tokens.add(bearer);
				assertThat(userInfo(bearer)).contains("\"preferred_username\":\"alice\"");
			}
			assertThat(tokens).hasSize(4);
			assertThat(state(context)).isEqualTo(AuthorizationState.AUTHORIZED);
		});
	}

	@Test
	void isRefusedWithoutProofKey() {
		this.application.withPropertyValues("oauth2.pkce.providers.keycloak.pkce=false").run((context) -> {
			Login login = context.getBean(Logins.class).start("keycloak");
			URI answer = this.browser.authorize(page(), "alice", "alice-pw");
			assertThat(get(answer, null).body()).contains("Not logged in", "Missing parameter: code_challenge_method");
			assertThatExceptionOfType(ExecutionException.class)
				.isThrownBy(() -> login.completion().get(10, TimeUnit.SECONDS))
				.satisfies((failure) -> assertThat(((LoginException) failure.getCause()).errorCode())
					.isEqualTo("invalid_request"));
		});
	}

	@Test
	void ignoresAnswerFromAnotherIssuer() {
		this.application.run((context) -> {
			Login login = context.getBean(Logins.class).start("keycloak");
			URI answer = this.browser.authorize(page(), "bob", "bob-pw");
			assertThat(answer.getQuery()).contains("iss=" + this.keycloak.issuer());
			URI wrong = URI.create(answer.toString().replaceFirst("iss=[^&]*", "iss=https%3A%2F%2Fother.test"));
			assertThat(get(wrong, null).statusCode()).isEqualTo(400);
			assertThat(get(answer, null).statusCode()).isEqualTo(200);
			login.completion().get(10, TimeUnit.SECONDS);
		});
	}

	@Test
	void forgetsTheLogin() {
		this.application.run((context) -> {
			logIn(context);
			assertThat(context.getBean(Logout.class).forget(ID)).isTrue();
			assertThat(state(context)).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
		});
	}

	private HttpResponse<String> logIn(ApplicationContext context) throws Exception {
		Login login = context.getBean(Logins.class).start("keycloak");
		HttpResponse<String> page = get(this.browser.authorize(page(), "alice", "alice-pw"), null);
		login.completion().get(30, TimeUnit.SECONDS);
		return page;
	}

	/** Where the start page sends the browser, which keeps its cookie. */
	private String page() throws Exception {
		URI start = this.pages.poll(30, TimeUnit.SECONDS);
		assertThat(start).isNotNull();
		HttpResponse<String> page = get(start, null);
		this.cookie = page.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
		return page.headers().firstValue("Location").orElseThrow();
	}

	private static AuthorizationState state(ApplicationContext context) {
		return context.getBean(Credentials.class).status(ID).state();
	}

	private String userInfo(String bearer) throws Exception {
		return get(URI.create(this.keycloak.userInfoEndpoint()), bearer).body();
	}

	private HttpResponse<String> get(URI uri, String bearer) throws IOException, InterruptedException {
		HttpRequest.Builder request = HttpRequest.newBuilder(uri);
		if (bearer != null) {
			request.header("Authorization", "Bearer " + bearer);
		}
		else if (this.cookie != null) {
			request.header("Cookie", this.cookie);
		}
		return this.http.send(request.build(), BodyHandlers.ofString());
	}

}
