package io.github.oauth2pkce.keycloak;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.Principal;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import com.nimbusds.jwt.SignedJWT;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.code.BrowserOpener;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Browser;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.oauth2.client.oidc.authentication.OidcIdTokenDecoderFactory;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwtDecoderFactory;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * {@code profile: fapi2} at a realm whose client policy holds every client to the FAPI
 * 2.0 profile that Keycloak brings along: pushed requests, S256, clients without secrets,
 * consent, and tokens that are bound to a key or to a certificate. The API is its
 * userinfo endpoint, which signs its answers then.
 */
@Timeout(300)
@ExtendWith(KeycloakExtension.class)
class Fapi2KeycloakIT {

	private static final String DPOP = "fapi-2-dpop-security-profile";

	private static final String CERTIFICATES = "fapi-2-security-profile";

	private static final CredentialId ID = CredentialId.ofApplication("keycloak");

	private static final String PROVIDER = "--oauth2.pkce.providers.keycloak.";

	private static final String LOOPBACK = "http://127.0.0.1/callback/keycloak";

	private static final String PUBLIC_ADDRESS = "https://app.example.test";

	private final KeycloakServer keycloak;

	private final KeycloakBrowser browser;

	private final KeycloakOperator operator;

	@TempDir
	Path directory;

	Fapi2KeycloakIT(KeycloakServer keycloak, KeycloakBrowser browser) {
		this.keycloak = keycloak;
		this.browser = browser;
		this.operator = new KeycloakOperator(keycloak);
	}

	@AfterEach
	void withdrawPolicies() {
		this.operator.withdrawPolicies();
		this.operator.deleteClient("fapi");
	}

	@Test
	void programOnAMachineLogsInRefreshesAndCallsOverARestart() throws Exception {
		this.operator.demandButAllowLoopback(DPOP);
		createSigningClient(LOOPBACK);
		try (ConfigurableApplicationContext application = signing(WebApplicationType.NONE)) {
			application.getBean(Logins.class).logIn("keycloak");
			assertThat(call(application)).isEqualTo("alice");
			assertThat(callAsAThief(application)).isEqualTo(401);
		}
		try (ConfigurableApplicationContext application = signing(WebApplicationType.NONE)) {
			refreshThrice(application, ID);
			assertThat(call(application)).isEqualTo("alice");
		}
	}

	/** The profile as it is allows https only. The address may be good elsewhere. */
	@Test
	void loopbackAddressIsRefusedWhereTheProfileIsAsKeycloakBringsIt() {
		createSigningClient(LOOPBACK);
		this.operator.demand(DPOP);
		try (ConfigurableApplicationContext application = signing(WebApplicationType.NONE)) {
			assertThatExceptionOfType(LoginException.class)
				.isThrownBy(() -> application.getBean(Logins.class).logIn("keycloak"))
				.withMessageContaining("redirect_uri");
		}
	}

