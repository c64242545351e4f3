package io.github.oauth2pkce.autoconfigure;

import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.code.BrowserOpener;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshOutcome;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Browser;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeResource;
import io.github.oauth2pkce.testing.Http;
import io.github.oauth2pkce.testing.KeyPairs;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestApplication;
import io.github.oauth2pkce.testing.TestKeys;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** One line of configuration: {@code resource-uri}. */
@Timeout(60)
class ResourceFirstTests {

	private static final CredentialId TOOLS = CredentialId.ofApplication("tools");

	@TempDir
	private Path directory;

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final FakeAuthorizationServer api = FakeAuthorizationServer.start();

	private final FakeResource resource = this.api.protectedResource("/mcp").authorizedBy(this.server);

	private final List<ConfigurableApplicationContext> contexts = new ArrayList<>();

	ResourceFirstTests() {
		this.server.registration().open();
	}

	@AfterEach
	void close() {
		this.contexts.forEach(ConfigurableApplicationContext::close);
		this.server.close();
		this.api.close();
	}

	private ConfigurableApplicationContext start(String... properties) {
		ConfigurableApplicationContext context = TestApplication.of(WebApplicationType.NONE)
			.with("oauth2.pkce.providers.tools.resource-uri=" + this.resource.uri(), "oauth2.pkce.login.timeout=20s",
					"oauth2.pkce.store.type=file", "oauth2.pkce.store.directory=" + this.directory)
			.with(properties)
			.with(Person.class)
			.run();
		this.contexts.add(context);
		return context;
	}

	private static String get(ConfigurableApplicationContext context, URI uri) {
		return String.valueOf(context.getBean(WebClient.Builder.class)
			.build()
			.get()
			.uri(uri)
			.exchangeToMono((response) -> response.releaseBody().thenReturn(response.statusCode().value()))
			.block());
	}

	@Test
	void resourceUriIsACompleteConfiguration() {
		ConfigurableApplicationContext context = start();
		assertThat(this.server.requests()).isEmpty();
		assertThat(this.api.requests()).isEmpty();
		context.getBean(Logins.class).logIn("tools");
		assertThat(get(context, this.resource.uri())).isEqualTo("200");
		RecordedRequest registration = this.server.requests(Endpoint.REGISTRATION).get(0);
		assertThat(registration.json()).containsEntry("application_type", "native");
		assertThat(this.server.requests(Endpoint.AUTHORIZATION).get(0).parameters("resource"))
			.containsExactly(this.resource.uri().toString());
		assertThat(this.server.requests(Endpoint.TOKEN).get(0).parameters("resource"))
			.containsExactly(this.resource.uri().toString());
	}

	@Test
	void restartNeedsNeitherRegistrationNorLogin() {
		start().getBean(Logins.class).logIn("tools");
		this.contexts.remove(0).close();
		ConfigurableApplicationContext context = start();
		assertThat(get(context, this.resource.uri())).isEqualTo("200");
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(1);
	}

	@Test
	void secondLoginUsesTheRegistrationOfTheFirst() {
		ConfigurableApplicationContext context = start();
		context.getBean(Logins.class).logIn("tools");
		context.getBean(Logins.class).logIn("tools");
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(2);
	}

	@Test
	void logoutEndsTheRegistrationWhereTheServerAllowsForIt() {
		this.server.registration().manage(true);
		ConfigurableApplicationContext context = start();
		context.getBean(Logins.class).logIn("tools");
		context.getBean(Logout.class).forget(TOOLS);
		assertThat(this.server.requests(Endpoint.CLIENT_CONFIGURATION)).extracting(RecordedRequest::method)
			.containsExactly("DELETE");
		assertThat(context.getBean(Credentials.class).load(TOOLS)).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
		context.getBean(Logins.class).logIn("tools");
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(2);
	}

