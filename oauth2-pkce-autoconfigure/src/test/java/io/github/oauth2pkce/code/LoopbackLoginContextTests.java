package io.github.oauth2pkce.code;

import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.autoconfigure.PkceAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceEndpointAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceLoopbackLoginAutoConfiguration;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.LoginOutcome;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.LoopbackLogin;
import io.github.oauth2pkce.observability.OAuth2ProvidersEndpoint;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.testing.Browser;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.RecordedRequest;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class LoopbackLoginContextTests {

	private static final CredentialId ID = CredentialId.ofApplication("main");

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final BlockingQueue<URI> pages = new LinkedBlockingQueue<>();

	private final Browser browser = new Browser();

	private final AutoConfigurations configurations = AutoConfigurations.of(PkceAutoConfiguration.class,
			PkceLoopbackLoginAutoConfiguration.class);

	private String[] properties;

	private ApplicationContextRunner program;

	@BeforeEach
	void configure() {
		this.server.register(FakeClient.publicClient("cli").requirePkce());
		this.properties = new String[] { "oauth2.pkce.providers.main.issuer-uri=" + this.server.issuer(),
				"oauth2.pkce.providers.main.client-id=cli",
				"oauth2.pkce.providers.main.authorization-grant-type=authorization_code",
				"oauth2.pkce.store.type=memory", "oauth2.pkce.login.on-startup=never" };
		this.program = new ApplicationContextRunner().withConfiguration(this.configurations)
			.withPropertyValues(this.properties)
			.withBean(BrowserOpener.class, () -> this.pages::add);
	}

	@AfterEach
	void stopServer() {
		this.server.close();
	}

	@Test
	void logsInAndKeepsTheCredential(CapturedOutput output) {
		this.program.run((context) -> {
			Login login = context.getBean(Logins.class).start("main");
			assertThat(context.getBean(Logins.class).start("main")).isSameAs(login);
			URI page = this.pages.poll(10, TimeUnit.SECONDS);
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> login.shown().get(5, TimeUnit.SECONDS))
				.withMessageContaining("the page to open is on its standard output");
			assertThat(this.browser.get(this.browser.answer(page)).statusCode()).isEqualTo(200);
			login.completion().get(10, TimeUnit.SECONDS);
			awaitListeners(context);
			assertThat(context.getBean(Credentials.class).status(ID).state()).isEqualTo(AuthorizationState.AUTHORIZED);
			assertThat(this.pages).isEmpty();
			// What is an argument of the browser's command has no part of the request.
			assertThat(page.toString()).matches("http://127\\.0\\.0\\.1:\\d+/[A-Za-z0-9_-]{43}");
			// Once, on the console: nowhere in the log.
			assertThat(output.getAll().lines().filter((line) -> line.contains(page.getPath())))
				.containsExactly(page.toString());
			assertThat(output).contains("Logged in to 'main'");
			for (String secret : this.server.issuedSecrets()) {
				assertThat(output.getAll().replace(page.toString(), "")).doesNotContain(secret);
			}
		});
	}

	@Test
	void tellsThePersonWhenTheLoginCouldNotBeSaved(CapturedOutput output) {
		this.program.withBean(TokenStore.class, FullStore::new).run((context) -> {
			Login login = context.getBean(Logins.class).start("main");
			URI page = this.pages.poll(10, TimeUnit.SECONDS);
			HttpResponse<String> last = this.browser.get(this.browser.answer(page));
			assertThat(last.statusCode()).isEqualTo(200);
			assertThat(last.body()).contains("Logged in, but not saved");
			login.completion().get(10, TimeUnit.SECONDS);
			awaitListeners(context);
			assertThat(output).contains("Logged in to 'main', but the login could not be saved");
			// Saving is tried again; until then the login is not lost.
			assertThat(context.getBean(Credentials.class).status(ID).state()).isEqualTo(AuthorizationState.AUTHORIZED);
			assertThat(context.getBean(Credentials.class).status(ID).lastError()).isEqualTo("store_error");
		});
	}

	@Test
	void warnsOfNarrowedScopesOnce(CapturedOutput output) {
		this.server.tokens().grantedScope("profile");
		this.program.withPropertyValues("oauth2.pkce.providers.main.scope=profile models").run((context) -> {
			Login login = context.getBean(Logins.class).start("main");
			this.browser.get(this.browser.answer(this.pages.poll(10, TimeUnit.SECONDS)));
			login.completion().get(10, TimeUnit.SECONDS);
			awaitListeners(context);
			assertThat(output.getOut().lines().filter((line) -> line.contains("missing: models"))).hasSize(1);
			assertThat(context.getBean(Credentials.class).missingScopes(ID)).containsExactly("models");
		});
	}

	@Test
	void sendsResourceWithRefreshes() {
		this.program.withPropertyValues("oauth2.pkce.providers.main.resource=https://api.test/,urn:two")
			.run((context) -> {
				Login login = context.getBean(Logins.class).start("main");
				this.browser.get(this.browser.answer(this.pages.poll(10, TimeUnit.SECONDS)));
				login.completion().get(10, TimeUnit.SECONDS);
				awaitListeners(context);
				context.getBean(Credentials.class).current(ID, RefreshTrigger.MANUAL).get(10, TimeUnit.SECONDS);
				assertThat(this.server.refreshesGranted()).isEqualTo(1);
				List<RecordedRequest> requests = this.server.requests();
				assertThat(this.server.requests(Endpoint.TOKEN)).as("packs nothing that we would have to unpack")
					.noneMatch((request) -> request.header("Accept-Encoding") != null);
				assertThat(requests).filteredOn(
						(request) -> request.endpoint() != Endpoint.DISCOVERY && request.endpoint() != Endpoint.OTHER)
					.hasSize(3)
					.allSatisfy((request) -> {
						String[] resources = (request.endpoint() == Endpoint.AUTHORIZATION)
								? new String[] { "https://api.test/", "urn:two" }
								: new String[] { "https://api.test/" };
						assertThat(request.parameters("resource")).containsExactly(resources);
					});
			});
	}

	@Test
	void sendsTheDiscoveredResourceWithRefreshes() {
		this.program
			.withPropertyValues("oauth2.pkce.providers.main.resource-metadata-uri="
					+ this.server.uri(Endpoint.RESOURCE_METADATA.path() + "/api"))
			.run((context) -> {
				assertThat(this.server.requests()).isEmpty();
				Login login = context.getBean(Logins.class).start("main");
				this.browser.get(this.browser.answer(this.pages.poll(10, TimeUnit.SECONDS)));
				login.completion().get(10, TimeUnit.SECONDS);
				awaitListeners(context);
				context.getBean(Credentials.class).current(ID, RefreshTrigger.MANUAL).get(10, TimeUnit.SECONDS);
				assertThat(this.server.refreshesGranted()).isEqualTo(1);
				assertThat(this.server.requests(Endpoint.RESOURCE_METADATA)).hasSize(1);
				assertThat(this.server.requests())
					.filteredOn((request) -> request.endpoint() == Endpoint.AUTHORIZATION
							|| request.endpoint() == Endpoint.TOKEN)
					.hasSize(3)
					.allSatisfy((request) -> assertThat(request.parameters("resource"))
						.containsExactly(this.server.uri("/api").toString()));
			});
	}

	@Test
	void loginWithoutTheResourceFailsWithASentence() {
		this.server.resourceMetadata().put("resource", "https://evil.example");
		this.program
			.withPropertyValues("oauth2.pkce.providers.main.resource-metadata-uri="
					+ this.server.uri(Endpoint.RESOURCE_METADATA.path() + "/api"))
			.run((context) -> {
				Login login = context.getBean(Logins.class).start("main");
				assertThatExceptionOfType(ExecutionException.class)
					.isThrownBy(() -> login.completion().get(10, TimeUnit.SECONDS))
					.withStackTraceContaining("oauth2.pkce.providers.main.resource-metadata-uri");
				assertThat(this.pages).isEmpty();
			});
	}

	@Test
	void endpointGivesThePageToWhoMayStartALogin(CapturedOutput output) {
		this.program.withConfiguration(AutoConfigurations.of(PkceEndpointAutoConfiguration.class))
			.withPropertyValues("spring.jmx.enabled=true", "management.endpoints.jmx.exposure.include=*",
					"management.endpoint.oauth2providers.access=UNRESTRICTED")
			.run((context) -> {
				context.getBean(Credentials.class).load(ID);
				OAuth2ProvidersEndpoint endpoint = context.getBean(OAuth2ProvidersEndpoint.class);
				assertThat(String.valueOf(endpoint.provider("main").get("remedy")))
					.startsWith("Log in: restart with oauth2.pkce.login.on-startup=always");
				Map<?, ?> login = (Map<?, ?>) endpoint.act("main", null).get("login");
				URI page = this.pages.poll(10, TimeUnit.SECONDS);
				assertThat(login.keySet()).isEqualTo(Set.of("verificationUri", "expiresAt"));
				assertThat(login.get("verificationUri")).isEqualTo(page.toString());
				assertThat(endpoint.act("main", "login").get("login")).isEqualTo(login);
				// Whoever may only read sees that a login runs, and not where.
				Map<String, Object> entry = endpoint.provider("main");
				assertThat(entry.get("login")).isEqualTo(Map.of("expiresAt", login.get("expiresAt")));
				assertThat(entry.toString()).doesNotContain(page.getPath());
				assertThat(String.valueOf(entry.get("remedy"))).contains("Finish the login in the browser");
				assertThat(this.browser.get(this.browser.answer(page)).statusCode()).isEqualTo(200);
				Login running = context.getBean(Logins.class).running(ID);
				if (running != null) {
					running.completion().get(10, TimeUnit.SECONDS);
				}
				assertThat(endpoint.provider("main")).doesNotContainKeys("login", "remedy")
					.containsEntry("state", "AUTHORIZED");
				assertThat(output.getAll().replace(page.toString(), "")).doesNotContain(page.getPath());
			});
	}

	@Test
	void fiftyUsersLogInAtOnceAndGetTheirOwnTokens() {
		this.program.run((context) -> {
			Map<String, Login> logins = start(context.getBean(Logins.class), "main");
			logins.entrySet().parallelStream().forEach((login) -> {
				URI page = page(login.getValue());
				Browser browser = new Browser();
				URI request = URI.create(browser.redirect(page) + "&login_hint=" + login.getKey());
				assertThat(browser.get(browser.redirect(request)).statusCode()).isEqualTo(200);
			});
			verifyOwners(context, logins);
		});
	}

	@Test
	void fiftyUsersLogInByDeviceAtOnceAndGetTheirOwnTokens() {
		this.server.device().interval(Duration.ofSeconds(1));
		this.program.withPropertyValues("oauth2.pkce.providers.main.authorization-grant-type=device_code")
			.run((context) -> {
				Map<String, Login> logins = start(context.getBean(Logins.class), "main");
				for (Map.Entry<String, Login> login : logins.entrySet()) {
					this.server.approve(login.getValue().shown().get(20, TimeUnit.SECONDS).userCode().userCode(),
							login.getKey());
				}
				verifyOwners(context, logins);
			});
	}

	private static Map<String, Login> start(Logins logins, String providerId) {
		Map<String, Login> started = new ConcurrentHashMap<>();
		IntStream.range(0, 50)
			.parallel()
			.mapToObj((number) -> "user-" + number)
			.forEach((user) -> started.put(user, logins.start(new CredentialId(providerId, user))));
		assertThat(started).hasSize(50);
		return started;
	}

	private URI page(Login login) {
		while (login.page() == null) {
			assertThat(login.completion()).isNotDone();
			Thread.onSpinWait();
		}
		return login.page().uri();
	}

	private void verifyOwners(ApplicationContext context, Map<String, Login> logins) throws Exception {
		Set<String> tokens = new HashSet<>();
		for (Map.Entry<String, Login> login : logins.entrySet()) {
			login.getValue().completion().get(30, TimeUnit.SECONDS);
			Credential stored = context.getBean(TokenStore.class).load(new CredentialId("main", login.getKey()));
			Map<?, ?> owner = WebClient.create()
				.get()
				.uri(this.server.uri(Endpoint.API))
				.headers((headers) -> headers.setBearerAuth(stored.accessToken()))
				.retrieve()
				.bodyToMono(Map.class)
				.block();
			assertThat(owner.get("subject")).isEqualTo(login.getKey());
			tokens.add(stored.accessToken());
		}
		assertThat(tokens).hasSize(50);
	}

	private static LoginException failure(Login login) throws Exception {
		try {
			login.completion().get(10, TimeUnit.SECONDS);
			throw new AssertionError("The login succeeded");
		}
		catch (ExecutionException ex) {
			return (LoginException) ex.getCause();
		}
	}

	/** Reads, and has no room for more. */
	private static final class FullStore implements TokenStore {

		@Override
		public Credential load(CredentialId id) {
			return null;
		}

		@Override
		public boolean save(Credential credential, long expectedGeneration) {
			throw new TokenStoreException("The disk is full", null);
		}

		@Override
		public boolean remove(CredentialId id, long expectedGeneration) {
			return true;
		}

	}

	@Test
	void logsInBeforeTheRunnersOfAProgram() {
		this.program.withPropertyValues("oauth2.pkce.login.on-startup=always").run((context) -> {
			ApplicationRunner runner = context.getBean(ApplicationRunner.class);
			Thread person = new Thread(() -> {
				try {
					this.browser.get(this.browser.answer(this.pages.take()));
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			});
			person.start();
			runner.run(null);
			assertThat(context.getBean(Credentials.class).status(ID).state()).isEqualTo(AuthorizationState.AUTHORIZED);
		});
	}

	@Test
	void tellsHowALoginEnded() {
		this.server.authorization().fail("access_denied", null);
		this.program.run((context) -> {
			assertThat(outcome(context.getBean(Logins.class), true)).isEqualTo(LoginOutcome.DENIED);
			Login cancelled = context.getBean(Logins.class).start("main");
			this.pages.poll(10, TimeUnit.SECONDS);
			cancelled.cancel();
			assertThatExceptionOfType(ExecutionException.class)
				.isThrownBy(() -> cancelled.completion().get(10, TimeUnit.SECONDS))
				.satisfies((failure) -> assertThat(((LoginException) failure.getCause()).outcome())
					.isEqualTo(LoginOutcome.CANCELLED));
		});
		this.program.withPropertyValues("oauth2.pkce.login.timeout=100ms")
			.run((context) -> assertThat(outcome(context.getBean(Logins.class), false))
				.isEqualTo(LoginOutcome.EXPIRED));
	}

	private LoginOutcome outcome(Logins logins, boolean visit) throws Exception {
		Login login = logins.start("main");
		URI page = this.pages.poll(10, TimeUnit.SECONDS);
		if (visit) {
			this.browser.get(this.browser.answer(page));
		}
		try {
			login.completion().get(10, TimeUnit.SECONDS);
			return LoginOutcome.SUCCESS;
		}
		catch (ExecutionException ex) {
			return ((LoginException) ex.getCause()).outcome();
		}
	}

	@Test
	void logsInToTwoProvidersAtOnce() {
		this.program
			.withPropertyValues("oauth2.pkce.providers.other.issuer-uri=" + this.server.issuer(),
					"oauth2.pkce.providers.other.client-id=cli",
					"oauth2.pkce.providers.other.authorization-grant-type=authorization_code")
			.run((context) -> {
				Logins logins = context.getBean(Logins.class);
				List<Login> both = List.of(logins.start("main"), logins.start("other"));
				for (int i = 0; i < both.size(); i++) {
					this.browser.get(this.browser.answer(this.pages.poll(10, TimeUnit.SECONDS)));
				}
				for (Login login : both) {
					login.completion().get(10, TimeUnit.SECONDS);
					awaitListeners(context);
					assertThat(context.getBean(Credentials.class).status(login.id()).state())
						.isEqualTo(AuthorizationState.AUTHORIZED);
				}
			});
	}

	private static final String SPRING = "spring.security.oauth2.client.registration.main.redirect-uri=";

	@ParameterizedTest
	@ValueSource(strings = { "http://localhost:PORT/auth/callback",
			"http://127.0.0.1:PORT/{action}/oauth2/code/{registrationId}" })
	void takesTheLoopbackRedirectUriOfSpring(String redirectUri, CapturedOutput output) throws Exception {
		String template = redirectUri.replace("PORT", String.valueOf(freePort()));
		this.program.withPropertyValues(SPRING + template).run((context) -> {
			Login login = context.getBean(Logins.class).start("main");
			URI page = this.pages.poll(10, TimeUnit.SECONDS);
			assertThat(Browser.query(this.browser.redirect(page))).containsEntry("redirect_uri",
					template.replace("{action}", "login").replace("{registrationId}", "main"));
			this.browser.get(this.browser.answer(page));
			login.completion().get(10, TimeUnit.SECONDS);
			awaitListeners(context);
			assertThat(output).doesNotContain("redirect-uri");
		});
	}

	@Test
	void saysThatTheRedirectUriOfSpringCannotBeUsed(CapturedOutput output) {
		this.program.withPropertyValues(SPRING + "{baseUrl}/login/oauth2/code/{registrationId}").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output.getOut().lines().filter((line) -> line.contains("redirect-uri"))).singleElement()
				.asString()
				.contains("WARN", SPRING.replace("=", " = \"{baseUrl}/login/"), "http://127.0.0.1/callback/main",
						"oauth2.pkce.providers.main.redirect-uri");
		});
	}

	@Test
	void ownRedirectUriBeatsTheOneOfSpring(CapturedOutput output) {
		this.program
			.withPropertyValues(SPRING + "{baseUrl}/x", "oauth2.pkce.providers.main.redirect-uri=http://localhost/own")
			.run((context) -> {
				assertThat(context.getBean(Providers.class).get("main").login().redirectUri())
					.hasToString("http://localhost/own");
				assertThat(output).doesNotContain("redirect-uri");
			});
	}

	/** RFC 9700 section 2.1.1: public clients MUST use PKCE. */
	@ParameterizedTest
	@CsvSource({ "false, , true", "true, , false", "false, s3cret, false" })
	void warnsOfAPublicClientWithoutPkce(boolean pkce, String secret, boolean warned, CapturedOutput output) {
		this.program
			.withPropertyValues("oauth2.pkce.providers.main.pkce=" + pkce,
					"oauth2.pkce.providers.main.client-secret=" + ((secret != null) ? secret : ""))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(output.getOut().contains("Provider 'main' is a public client without PKCE"))
					.isEqualTo(warned);
			});
	}

	@Test
	void lastPageNamesTheApplication() {
		this.program.withPropertyValues("spring.application.name=my-cli").run((context) -> {
			Login login = context.getBean(Logins.class).start("main");
			HttpResponse<String> page = this.browser.get(this.browser.answer(this.pages.poll(10, TimeUnit.SECONDS)));
			assertThat(page.body()).contains("go back to “my-cli”");
			login.completion().get(10, TimeUnit.SECONDS);
			awaitListeners(context);
		});
	}

	@ParameterizedTest
	@CsvSource({ "https://other.test, http://127.0.0.1:1/cb, false, true", ", http://127.0.0.1:1/cb, false, false",
			"https://other.test, http://127.0.0.1:1/cb, true, false",
			"https://other.test, http://127.0.0.1:1/other, false, false" })
	void warnsOfServersThatShareARedirectPath(String issuer, String redirectUri, boolean issRequired, boolean warned,
			CapturedOutput output) {
		String other = "oauth2.pkce.providers.other.";
		this.program
			.withPropertyValues(other + "client-id=cli", other + "authorization-grant-type=authorization_code",
					other + "issuer-uri=" + ((issuer != null) ? issuer : this.server.issuer()),
					other + "redirect-uri=" + redirectUri, other + "require-iss=" + issRequired,
					"oauth2.pkce.providers.main.redirect-uri=http://localhost/cb",
					"oauth2.pkce.providers.main.require-iss=" + issRequired)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(output.getOut().contains("The providers 'main' and 'other' have one redirect path, /cb"))
					.isEqualTo(warned);
			});
	}

	private static int freePort() throws Exception {
		try (ServerSocket free = new ServerSocket(0)) {
			return free.getLocalPort();
		}
	}

	@Test
	void leavesWebApplicationsToSpringSecurity() {
		new WebApplicationContextRunner().withConfiguration(this.configurations)
			.withPropertyValues(this.properties)
			.run((context) -> {
				assertThat(context).doesNotHaveBean(LoopbackLogin.class).doesNotHaveBean(BrowserOpener.class);
				Logins logins = context.getBean(Logins.class);
				assertThat(logins.canStart(context.getBean(Providers.class).get("main"))).isFalse();
				assertThatIllegalArgumentException().isThrownBy(() -> logins.start("main"));
			});
	}

	@Test
	void backsOffWithoutTheServerOfTheJdk() {
		this.program.withClassLoader(new FilteredClassLoader("com.sun.net.httpserver"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(LoopbackLogin.class));
	}

	@Test
	void opensTheSystemsBrowserByDefault() {
		new ApplicationContextRunner().withConfiguration(this.configurations)
			.withPropertyValues(this.properties)
			.run((context) -> assertThat(context.getBean(BrowserOpener.class)).isInstanceOf(SystemBrowserOpener.class));
	}

	@Test
	void refreshesWhatTheLoginYieldedWithoutVerifier() {
		this.program.run((context) -> {
			Login login = context.getBean(Logins.class).start("main");
			this.browser.get(this.browser.answer(this.pages.poll(10, TimeUnit.SECONDS)));
			login.completion().get(10, TimeUnit.SECONDS);
			awaitListeners(context);
			context.getBean(Credentials.class).current(ID, RefreshTrigger.MANUAL).get(10, TimeUnit.SECONDS);
			assertThat(this.server.refreshesGranted()).isEqualTo(1);
			List<RecordedRequest> requests = this.server.requests(Endpoint.TOKEN);
			assertThat(requests.get(0).hasParameter("code_verifier")).isTrue();
			assertThat(requests.get(1).hasParameter("code_verifier")).isFalse();
		});
	}

	/** The log hears of a login after whoever waited for it. */
	private static void awaitListeners(BeanFactory context) {
		assertThat(context.getBean(Credentials.class).awaitListeners(Duration.ofSeconds(20))).isTrue();
		assertThat(context.getBean(Logins.class).awaitListeners(Duration.ofSeconds(20))).isTrue();
	}

}
