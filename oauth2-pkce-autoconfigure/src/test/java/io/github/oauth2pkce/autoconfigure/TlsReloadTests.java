package io.github.oauth2pkce.autoconfigure;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

import ch.qos.logback.classic.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.runtime.HttpClients;
import io.github.oauth2pkce.testing.LogCapture;
import io.github.oauth2pkce.testing.TestApplication;
import io.github.oauth2pkce.testing.TestKeys;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslManagerBundle;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Certificates and keys that are exchanged while an application runs. */
@Timeout(60)
class TlsReloadTests {

	private static final String OF_PROVIDER = "oauth2.pkce.providers.acme.ssl-bundle=internal";

	private static final String OF_ALL_CLIENTS = "spring.http.clients.ssl.bundle=internal";

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private static Path generated;

	@SuppressWarnings("NullAway.Init")
	private static TestKeys first;

	@SuppressWarnings("NullAway.Init")
	private static TestKeys second;

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@SuppressWarnings("NullAway.Init")
	private TlsServer server;

	@BeforeAll
	static void generate() {
		first = TestKeys.generate(generated, "first");
		second = TestKeys.generate(generated, "second");
	}

	@BeforeEach
	void start() {
		this.server = new TlsServer(first);
		first.writeCertificate(file("trusted.pem"));
		first.writeCertificate(file("client.pem"));
		first.writeKey(file("client.key"));
		first.copyTo(file("trusted.p12"));
	}

	@AfterEach
	void stop() {
		this.server.close();
	}