	@Test
	void registersByItsPublicKeyWhereTheServerTakesOne() {
		KeyPair pair = KeyPairs.generate("P-256");
		this.server.discovery().authenticationMethods("none", "private_key_jwt");
		ConfigurableApplicationContext context = start(
				"oauth2.pkce.providers.tools.client-assertion.key=" + KeyPairs.pkcs8(pair));
		context.getBean(Logins.class).logIn("tools");
		context.getBean(Credentials.class).current(TOOLS, RefreshTrigger.MANUAL).toCompletableFuture().join();
		assertThat(this.server.refreshesGranted()).isEqualTo(1);
		RecordedRequest registration = this.server.requests(Endpoint.REGISTRATION).get(0);
		assertThat(registration.json()).containsEntry("token_endpoint_auth_method", "private_key_jwt");
		assertThat(registration.body()).contains(KeyPairs.registered(pair).getKeyID()).doesNotContain("\"d\"");
		assertThat(this.server.requests(Endpoint.TOKEN))
			.allMatch((request) -> request.hasParameter("client_assertion"));
	}

	/** The server knows the old one: the login outlives a mistake, and is no dead end. */
	@Test
	void registersAnewWhenItsKeyHasChangedForGood() throws Exception {
		String first = KeyPairs.pkcs8(KeyPairs.generate("P-256"));
		String second = KeyPairs.pkcs8(KeyPairs.generate("P-256"));
		Path key = Files.writeString(this.directory.resolve("key.pem"), first);
		this.server.discovery().authenticationMethods("none", "private_key_jwt");
		ConfigurableApplicationContext context = start("oauth2.pkce.providers.tools.client-assertion.key=" + key);
		context.getBean(Logins.class).logIn("tools");
		TestKeys.replace(key, (file) -> Files.writeString(file, second));
		assertThat(List.of(refresh(context), refresh(context), refresh(context))).containsOnly(RefreshOutcome.REFUSED);
		TestKeys.replace(key, (file) -> Files.writeString(file, first));
		assertThat(refresh(context)).isEqualTo(RefreshOutcome.REFRESHED);
		TestKeys.replace(key, (file) -> Files.writeString(file, second));
		context.getBean(Logins.class).logIn("tools");
		assertThat(refresh(context)).isEqualTo(RefreshOutcome.REFRESHED);
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(2);
	}

	private static RefreshOutcome refresh(ConfigurableApplicationContext context) {
		Credentials credentials = context.getBean(Credentials.class);
		credentials.current(TOOLS, RefreshTrigger.MANUAL).toCompletableFuture().join();
		return Objects.requireNonNull(credentials.status(TOOLS).lastOutcome());
	}

	@Test
	void registersAnewWhenItsKeyIsGone() {
		this.server.discovery().authenticationMethods("none", "private_key_jwt");
		start("oauth2.pkce.providers.tools.client-assertion.key=" + KeyPairs.pkcs8(KeyPairs.generate("P-256")))
			.getBean(Logins.class)
			.logIn("tools");
		this.contexts.remove(0).close();
		ConfigurableApplicationContext context = start();
		context.getBean(Credentials.class).current(TOOLS, RefreshTrigger.MANUAL).toCompletableFuture().join();
		assertThat(context.getBean(Credentials.class).status(TOOLS).lastError()).isEqualTo("discovery_failed");
		context.getBean(Logins.class).logIn("tools");
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(2);
	}

	@Test
	void registersWithoutItsKeyWhereTheServerTakesNone() {
		ConfigurableApplicationContext context = start(
				"oauth2.pkce.providers.tools.client-assertion.key=" + KeyPairs.pkcs8(KeyPairs.generate("P-256")));
		context.getBean(Logins.class).logIn("tools");
		assertThat(this.server.requests(Endpoint.REGISTRATION).get(0).json())
			.containsEntry("token_endpoint_auth_method", "none")
			.doesNotContainKey("jwks");
	}

