package io.github.oauth2pkce.autoconfigure;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.management.MBeanFeatureInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;

import ch.qos.logback.classic.Level;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import io.github.oauth2pkce.device.UserCodePrompt;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.observability.OAuth2ProvidersEndpoint;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.Http;
import io.github.oauth2pkce.testing.Http.Response;
import io.github.oauth2pkce.testing.LogCapture;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** The endpoint {@code oauth2providers}, over real HTTP in both stacks, and over JMX. */
@Timeout(60)
class EndpointHttpTests {

	private static final Duration WAIT = Duration.ofSeconds(20);

	private static final String ENDPOINT = "/actuator/oauth2providers";

	private static final String UNRESTRICTED = "management.endpoint.oauth2providers.access=unrestricted";

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start("/realms/demo")
		.register(FakeClient.publicClient("app").requirePkce())
		.register(FakeClient.confidential("machine", "machine-secret"));

	@AfterEach
	void stop() {
		this.server.close();
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void logsInRefreshesAndForgets(WebApplicationType type) {
		this.server.device().answer().put("verification_uri_complete", "https://login.example.com/device?user_code=X");
		try (ConfigurableApplicationContext context = application(type).with(UNRESTRICTED)
			.with(EndToEndTests.LoggedIn.class)
			.run()) {
			Http http = Http.of(context);
			// As `curl -X POST` sends it: neither a body nor a content type.
			Response started = http.post(ENDPOINT + "/acme");
			assertThat(started.status()).as(started.body()).isEqualTo(202);
			Map<String, Object> login = started.object("login");
			String userCode = this.server.takeUserCode(WAIT);
			assertThat(login).containsOnlyKeys("userCode", "verificationUri", "verificationUriComplete", "expiresAt")
				.containsEntry("userCode", userCode)
				.containsEntry("verificationUriComplete", "https://login.example.com/device?user_code=X");
			// A second person joins, whatever way they ask.
			assertThat(http.post(ENDPOINT + "/acme", "{}").object("login")).isEqualTo(login);
			assertThat(http.post(ENDPOINT + "/acme", "{\"action\":\"login\"}").object("login")).isEqualTo(login);
			assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).hasSize(1);
			assertThat(http.get(ENDPOINT + "/acme").object("login")).isEqualTo(login);
			assertThat(http.get(ENDPOINT + "/acme").json().get("remedy").toString()).contains(userCode);
			// People leave health public: who may see it may not see what to approve.
			assertThat(http.get("/actuator/health/oauth2Pkce/acme").body()).doesNotContain(userCode, "user_code=")
				.contains(this.server.uri("/device").toString(), "oauth2providers");

			this.server.approve(userCode);
			EndToEndTests.LoggedIn.await(context);
			assertThat(http.get(ENDPOINT + "/acme").json()).containsEntry("state", "AUTHORIZED")
				.containsEntry("hasRefreshToken", true)
				.containsKey("expiresAt")
				.doesNotContainKeys("login", "remedy", "lastError");

			Response refreshed = http.post(ENDPOINT + "/acme", "{\"action\":\"refresh\"}");
			assertThat(refreshed.status()).isEqualTo(200);
			assertThat(refreshed.json()).containsEntry("lastOutcome", "refreshed").containsKey("lastRefreshAt");
			assertThat(this.server.refreshesGranted()).isEqualTo(1);

			Response forgotten = http.delete(ENDPOINT + "/acme");
			assertThat(forgotten.status()).isEqualTo(200);
			assertThat(forgotten.json()).containsEntry("state", "LOGIN_REQUIRED");
			assertThat(this.server.requests(Endpoint.REVOCATION)).hasSize(1);
			String all = started.body() + refreshed.body() + forgotten.body() + http.get(ENDPOINT).body();
			// The user code is meant to be read, and is not among the secrets.
			assertThat(this.server.issuedSecrets()).allSatisfy((secret) -> assertThat(all).doesNotContain(secret));
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void cancelsARunningLoginAndNothingElse(WebApplicationType type) {
		try (ConfigurableApplicationContext context = application(type).with(UNRESTRICTED).run()) {
			Http http = Http.of(context);
			String action = "{\"action\":\"cancel\"}";
			assertThat(http.post(ENDPOINT + "/acme").status()).isEqualTo(202);
			Response cancelled = http.post(ENDPOINT + "/acme", action);
			assertThat(cancelled.status()).isEqualTo(200);
			assertThat(cancelled.json()).containsEntry("state", "LOGIN_REQUIRED").doesNotContainKey("login");
			assertThat(context.getBean(Logins.class).running(CredentialId.ofApplication("acme"))).isNull();
			this.server.device().approveAtOnce();
			context.getBean(Logins.class).logIn("acme");
			assertThat(http.post(ENDPOINT + "/acme", action).json()).containsEntry("state", "AUTHORIZED");
			assertThat(http.post(ENDPOINT + "/nobody", action).status()).isEqualTo(404);
		}
	}

	/** Whoever waits for the login must not read that a code is to be entered. */
	@Test
	void loginWhoseTokensAreStoredIsNoRunningLogin() {
		try (ConfigurableApplicationContext context = application(WebApplicationType.SERVLET).with(UNRESTRICTED)
			.with(PromptThatLooks.class)
			.run()) {
			this.server.device().approveAtOnce();
			context.getBean(Logins.class).logIn("acme");
			assertThat(context.getBean(PromptThatLooks.class).meanwhile).containsEntry("state", "AUTHORIZED")
				.doesNotContainKeys("login", "remedy");
		}
	}

	/** With nothing stored there is nothing else that could say why. */
	@Test
	void tellsWhyTheLastLoginHasFailed() {
		try (ConfigurableApplicationContext context = application(WebApplicationType.SERVLET).with(UNRESTRICTED)
			.run()) {
			Http http = Http.of(context);
			Logins logins = context.getBean(Logins.class);
			this.server.device().approveAtOnce();
			this.server.enqueue(Endpoint.TOKEN, Answer.error(400, "access_denied", "No"));
			assertThatExceptionOfType(LoginException.class).isThrownBy(() -> logins.logIn("acme"));
			assertThat(http.get(ENDPOINT + "/acme").json()).containsEntry("state", "LOGIN_REQUIRED")
				.containsEntry("lastError", "access_denied");
			logins.logIn("acme");
			assertThat(http.get(ENDPOINT + "/acme").json()).containsEntry("state", "AUTHORIZED")
				.doesNotContainKey("lastError");
		}
	}

	/**
	 * Forgetting works for what cannot be read, which is kept for a person, and lasts.
	 */
	@Test
	void forgetsALoginThatCannotBeRead(@TempDir Path directory) throws Exception {
		String[] store = { "oauth2.pkce.store.type=file", "oauth2.pkce.store.directory=" + directory };
		try (ConfigurableApplicationContext context = application(WebApplicationType.SERVLET).with(store).run()) {
			this.server.device().approveAtOnce();
			context.getBean(Logins.class).logIn("acme");
		}
		Path record = onlyFile(directory, "acme");
		byte[] unreadable = "not a record".getBytes(StandardCharsets.UTF_8);
		Files.write(record, unreadable);
		try (ConfigurableApplicationContext context = application(WebApplicationType.SERVLET).with(UNRESTRICTED)
			.with(store)
			.run()) {
			context.getBean(Credentials.class).load(CredentialId.ofApplication("acme"));
			Http http = Http.of(context);
			assertThat(http.get(ENDPOINT + "/acme").json()).containsEntry("state", "UNKNOWN");
			Response forgotten = http.delete(ENDPOINT + "/acme");
			assertThat(forgotten.status()).as(forgotten.body()).isEqualTo(200);
			assertThat(forgotten.json()).containsEntry("state", "LOGIN_REQUIRED");
		}
		assertThat(Files.readAllBytes(onlyFile(directory, "acme"))).as("set aside").isEqualTo(unreadable);
		try (ConfigurableApplicationContext context = application(WebApplicationType.SERVLET).with(store).run()) {
			context.getBean(Credentials.class).load(CredentialId.ofApplication("acme"));
			assertThat(Http.of(context).get(ENDPOINT + "/acme").json()).containsEntry("state", "LOGIN_REQUIRED");
		}
	}

	private static Path onlyFile(Path directory, String provider) throws IOException {
		try (Stream<Path> files = Files.list(directory)) {
			List<Path> found = files.filter((file) -> file.getFileName().toString().startsWith(provider))
				.filter((file) -> !file.toString().endsWith(".lock"))
				.toList();
			assertThat(found).hasSize(1);
			return found.get(0);
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			none         | it has no revocation endpoint (oauth2.pkce.providers.acme.revocation-uri)
			unauthorized | (this server may not let clients without a secret revoke)
			down         | HTTP 503
			""")
	void saysWhatTheServerStillKnowsOfALogout(String revocation, String problem) {
		switch (revocation) {
			case "none" -> this.server.discovery().document().remove("revocation_endpoint");
			case "unauthorized" ->
				this.server.answerAlways(Endpoint.REVOCATION, Answer.error(401, "invalid_client", "No"));
			default -> this.server.answerAlways(Endpoint.REVOCATION, Answer.status(503));
		}
		try (LogCapture log = LogCapture.ofEvents(Level.INFO);
				ConfigurableApplicationContext context = application(WebApplicationType.SERVLET).with(UNRESTRICTED)
					.with(log)
					.run()) {
			this.server.device().approveAtOnce();
			context.getBean(Logins.class).logIn("acme");
			Http http = Http.of(context);
			Response forgotten = http.delete(ENDPOINT + "/acme");
			assertThat(forgotten.status()).isEqualTo(200);
			assertThat(forgotten.json()).containsEntry("state", "LOGIN_REQUIRED").containsEntry("revoked", false);
			assertThat(forgotten.json().get("message").toString()).startsWith("Forgotten here, but not revoked")
				.contains(problem);
			assertThat(log.events("oauth2_revocation_failed")).singleElement()
				.satisfies((event) -> assertThat(event.getFormattedMessage()).contains("'acme'", problem));
			// Nothing is left to revoke.
			assertThat(http.delete(ENDPOINT + "/acme").json()).doesNotContainKeys("revoked", "message");
		}
	}

	/** Another try would end like the last, unless something is changed first. */
	@Test
	void saysWhatToChangeAfterALoginThatTheServerRefused() {
		try (LogCapture log = LogCapture.ofEvents(Level.INFO);
				ConfigurableApplicationContext context = application(WebApplicationType.SERVLET).with(UNRESTRICTED)
					.with(log)
					.run()) {
			Http http = Http.of(context);
			this.server.enqueue(Endpoint.DEVICE_AUTHORIZATION, Answer.error(400, "invalid_scope", "No such scope"));
			assertThat(http.post(ENDPOINT + "/acme").status()).isEqualTo(502);
			String change = "change oauth2.pkce.providers.acme.scope = \"";
			for (Map<String, Object> entry : List.of(http.get(ENDPOINT + "/acme").json(),
					http.get("/actuator/health/oauth2Pkce/acme").object("details"))) {
				assertThat(entry).containsEntry("lastError", "invalid_scope");
				assertThat(entry.get("remedy").toString()).startsWith("C" + change.substring(1))
					.contains(": the server answered invalid_scope. Then log in: curl -X POST http");
			}
			Awaitility.await().until(() -> !log.events("oauth2_login_failed").isEmpty());
			assertThat(log.events("oauth2_login_failed")).singleElement()
				.satisfies((event) -> assertThat(event.getFormattedMessage()).contains("; " + change));
		}
	}

	/** What remedy says is typed as it stands. */
	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					SERVLET  | x=y
					SERVLET  | server.servlet.context-path=/shop spring.mvc.servlet.path=/api/v1
					SERVLET  | spring.mvc.servlet.path=/api/ management.endpoints.web.base-path=/
					SERVLET  | spring.mvc.servlet.path=/api management.server.port=0 management.server.base-path=/ops
					SERVLET  | management.endpoints.web.base-path=/manage management.endpoints.web.path-mapping.oauth2providers=logins
					SERVLET  | server.servlet.context-path=/shop management.server.port=0 management.server.address=127.0.0.1
					REACTIVE | spring.webflux.base-path=/shop
					REACTIVE | spring.webflux.base-path=/shop management.server.port=0 management.server.base-path=/ops spring.autoconfigure.exclude=org.springframework.boot.tomcat.autoconfigure.actuate.web.server.TomcatReactiveManagementContextAutoConfiguration
					""")
	void remedyIsALineForTheShell(WebApplicationType type, String properties) throws IOException {
		try (ConfigurableApplicationContext context = application(type).with(UNRESTRICTED)
			.with(properties.split(" "))
			.run()) {
			// The warm-up may not have read the store yet.
			context.getBean(Credentials.class).load(CredentialId.ofApplication("acme"));
			String remedy = String
				.valueOf(context.getBean(OAuth2ProvidersEndpoint.class).provider("acme").get("remedy"));
			Matcher command = Pattern.compile("curl -X POST (http\\S+)").matcher(remedy);
			assertThat(command.find()).as(remedy).isTrue();
			HttpURLConnection post = (HttpURLConnection) URI.create(command.group(1)).toURL().openConnection();
			post.setRequestMethod("POST");
			assertThat(post.getResponseCode()).as(remedy).isEqualTo(202);
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void saysWhatCannotBeDone(WebApplicationType type) {
		try (ConfigurableApplicationContext context = application(type).with(UNRESTRICTED)
			.with("oauth2.pkce.providers.acme.device-authorization-uri="
					+ this.server.uri(Endpoint.DEVICE_AUTHORIZATION))
			.run()) {
			Http http = Http.of(context);
			assertThat(http.get(ENDPOINT + "/nobody").status()).isEqualTo(404);
			for (Response unknown : List.of(http.get(ENDPOINT + "/nob%1B%5B2Jody"),
					http.post(ENDPOINT + "/nob%1B%5B2Jody"), http.delete(ENDPOINT + "/nob%1B%5B2Jody"))) {
				assertThat(unknown.status()).isEqualTo(404);
				assertThat(unknown.json()).containsEntry("error", "not_found")
					.hasEntrySatisfying("message",
							(message) -> assertThat(message.toString())
								.startsWith("No provider 'nob[2Jody'; there are '")
								.contains("'acme'"));
			}
			assertThat(http.post(ENDPOINT + "/nobody").status()).isEqualTo(404);
			assertThat(http.post(ENDPOINT + "/nobody", "{\"action\":\"refresh\"}").status()).isEqualTo(404);
			assertThat(http.delete(ENDPOINT + "/nobody").status()).isEqualTo(404);

			Response unknown = http.post(ENDPOINT + "/acme", "{\"action\":\"dance\"}");
			assertThat(unknown.status()).isEqualTo(400);
			assertThat(unknown.json()).containsEntry("error", "invalid_request");
			assertThat(http.post(ENDPOINT + "/robot").status()).isEqualTo(400);
			assertThat(http.post(ENDPOINT + "/users").status()).isEqualTo(400);

			this.server.discovery().document().remove("device_authorization_endpoint");
			Response lacking = http.post(ENDPOINT + "/other");
			assertThat(lacking.status()).isEqualTo(502);
			assertThat(lacking.json().get("message").toString())
				.contains("oauth2.pkce.providers.other.device-authorization-uri");

			this.server.enqueue(Endpoint.DEVICE_AUTHORIZATION, Answer.error(400, "invalid_scope", "No such scope"));
			Response refused = http.post(ENDPOINT + "/acme");
			assertThat(refused.status()).isEqualTo(502);
			assertThat(refused.json()).containsEntry("error", "invalid_scope").containsKey("message");
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void onlyReadsByDefault(WebApplicationType type) {
		try (ConfigurableApplicationContext context = application(type).run()) {
			Http http = Http.of(context);
			assertThat(http.post(ENDPOINT + "/acme").status()).isIn(404, 405);
			assertThat(http.post(ENDPOINT + "/acme", "{}").status()).isIn(404, 405);
			assertThat(http.delete(ENDPOINT + "/acme").status()).isIn(404, 405);
			assertThat(http.get(ENDPOINT).list("providers")).hasSize(4)
				.extracting((entry) -> String.valueOf(((Map<?, ?>) entry).get("id")))
				.containsExactlyInAnyOrder("acme", "other", "robot", "users");
			assertThat(http.get("/actuator/configprops").body()).contains("clientSecret")
				.doesNotContain("machine-secret");
			assertThat(http.get("/actuator/env").body()).contains("client-secret").doesNotContain("machine-secret");
			String port = String.valueOf(context.getEnvironment().getProperty("local.server.port"));
			Golden.assertSame("endpoint-entry.json",
					pretty(http.get(ENDPOINT + "/acme")).replace(":" + port + "/", ":8080/"));
		}
		assertThat(this.server.requests()).isEmpty();
	}

	private String pretty(Response response) {
		return JsonMapper.builder()
			.enable(SerializationFeature.INDENT_OUTPUT)
			.build()
			.writeValueAsString(response.json())
			.replace("\r\n", "\n")
			.replace(this.server.issuer(), "https://login.example.com/realms/demo") + "\n";
	}

	@Test
	void worksOverJmx() throws Exception {
		this.server.device().interval(Duration.ofSeconds(1));
		try (ConfigurableApplicationContext context = application(WebApplicationType.NONE).with(UNRESTRICTED)
			.with(EndToEndTests.LoggedIn.class)
			.with("spring.jmx.enabled=true", "management.endpoints.jmx.exposure.include=*",
					"management.endpoints.jmx.domain=oauth2pkce.test")
			.run()) {
			assertThat(context.isRunning()).isTrue();
			MBeanServer mbeans = ManagementFactory.getPlatformMBeanServer();
			ObjectName name = mbeans.queryNames(new ObjectName("oauth2pkce.test:name=Oauth2providers,*"), null)
				.iterator()
				.next();
			assertThat(mbeans.invoke(name, "providers", new Object[0], new String[0])).isInstanceOf(Map.class);
			Object started = mbeans.invoke(name, "act", new Object[] { "acme", null },
					new String[] { String.class.getName(), String.class.getName() });
			String userCode = this.server.takeUserCode(WAIT);
			assertThat(started.toString()).contains(userCode);
			this.server.approve(userCode);
			EndToEndTests.LoggedIn.await(context);
			StringBuilder said = new StringBuilder(started.toString());
			for (Object[] call : new Object[][] { { "act", "acme", "refresh" }, { "provider", "acme" },
					{ "forget", "acme" }, { "providers" } }) {
				Object[] arguments = Arrays.copyOfRange(call, 1, call.length);
				String[] signature = new String[arguments.length];
				Arrays.fill(signature, String.class.getName());
				said.append('\n').append(mbeans.invoke(name, call[0].toString(), arguments, signature));
			}
			assertThat(said).contains("lastOutcome=refreshed", "state=LOGIN_REQUIRED");
			assertThat(this.server.requests(Endpoint.REVOCATION)).hasSize(1);
			assertThat(this.server.issuedSecrets()).allSatisfy((secret) -> assertThat(said).doesNotContain(secret));
		}
	}

	@Test
	void onlyReadsOverJmxByDefault() throws Exception {
		try (ConfigurableApplicationContext context = application(WebApplicationType.NONE)
			.with("spring.jmx.enabled=true", "management.endpoints.jmx.exposure.include=*",
					"management.endpoints.jmx.domain=oauth2pkce.test.read")
			.run()) {
			assertThat(context.isRunning()).isTrue();
			MBeanServer mbeans = ManagementFactory.getPlatformMBeanServer();
			ObjectName name = mbeans.queryNames(new ObjectName("oauth2pkce.test.read:name=Oauth2providers,*"), null)
				.iterator()
				.next();
			assertThat(mbeans.getMBeanInfo(name).getOperations()).extracting(MBeanFeatureInfo::getName)
				.containsExactlyInAnyOrder("providers", "provider");
		}
	}

	private TestApplication application(WebApplicationType type) {
		this.server.device().interval(Duration.ofSeconds(1));
		String providers = "oauth2.pkce.providers.";
		TestApplication application = TestApplication.of(type)
			.with("management.endpoints.web.exposure.include=*", "management.endpoint.health.show-details=always");
		for (String id : List.of("acme", "other", "robot", "users")) {
			application.with(providers + id + ".issuer-uri=" + this.server.issuer(), providers + id + ".client-id=app");
		}
		return application.with(providers + "acme.scope=openid,models", providers + "robot.client-id=machine",
				providers + "robot.client-secret=machine-secret",
				providers + "robot.authorization-grant-type=client_credentials",
				providers + "users.principal=current-user");
	}

	static class PromptThatLooks implements UserCodePrompt {

		@Autowired
		@SuppressWarnings("NullAway.Init")
		private ConfigurableApplicationContext context;

		private volatile Map<String, Object> meanwhile = Map.of();

		@Override
		public void prompt(UserCode userCode) {
		}

		@Override
		public void ended(UserCode userCode, @Nullable RuntimeException failure) {
			this.meanwhile = Http.of(this.context).get(ENDPOINT + "/acme").json();
		}

	}

}
