package io.github.oauth2pkce.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import com.nimbusds.jose.jwk.ECKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.Http;
import io.github.oauth2pkce.testing.KeyPairs;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.audit.InMemoryAuditEventRepository;
import org.springframework.boot.actuate.web.exchanges.InMemoryHttpExchangeRepository;
import org.springframework.boot.logging.LoggingInitializationContext;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.logging.LoggingSystemProperty;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A whole application with everything open: its root logger at TRACE, every endpoint with
 * every detail, audit and HTTP exchanges kept. All that it prints, answers and writes is
 * searched for every secret that there was.
 */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class SecretSearchTests {

	private static final String CLIENT_SECRET = "machine+secret/of:robot";

	private static final String JOB_TOKEN = "job.token+of/github:actions";

	private static final String RUNNER_TOKEN = "bearer-of-the-runner";

	private static final String ACTOR_TOKEN = "actor.token+of/a:variable";

	private static final String ID_TOKEN = "id.token-of-the.login";

	private static final CredentialId EXCHANGER = CredentialId.ofApplication("exchanger");

	private static final CredentialId ACME = CredentialId.ofApplication("acme");

	private static final String KEY_PASSWORD = "pass word of the key";

	private static final KeyPair PAIR = KeyPairs.generate("P-256");

	private static final String KEY = KeyPairs.encrypted(PAIR, KEY_PASSWORD);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start("/realms/demo")
		.register(FakeClient.signing("signer", KeyPairs.registered(PAIR).toJSONString()))
		.register(FakeClient.publicClient("app").requirePkce())
		.register(FakeClient.confidential("machine", CLIENT_SECRET));

	private final Map<String, String> texts = new LinkedHashMap<>();

	@TempDir
	private Path directory;

	@BeforeEach
	void approve() {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		this.server.tokens().answer().put("id_token", ID_TOKEN);
	}

	@AfterEach
	void stop() {
		this.server.close();
		logAsBefore();
	}

	/** Boot leaves its logging settings behind, as system properties. */
	private static void logAsBefore() {
		for (LoggingSystemProperty property : LoggingSystemProperty.values()) {
			System.clearProperty(property.getEnvironmentVariableName());
		}
		LoggingSystem logging = LoggingSystem.get(SecretSearchTests.class.getClassLoader());
		logging.cleanUp();
		logging.beforeInitialize();
		logging.initialize(new LoggingInitializationContext(new StandardEnvironment()), null, null);
		// Else the next application would think that its own settings are in force.
		logging.cleanUp();
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void nothingThatIsPrintedAnsweredOrWrittenHoldsASecret(WebApplicationType type, CapturedOutput output)
			throws Exception {
		try (ConfigurableApplicationContext context = application(type).run()) {
			Http http = Http.of(context);
			liveThroughEverything(context, () -> look(http));
		}
		try (Stream<Path> files = Files.walk(this.directory)) {
			files.filter(Files::isRegularFile).forEach((file) -> this.texts.put(file.toString(), content(file)));
		}
		assertThat(this.texts).hasSizeGreaterThan(40);
		this.texts.put("output", output.getAll());
		assertThat(this.texts.get(this.directory.resolve("all.log").toString())).contains("TRACE", "DEBUG",
				"Login needed for 'acme'", "Logged in to 'acme'", "event=\"oauth2_device_code_issued\"",
				"org.springframework.web.reactive");
		Set<String> secrets = secrets();
		this.texts.forEach((where, text) -> secrets
			.forEach((secret) -> assertThat(text.contains(secret)).as("%s in %s", secret, where).isFalse()));
	}

	private void liveThroughEverything(ConfigurableApplicationContext context, Runnable look) throws Exception {
		Logins logins = context.getBean(Logins.class);
		Credentials credentials = context.getBean(Credentials.class);
		logins.logIn("acme");
		call(context);
		look.run();
		this.server.enqueue(Endpoint.TOKEN, Answer.normally(), Answer.status(503));
		this.texts.put("refreshed", credentials.current(ACME, RefreshTrigger.MANUAL).get().toString());
		this.texts.put("kept", credentials.current(ACME, RefreshTrigger.MANUAL).get().toString());
		credentials.current(CredentialId.ofApplication("robot"), RefreshTrigger.EXPIRY).get();
		credentials.current(CredentialId.ofApplication("signer"), RefreshTrigger.EXPIRY).get();
		this.texts.put("clients", context.getBean(Providers.class) + " "
				+ context.getBean(Providers.class).get("signer").client().assertion());
		this.server.enqueue(Endpoint.OTHER, Answer.json(200, Map.of("value", JOB_TOKEN)), Answer.status(403),
				Answer.json(200, Map.of("value", JOB_TOKEN)));
		this.server.enqueue(Endpoint.TOKEN, Answer.normally(),
				Answer.error(400, "invalid_grant", "Not " + JOB_TOKEN + ", nor " + ACTOR_TOKEN));
		for (int i = 0; i < 3; i++) {
			this.texts.put("exchanged " + i, credentials.current(EXCHANGER, RefreshTrigger.MANUAL).get().toString());
		}
		this.texts.put("derived",
				credentials.current(CredentialId.ofApplication("derived"), RefreshTrigger.EXPIRY).get().toString());
		this.texts.put("exchange",
				credentials.status(EXCHANGER) + " " + context.getBean(Providers.class).get("exchanger"));
		this.server.invalidateAccessTokens();
		call(context);
		look.run();
		context.getBean(Logout.class).forget(ACME);
		this.server.enqueue(Endpoint.TOKEN, Answer.error(400, "invalid_grant", "No more"));
		assertThatExceptionOfType(LoginException.class).isThrownBy(() -> logins.logIn("acme"))
			.satisfies((ex) -> this.texts.put("exception", ex + " " + ex.getCause()));
		logins.logIn("acme");
		look.run();
		this.texts.put("statuses", credentials.status(ACME) + " " + credentials.known(ACME));
	}

	private void call(ConfigurableApplicationContext context) {
		String answer = context.getBean(WebClient.Builder.class)
			.build()
			.get()
			.uri(this.server.uri("/api/models"))
			.retrieve()
			.bodyToMono(String.class)
			.onErrorComplete()
			.block(Duration.ofSeconds(20));
		this.texts.put("answer", String.valueOf(answer));
	}

	/** Every endpoint that can be read, but for the heap. */
	private void look(Http http) {
		Map<?, ?> links = http.get("/actuator").object("_links");
		assertThat(links).asString().contains("oauth2providers", "auditevents", "httpexchanges", "configprops", "env");
		for (Object name : links.keySet()) {
			if (!Set.of("self", "heapdump").contains(name) && !name.toString().contains("-")) {
				String path = "/actuator/" + name;
				this.texts.put(path + " " + this.texts.size(), http.get(path).body());
			}
		}
		for (String path : new String[] { "/actuator/health/oauth2Pkce", "/actuator/oauth2providers/acme",
				"/actuator/metrics/oauth2.pkce.token.refresh",
				"/actuator/metrics/oauth2.pkce.authorization.server.requests" }) {
			Http.Response response = http.get(path);
			assertThat(response.status()).as(path).isEqualTo(200);
			this.texts.put(path + " " + this.texts.size(), response.body());
		}
	}

	private Set<String> secrets() {
		Set<String> secrets = new LinkedHashSet<>(this.server.issuedSecrets());
		assertThat(secrets).hasSizeGreaterThan(10);
		secrets.add(KEY_PASSWORD);
		KEY.lines().filter((line) -> !line.startsWith("-----")).forEach(secrets::add);
		secrets.add(String.valueOf(((ECKey) KeyPairs.jwk(PAIR)).getD()));
		secrets.addAll(List.of(CLIENT_SECRET, JOB_TOKEN, RUNNER_TOKEN, ACTOR_TOKEN, ID_TOKEN));
		for (String secret : Set.copyOf(secrets)) {
			secrets.add(Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8)));
			secrets.add(java.net.URLEncoder.encode(secret, StandardCharsets.UTF_8));
		}
		return secrets;
	}

	private static String content(Path file) {
		try {
			return Files.readString(file, StandardCharsets.ISO_8859_1);
		}
		catch (IOException ex) {
			throw new java.io.UncheckedIOException(ex);
		}
	}

	private TestApplication application(WebApplicationType type) {
		String providers = "oauth2.pkce.providers.";
		return TestApplication.of(type)
			.with(Open.class)
			.with("logging.level.root=trace", "logging.threshold.console=off",
					"logging.file.name=" + this.directory.resolve("all.log"),
					"logging.pattern.file=%p %c %t %m %kvp %mdc%n%ex", "management.endpoints.web.exposure.include=*",
					"management.endpoint.oauth2providers.access=unrestricted",
					"management.endpoint.health.show-details=always",
					"management.httpexchanges.recording.include=request-headers,response-headers,authorization-header,"
							+ "cookie-headers,remote-address,principal,session-id,time-taken",
					"oauth2.pkce.health.show-principals=true", "oauth2.pkce.store.type=file",
					"oauth2.pkce.store.directory=" + this.directory,
					providers + "acme.issuer-uri=" + this.server.issuer(), providers + "acme.client-id=app",
					providers + "acme.base-urls=" + this.server.uri("/api"),
					providers + "robot.issuer-uri=" + this.server.issuer(), providers + "robot.client-id=machine",
					providers + "robot.client-secret=" + CLIENT_SECRET,
					providers + "robot.authorization-grant-type=client_credentials",
					providers + "signer.issuer-uri=" + this.server.issuer(), providers + "signer.client-id=signer",
					providers + "signer.authorization-grant-type=client_credentials",
					providers + "signer.client-assertion.key=" + KEY,
					providers + "signer.client-assertion.key-password=" + KEY_PASSWORD, "ACTOR=" + ACTOR_TOKEN,
					"ACTIONS_ID_TOKEN_REQUEST_TOKEN=" + RUNNER_TOKEN,
					"ACTIONS_ID_TOKEN_REQUEST_URL=" + this.server.uri("/github?api-version=2.0"),
					providers + "exchanger.issuer-uri=" + this.server.issuer(),
					providers + "exchanger.client-id=machine", providers + "exchanger.client-secret=" + CLIENT_SECRET,
					providers + "exchanger.authorization-grant-type=token-exchange",
					providers + "exchanger.subject-token.github-actions=api",
					providers + "exchanger.actor-token.env=ACTOR",
					providers + "derived.issuer-uri=" + this.server.issuer(), providers + "derived.client-id=machine",
					providers + "derived.client-secret=" + CLIENT_SECRET,
					providers + "derived.authorization-grant-type=jwt-bearer",
					providers + "derived.subject-token.provider=acme",
					providers + "derived.subject-token.type=id_token");
	}

	@Configuration(proxyBeanMethods = false)
	static class Open {

		@Bean
		InMemoryAuditEventRepository auditEventRepository() {
			return new InMemoryAuditEventRepository();
		}

		@Bean
		InMemoryHttpExchangeRepository httpExchangeRepository() {
			return new InMemoryHttpExchangeRepository();
		}

	}

}