	/** Behind a proxy that ends TLS. */
	@Test
	void userOfAWebApplicationLogsInWhereTheProfileIsAsKeycloakBringsIt() throws Exception {
		this.operator.demand(DPOP);
		createSigningClient(PUBLIC_ADDRESS + "/login/oauth2/code/keycloak");
		try (ConfigurableApplicationContext application = signing(WebApplicationType.SERVLET,
				PROVIDER + "principal=current-user", "--server.forward-headers-strategy=framework")) {
			String origin = "http://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port");
			Browser here = new Browser();
			URI atKeycloak = location(visit(here, origin, "/oauth2/authorization/keycloak"));
			assertThat(Browser.query(atKeycloak)).containsOnlyKeys("client_id", "request_uri");
			URI answer = this.browser.authorize(atKeycloak.toString(), "alice", "alice-pw");
			assertThat(answer).asString().startsWith(PUBLIC_ADDRESS);
			assertThat(location(visit(here, origin, answer.getRawPath() + "?" + answer.getRawQuery()))).asString()
				.doesNotContain("error");
			refreshThrice(application, new CredentialId("keycloak", visit(here, origin, "/name").body()));
			assertThat(visit(here, origin, "/me").body()).isEqualTo("alice");
		}
	}

	/** Tokens are bound to the certificate then (RFC 8705 section 3). */
	@Test
	void programWithACertificateLogsInRefreshesAndCalls() throws Exception {
		this.operator.demandButAllowLoopback(CERTIFICATES);
		this.operator.createClient("fapi", Map.of("clientAuthenticatorType", "client-x509", "standardFlowEnabled", true,
				"redirectUris", List.of(LOOPBACK), "attributes", Map.of("x509.subjectdn", "CN=client")));
		KeycloakTls tls = this.keycloak.tls();
		String pem = "--spring.ssl.bundle.pem.mine.";
		try (ConfigurableApplicationContext application = start(WebApplicationType.NONE, this.keycloak.tlsIssuer(),
				new KeycloakBrowser(tls), PROVIDER + "client-authentication-method=tls_client_auth",
				PROVIDER + "ssl-bundle=mine", "--spring.http.clients.ssl.bundle=mine",
				pem + "keystore.certificate=" + tls.clientCertificate().toUri(),
				pem + "keystore.private-key=" + tls.clientKey().toUri(),
				pem + "truststore.certificate=" + tls.serverCertificate().toUri())) {
			application.getBean(Logins.class).logIn("keycloak");
			refreshThrice(application, ID);
			assertThat(call(application)).isEqualTo("alice");
			assertThat(callAsAThief(application)).isEqualTo(401);
		}
	}

	/** Keycloak makes it PS256 under the profile, unless it is said. */
	private void createSigningClient(String redirectUri) {
		this.operator.createClient("fapi",
				Map.of("clientAuthenticatorType", "client-jwt", "standardFlowEnabled", true, "redirectUris",
						List.of(redirectUri), "attributes", Map.of("use.jwks.string", "true", "jwks.string",
								this.keycloak.tls().clientJwks(), "token.endpoint.auth.signing.alg", "ES256")));
	}

	private ConfigurableApplicationContext signing(WebApplicationType type, String... properties) {
		List<String> all = new ArrayList<>(List.of(PROVIDER + "client-authentication-method=private_key_jwt",
				PROVIDER + "client-assertion.key=" + this.keycloak.tls().clientKey().toUri(), PROVIDER + "dpop=true"));
		all.addAll(List.of(properties));
		return start(type, this.keycloak.issuer(), this.browser, all.toArray(String[]::new));
	}

	private ConfigurableApplicationContext start(WebApplicationType type, String issuer, KeycloakBrowser person,
			String... properties) {
		String userInfo = issuer + "/protocol/openid-connect/userinfo";
		List<String> arguments = new ArrayList<>(List.of("--spring.main.banner-mode=off", "--server.port=0",
				"--oauth2.pkce.store.type=file", "--oauth2.pkce.store.directory=" + this.directory,
				"--oauth2.pkce.login.on-startup=never", "--oauth2.pkce.login.timeout=30s",
				"--test.user-info=" + userInfo, PROVIDER + "profile=fapi2", PROVIDER + "issuer-uri=" + issuer,
				PROVIDER + "client-id=fapi", PROVIDER + "scope=openid profile",
				PROVIDER + "authorization-grant-type=authorization_code", PROVIDER + "base-urls=" + userInfo));
		arguments.addAll(List.of(properties));
		BrowserOpener opener = (page) -> logIn(person, page);
		return new SpringApplicationBuilder(Application.class).web(type)
			.initializers((context) -> context.getBeanFactory().registerSingleton("person", opener))
			.run(arguments.toArray(String[]::new));
	}

	private static boolean logIn(KeycloakBrowser person, URI page) {
		Thread thread = new Thread(() -> {
			Browser here = new Browser();
			// The page sends a browser to itself first, with its cookie.
			assertThat(here.redirect(page)).isEqualTo(page);
			URI location = here.get(page).headers().firstValue("Location").map(URI::create).orElse(null);
			if (location != null) {
				here.get(person.authorize(location.toString(), "alice", "alice-pw"));
			}
		}, "browser");
		thread.setDaemon(true);
		thread.start();
		return true;
	}

	/** As the proxy does. */
	private static HttpResponse<String> visit(Browser browser, String origin, String path) {
		return browser.send("GET", URI.create(origin + path), "X-Forwarded-Proto", "https", "X-Forwarded-Host",
				URI.create(PUBLIC_ADDRESS).getHost());
	}

	private static URI location(HttpResponse<String> response) {
		return URI.create(response.headers().firstValue("Location").orElseThrow());
	}

	private static String call(ConfigurableApplicationContext application) {
		return application.getBean(Me.class).me();
	}

	/** With the token alone. */
	private int callAsAThief(ConfigurableApplicationContext application) throws Exception {
		Credential stored = application.getBean(TokenStore.class).load(ID);
		assertThat(stored).isNotNull();
		HttpRequest request = HttpRequest.newBuilder(application.getBean(Me.class).userInfo)
			.header("Authorization", "Bearer " + stored.accessToken())
			.build();
		return HttpClient.newBuilder()
			.sslContext(this.keycloak.tls().trust())
			.build()
			.send(request, BodyHandlers.discarding())
			.statusCode();
	}

	/** One-time refresh tokens: one that is sent twice ends the login. */
	private static void refreshThrice(ConfigurableApplicationContext application, CredentialId id) throws Exception {
		Set<String> tokens = new HashSet<>();
		for (int i = 0; i < 3; i++) {
			BearerToken token = application.getBean(Credentials.class)
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

		/** Spring Security expects RS256, which the profile forbids. */
		@Bean
		JwtDecoderFactory<ClientRegistration> idTokens() {
			OidcIdTokenDecoderFactory idTokens = new OidcIdTokenDecoderFactory();
			idTokens.setJwsAlgorithmResolver((registration) -> SignatureAlgorithm.PS256);
			return idTokens;
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
			String answer = this.client.get().uri(this.userInfo).retrieve().bodyToMono(String.class).block();
			try {
				return SignedJWT.parse(answer).getJWTClaimsSet().getStringClaim("preferred_username");
			}
			catch (ParseException ex) {
				throw new IllegalStateException(answer, ex);
			}
		}

		@GetMapping("/name")
		String name(Principal user) {
			return user.getName();
		}

	}

}
