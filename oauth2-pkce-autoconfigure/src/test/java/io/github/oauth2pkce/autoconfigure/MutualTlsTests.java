package io.github.oauth2pkce.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import com.nimbusds.jwt.SignedJWT;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestApplication;
import io.github.oauth2pkce.testing.TestKeys;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Clients that have a certificate (RFC 8705 section 2), at a server that lets nobody else
 * in and has addresses of its own for them.
 */
@Timeout(60)
class MutualTlsTests {

	private static final CredentialId ACME = CredentialId.ofApplication("acme");

	private static final String PREFIX = "oauth2.pkce.providers.acme.";

	private static MemoryTokenStore store = new MemoryTokenStore();

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private static Path generated;

	@SuppressWarnings("NullAway.Init")
	private static TestKeys serverKeys;

	@SuppressWarnings("NullAway.Init")
	private static TestKeys first;

	@SuppressWarnings("NullAway.Init")
	private static TestKeys second;

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.certified("app"));

	@SuppressWarnings("NullAway.Init")
	private TlsServer front;

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@BeforeAll
	static void generate() throws IOException {
		serverKeys = TestKeys.generate(generated, "server");
		first = TestKeys.generate(Files.createDirectory(generated.resolve("first")), "app");
		second = TestKeys.generate(Files.createDirectory(generated.resolve("second")), "app");
	}

	@BeforeEach
	void start() {
		store = new MemoryTokenStore();
		this.front = new TlsServer(serverKeys, first, this.server);
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		announceAliases(Endpoint.TOKEN, Endpoint.DEVICE_AUTHORIZATION, Endpoint.REVOCATION);
		serverKeys.writeCertificate(file("trusted.pem"));
		first.writeCertificate(file("client.pem"));
		first.writeKey(file("client.key"));
	}

	@AfterEach
	void stop() {
		this.front.close();
		this.server.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "tls_client_auth", "self_signed_tls_client_auth", "tls-client-auth" })
	void sendsDeviceTokenRefreshAndRevocationRequestsToTheAliases(String method) throws Exception {
		try (ConfigurableApplicationContext context = run(PREFIX + "client-authentication-method=" + method)) {
			context.getBean(Logins.class).logIn("acme");
			assertThat(refreshed(context)).isNull();
			context.getBean(Logout.class).forget(ACME);
		}
		List<RecordedRequest> posts = this.server.requests()
			.stream()
			.filter((request) -> "POST".equals(request.method()))
			.toList();
		assertThat(posts).extracting(RecordedRequest::endpoint)
			.contains(Endpoint.DEVICE_AUTHORIZATION, Endpoint.TOKEN, Endpoint.REVOCATION);
		assertThat(posts).allSatisfy((request) -> {
			assertThat(request.header(FakeClient.CERTIFICATE)).isEqualTo("CN=app");
			assertThat(request.parameters("client_id")).containsExactly("app");
			assertThat(request.authorization()).isNull();
		});
	}

	@Test
	void loginOutlivesAServerThatBeginsToAnnounceAliasesAndEndsIt() throws Exception {
		String storedEndpoint = this.server.uri(Endpoint.TOKEN).toString();
		try (ConfigurableApplicationContext context = run()) {
			context.getBean(Logins.class).logIn("acme");
			assertThat(Objects.requireNonNull(store.load(ACME)).origin().tokenEndpoint()).isEqualTo(storedEndpoint);
		}
		this.server.discovery().document().remove("mtls_endpoint_aliases");
		this.server.register(FakeClient.publicClient("app"));
		try (ConfigurableApplicationContext context = run()) {
			assertThat(refreshed(context)).isNull();
		}
		announceAliases(Endpoint.TOKEN);
		this.server.register(FakeClient.certified("app"));
		try (ConfigurableApplicationContext context = run()) {
			assertThat(refreshed(context)).isNull();
		}
		assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).hasSize(1);
	}

	@Test
	void endpointWithoutAnAliasIsAskedItself() throws Exception {
		announceAliases(Endpoint.REVOCATION);
		this.server.register(FakeClient.publicClient("app"));
		try (ConfigurableApplicationContext context = run()) {
			context.getBean(Logins.class).logIn("acme");
		}
		assertThat(this.front.clients()).isEmpty();
	}

	@Test
	void configuredEndpointIsAskedWhateverTheServerAnnounces() throws Exception {
		announceAliases(Endpoint.DEVICE_AUTHORIZATION);
		try (ConfigurableApplicationContext context = run(
				PREFIX + "token-uri=" + this.front.uri("127.0.0.1").resolve(Endpoint.TOKEN.path()))) {
			context.getBean(Logins.class).logIn("acme");
			assertThat(refreshed(context)).isNull();
		}
	}

	@Test
	void proofIsForTheAddressThatTheRequestGoesTo() throws Exception {
		try (ConfigurableApplicationContext context = run(PREFIX + "dpop=true")) {
			// The server behind, which does not know that address, refuses it.
			assertThatExceptionOfType(LoginException.class)
				.isThrownBy(() -> context.getBean(Logins.class).logIn("acme"));
		}
		assertThat(this.server.requests(Endpoint.TOKEN)).isNotEmpty()
			.allSatisfy((request) -> assertThat(
					SignedJWT.parse(request.header("DPoP")).getJWTClaimsSet().getStringClaim("htu"))
				.isEqualTo(this.front.uri("127.0.0.1").resolve(Endpoint.TOKEN.path()).toString()));
	}

	@Test
	void aliasThatMayNotBeUsedIsNamedAndNothingIsSent() throws Exception {
		this.server.discovery()
			.document()
			.put("mtls_endpoint_aliases", Map.of("token_endpoint", "http://user@127.0.0.1:1/token"));
		try (ConfigurableApplicationContext context = run(PREFIX + "authorization-grant-type=client_credentials")) {
			assertThat(context.getBean(Credentials.class).current(ACME, RefreshTrigger.EXPIRY).get())
				.isInstanceOf(BearerToken.Skipped.class);
			assertThat(context.getBean(Credentials.class).status(ACME).lastError()).isEqualTo("discovery_failed");
		}
		assertThat(this.server.requests(Endpoint.TOKEN)).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdk", "reactor" })
	void certificateThatIsReloadedIsUsedWithoutARestart(String connector) throws Exception {
		try (ConfigurableApplicationContext context = run("spring.http.clients.reactive.connector=" + connector)) {
			context.getBean(Logins.class).logIn("acme");
			this.front.restart(serverKeys, second);
			await(context, () -> second.writeKey(file("client.key")));
			await(context, () -> second.writeCertificate(file("client.pem")));
			assertThat(refreshed(context)).isNull();
		}
	}

	private @Nullable String refreshed(ConfigurableApplicationContext context) throws Exception {
		Credentials credentials = context.getBean(Credentials.class);
		int before = this.server.refreshesGranted();
		credentials.current(ACME, RefreshTrigger.MANUAL).get();
		String error = credentials.status(ACME).lastError();
		return (error != null || this.server.refreshesGranted() > before) ? error : "nothing happened";
	}

	private void announceAliases(Endpoint... endpoints) {
		Map<String, String> members = Map.of("TOKEN", "token_endpoint", "DEVICE_AUTHORIZATION",
				"device_authorization_endpoint", "REVOCATION", "revocation_endpoint");
		this.server.discovery()
			.document()
			.put("mtls_endpoint_aliases",
					List.of(endpoints)
						.stream()
						.collect(Collectors.toMap((endpoint) -> members.get(endpoint.name()),
								(endpoint) -> this.front.uri("127.0.0.1").resolve(endpoint.path()).toString())));
	}

	private static void await(ConfigurableApplicationContext context, Runnable change) throws InterruptedException {
		CountDownLatch updated = new CountDownLatch(1);
		context.getBean(SslBundles.class).addBundleUpdateHandler("mine", (bundle) -> updated.countDown());
		change.run();
		assertThat(updated.await(20, TimeUnit.SECONDS)).as("updated").isTrue();
	}

	private ConfigurableApplicationContext run(String... properties) {
		String bundle = "spring.ssl.bundle.pem.mine.";
		return TestApplication.of(WebApplicationType.NONE)
			.with(Stored.class)
			.with(PREFIX + "issuer-uri=" + this.server.issuer(), PREFIX + "client-id=app",
					PREFIX + "client-authentication-method=tls_client_auth", PREFIX + "ssl-bundle=mine",
					"spring.ssl.bundle.watch.file.quiet-period=20ms",
					bundle + "truststore.certificate=" + file("trusted.pem").toUri(),
					bundle + "keystore.certificate=" + file("client.pem").toUri(),
					bundle + "keystore.private-key=" + file("client.key").toUri(), bundle + "reload-on-update=true")
			.with(properties)
			.run();
	}

	private Path file(String name) {
		return this.directory.resolve(name);
	}

	/** One for all applications of a test: a restart. */
	@Configuration(proxyBeanMethods = false)
	static class Stored {

		@Bean
		MemoryTokenStore sharedStore() {
			return store;
		}

	}

}