	@ParameterizedTest
	@EnumSource
	void newCertificateOfTheServerIsTrustedOnceItsBundleHasBeenReloaded(WebApplicationType type) throws Exception {
		try (ConfigurableApplicationContext context = run(type, OF_PROVIDER)) {
			assertThat(get(context)).isEqualTo(204);
			this.server.restart(second, null);
			await(context, () -> second.writeCertificate(file("trusted.pem")));
			assertThat(get(context)).isEqualTo(204);
			assertThat(get(context)).isEqualTo(204);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdk", "reactor" })
	void soItIsForTheBundleOfAllClients(String connector) throws Exception {
		try (ConfigurableApplicationContext context = run(WebApplicationType.NONE, OF_ALL_CLIENTS,
				"spring.http.clients.reactive.connector=" + connector)) {
			assertThat(get(context)).isEqualTo(204);
			this.server.restart(second, null);
			await(context, () -> second.writeCertificate(file("trusted.pem")));
			assertThat(get(context)).isEqualTo(204);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdk", "reactor" })
	void newClientCertificateIsPresented(String connector) throws Exception {
		this.server.restart(first, first);
		try (ConfigurableApplicationContext context = run(WebApplicationType.NONE, OF_PROVIDER,
				"spring.http.clients.reactive.connector=" + connector)) {
			assertThat(get(context)).isEqualTo(204);
			this.server.restart(first, second);
			await(context, () -> second.writeKey(file("client.key")),
					() -> second.writeCertificate(file("client.pem")));
			assertThat(get(context)).isEqualTo(204);
			assertThat(this.server.clients()).containsExactly("CN=first", "CN=second");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdk", "reactor" })
	void serverThatIsTrustedNoMoreGetsNothingOverOldConnections(String connector) throws Exception {
		try (ConfigurableApplicationContext context = run(WebApplicationType.NONE, OF_PROVIDER,
				"spring.http.clients.reactive.connector=" + connector)) {
			assertThat(get(context)).isEqualTo(204);
			await(context, () -> second.writeCertificate(file("trusted.pem")));
			assertThatExceptionOfType(AuthorizationServerUnreachableException.class).isThrownBy(() -> get(context))
				.withMessageContaining("no TLS connection");
			assertThat(this.server.connections()).hasSize(1);
		}
	}

	@Test
	void clientsThatSomebodyHoldsTakeItOver() throws Exception {
		try (ConfigurableApplicationContext context = run(WebApplicationType.NONE, OF_PROVIDER)) {
			WebClient held = context.getBean(HttpClients.class).of(provider(context));
			this.server.restart(second, null);
			await(context, () -> second.writeCertificate(file("trusted.pem")));
			assertThat(held.get().uri(this.server.uri("127.0.0.1")).retrieve().toBodilessEntity().block()).isNotNull();
		}
	}

	@Test
	void javaKeyStoresAreReloadedAsWell() throws Exception {
		try (ConfigurableApplicationContext context = TestApplication.of(WebApplicationType.NONE)
			.with("oauth2.pkce.providers.acme.client-id=app", OF_PROVIDER,
					"spring.ssl.bundle.watch.file.quiet-period=20ms",
					"spring.ssl.bundle.jks.internal.truststore.location=" + file("trusted.p12").toUri(),
					"spring.ssl.bundle.jks.internal.truststore.type=PKCS12",
					"spring.ssl.bundle.jks.internal.truststore.password=" + TestKeys.PASSWORD,
					"spring.ssl.bundle.jks.internal.reload-on-update=true")
			.run()) {
			this.server.restart(second, null);
			await(context, () -> second.copyTo(file("trusted.p12")));
			assertThat(get(context)).isEqualTo(204);
		}
	}

	@Test
	void bundleThatCannotBeUsedLeavesTheOldOneInUseAndIsNamed() throws Exception {
		LogCapture log = LogCapture.of(HttpClients.class, Level.WARN);
		try (log; ConfigurableApplicationContext context = run(WebApplicationType.NONE, log, OF_PROVIDER)) {
			assertThat(get(context)).isEqualTo(204);
			context.getBean(SslBundleRegistry.class)
				.updateBundle("internal", withoutManagers(context.getBean(SslBundles.class).getBundle("internal")));
			assertThat(get(context)).isEqualTo(204);
			assertThat(log.events()).singleElement()
				.satisfies((event) -> assertThat(event.getFormattedMessage()).contains("'internal'", "no such key"));
		}
	}

	/** That is before a login is locked: a key store may be on a share that hangs. */
	@Test
	void certificatesAreReadWhenAClientIsPrepared() {
		LogCapture log = LogCapture.of(HttpClients.class, Level.WARN);
		try (log; ConfigurableApplicationContext context = run(WebApplicationType.NONE, log, OF_PROVIDER)) {
			context.getBean(AuthorizationServerClient.class).prepared(provider(context));
			context.getBean(SslBundleRegistry.class)
				.updateBundle("internal", withoutManagers(context.getBean(SslBundles.class).getBundle("internal")));
			assertThat(get(context)).isEqualTo(204);
		}
	}

	private void await(ConfigurableApplicationContext context, Runnable... changes) throws InterruptedException {
		for (Runnable change : changes) {
			CountDownLatch updated = new CountDownLatch(1);
			context.getBean(SslBundles.class).addBundleUpdateHandler("internal", (bundle) -> updated.countDown());
			change.run();
			assertThat(updated.await(20, TimeUnit.SECONDS)).as("updated").isTrue();
		}
	}

	private ConfigurableApplicationContext run(WebApplicationType type, String... properties) {
		return application(type, properties).run();
	}

	private ConfigurableApplicationContext run(WebApplicationType type, LogCapture log, String... properties) {
		return application(type, properties).with(log).run();
	}

	private TestApplication application(WebApplicationType type, String... properties) {
		String bundle = "spring.ssl.bundle.pem.internal.";
		return TestApplication.of(type)
			.with("oauth2.pkce.providers.acme.client-id=app", "spring.ssl.bundle.watch.file.quiet-period=20ms",
					bundle + "truststore.certificate=" + file("trusted.pem").toUri(),
					bundle + "keystore.certificate=" + file("client.pem").toUri(),
					bundle + "keystore.private-key=" + file("client.key").toUri(), bundle + "reload-on-update=true")
			.with(properties);
	}

	private int get(ConfigurableApplicationContext context) {
		return context.getBean(AuthorizationServerClient.class)
			.get(provider(context), this.server.uri("127.0.0.1"))
			.status();
	}

	private static Provider provider(ConfigurableApplicationContext context) {
		return context.getBean(Providers.class).get("acme");
	}

	private Path file(String name) {
		return this.directory.resolve(name);
	}

	private static SslBundle withoutManagers(SslBundle bundle) {
		return SslBundle.of(bundle.getStores(), bundle.getKey(), bundle.getOptions(), bundle.getProtocol(),
				new SslManagerBundle() {

					@Override
					public KeyManagerFactory getKeyManagerFactory() {
						throw new IllegalStateException("no such key");
					}

					@Override
					public TrustManagerFactory getTrustManagerFactory() {
						throw new IllegalStateException("no such key");
					}

				});
	}

}