	/** What somebody has written down is not weakened by what a server says. */
	@Test
	void registersWithNothingLessThanTheMethodThatIsWritten() {
		ConfigurableApplicationContext context = start(
				"oauth2.pkce.providers.tools.client-authentication-method=private_key_jwt",
				"oauth2.pkce.providers.tools.client-assertion.key=" + KeyPairs.pkcs8(KeyPairs.generate("P-256")));
		assertThatExceptionOfType(LoginException.class).isThrownBy(() -> context.getBean(Logins.class).logIn("tools"));
		assertThat(this.server.requests(Endpoint.REGISTRATION)).allSatisfy(
				(request) -> assertThat(request.json()).containsEntry("token_endpoint_auth_method", "private_key_jwt"));
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).isEmpty();
	}

	@Test
	void requestNeverPromptsByItself() {
		ConfigurableApplicationContext context = start();
		assertThat(get(context, this.resource.uri())).isEqualTo("401");
		assertThat(this.server.requests()).isEmpty();
	}

	@Test
	void requestWaitsForALoginWhereTheSettingSaysSo() {
		ConfigurableApplicationContext context = start("oauth2.pkce.login.on-request=always");
		assertThat(get(context, this.resource.uri())).isEqualTo("200");
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(1);
	}

	@Test
	void loginOnRequestAsksForMoreScopesOnce() {
		this.resource.metadata().put("scopes_supported", List.of("mcp:basic"));
		ConfigurableApplicationContext context = start("oauth2.pkce.login.on-request=always");
		assertThat(get(context, this.resource.uri())).isEqualTo("200");
		this.resource.requireScopes("mcp:write");
		assertThat(get(context, this.resource.uri())).isEqualTo("200");
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).extracting((request) -> request.parameter("scope"))
			.containsExactly("mcp:basic", "mcp:basic mcp:write");
		this.resource.requireScopes("mcp:admin");
		assertThat(get(context, this.resource.uri())).isEqualTo("200");
		this.resource.requireScopes("mcp:never");
		assertThat(get(context, this.resource.uri())).isEqualTo("403");
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(3);
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void webApplicationServesItsClientMetadata(WebApplicationType type) {
		String address = "https://app.example.com/oauth2-pkce/client.json";
		ConfigurableApplicationContext context = TestApplication.of(type)
			.with("oauth2.pkce.providers.tools.resource-uri=" + this.resource.uri(), "spring.application.name=my-app",
					"oauth2.pkce.providers.tools.client-metadata-uri=" + address,
					"oauth2.pkce.providers.tools.registration.serve-metadata=true")
			.run();
		this.contexts.add(context);
		String port = context.getEnvironment().getProperty("local.server.port");
		HttpResponse<String> response = new Browser().get("http://127.0.0.1:" + port + "/oauth2-pkce/client.json");
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
		assertThat(response.body()).contains("\"client_id\":\"" + address + "\"", "\"client_name\":\"my-app\"",
				"http://localhost/callback/tools", "refresh_token", "\"token_endpoint_auth_method\":\"none\"");
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void servedDocumentHasThePublicKeyOfAClientThatSigns(WebApplicationType type) {
		KeyPair pair = KeyPairs.generate("P-256");
		String provider = "oauth2.pkce.providers.tools.";
		ConfigurableApplicationContext context = TestApplication.of(type)
			.with(provider + "resource-uri=" + this.resource.uri(),
					provider + "client-metadata-uri=https://app.example.com/oauth2-pkce/client.json",
					provider + "registration.serve-metadata=true",
					provider + "client-assertion.key=" + KeyPairs.pkcs8(pair))
			.run();
		this.contexts.add(context);
		Http.Response document = Http.of(context).get("/oauth2-pkce/client.json");
		assertThat(document.body())
			.contains("\"token_endpoint_auth_method\":\"private_key_jwt\"",
					"\"kid\":\"" + KeyPairs.registered(pair).getKeyID() + "\"")
			.doesNotContain("\"d\":");
	}

	@Test
	void metadataDocumentThatHasAKeyIsAClientThatSigns() {
		this.server.registration().acceptMetadataDocuments(true);
		String address = "https://app.example.com/oauth2-pkce/client.json";
		ConfigurableApplicationContext context = start("oauth2.pkce.providers.tools.client-metadata-uri=" + address,
				"oauth2.pkce.providers.tools.client-assertion.key=" + KeyPairs.pkcs8(KeyPairs.generate("P-256")));
		this.server.answerAlways(Endpoint.TOKEN, Answer.error(400, "invalid_grant", "Seen"));
		assertThatExceptionOfType(LoginException.class).isThrownBy(() -> context.getBean(Logins.class).logIn("tools"));
		assertThat(this.server.requests(Endpoint.TOKEN, address)).isNotEmpty()
			.allMatch((request) -> request.hasParameter("client_assertion"));
	}

	@Test
	void metadataDocumentIsTheClientIdWhereTheServerReadsIt() {
		this.server.registration().acceptMetadataDocuments(true);
		String address = "https://app.example.com/oauth2-pkce/client.json";
		ConfigurableApplicationContext context = start("oauth2.pkce.providers.tools.client-metadata-uri=" + address);
		context.getBean(Logins.class).logIn("tools");
		assertThat(get(context, this.resource.uri())).isEqualTo("200");
		assertThat(this.server.requests(Endpoint.REGISTRATION)).isEmpty();
		assertThat(this.server.requests(Endpoint.TOKEN, address)).isNotEmpty();
	}

	@Test
	void webApplicationLogsInByLoopbackToo() {
		ConfigurableApplicationContext context = TestApplication.of(WebApplicationType.SERVLET)
			.with("oauth2.pkce.providers.tools.resource-uri=" + this.resource.uri())
			.with(Person.class)
			.run();
		this.contexts.add(context);
		context.getBean(Logins.class).logIn("tools");
		assertThat(get(context, this.resource.uri())).isEqualTo("200");
	}

	@Test
	void deviceCodeIsUsedWhereNoBrowserCanBeOpened() {
		ConfigurableApplicationContext context = TestApplication.of(WebApplicationType.NONE)
			.with("oauth2.pkce.providers.tools.resource-uri=" + this.resource.uri())
			.with(Nobody.class)
			.run();
		this.contexts.add(context);
		Login login = context.getBean(Logins.class).start("tools");
		String code = login.shown().join().userCode().userCode();
		this.server.approve(code);
		login.join();
		assertThat(get(context, this.resource.uri())).isEqualTo("200");
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).isEmpty();
	}

	@Test
	void endpointShowsTheGrantThatTheLoginHasChosen() {
		ConfigurableApplicationContext context = TestApplication.of(WebApplicationType.SERVLET)
			.with("oauth2.pkce.providers.tools.resource-uri=" + this.resource.uri(),
					"management.endpoints.web.exposure.include=oauth2providers")
			.with(Nobody.class)
			.run();
		this.contexts.add(context);
		Login login = context.getBean(Logins.class).start("tools");
		login.shown().join();
		assertThat(Http.of(context).get("/actuator/oauth2providers/tools").json()).containsEntry("grant",
				"device_code");
		login.cancel();
	}

	@Configuration(proxyBeanMethods = false)
	static class Nobody {

		@Bean
		BrowserOpener noBrowser() {
			return new BrowserOpener() {

				@Override
				public boolean open(URI page) {
					return false;
				}

				@Override
				public boolean isAvailable() {
					return false;
				}
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Person {

		/** Agrees to everything. */
		@Bean
		BrowserOpener browser() {
			return (page) -> {
				CompletableFuture.runAsync(() -> {
					Browser browser = new Browser();
					browser.get(browser.answer(page));
				});
				return true;
			};
		}

	}

}
