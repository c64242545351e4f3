package io.github.oauth2pkce.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Certificates of authorization servers (RFC 6749 section 10.9, RFC 8414 section 6.1).
 */
@Timeout(60)
class TlsTests {

	private static final String PASSWORD = "changeit";

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@SuppressWarnings("NullAway.Init")
	private HttpsServer server;

	@BeforeEach
	void start() throws Exception {
		// For 127.0.0.1 and for no name.
		generate("-genkeypair", "-alias", "server", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=test",
				"-ext", "SAN=IP:127.0.0.1", "-validity", "2", "-keystore", file("server.p12").toString());
		generate("-exportcert", "-rfc", "-alias", "server", "-keystore", file("server.p12").toString(), "-file",
				file("server.pem").toString());
		this.server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
		this.server.setHttpsConfigurator(new HttpsConfigurator(context()));
		this.server.createContext("/", (exchange) -> {
			exchange.sendResponseHeaders(204, -1);
			exchange.close();
		});
		this.server.start();
	}

	@AfterEach
	void stop() {
		this.server.stop(0);
	}

	@Test
	void certificateThatNobodyTrustsIsRefused() {
		runner().run((context) -> assertThatExceptionOfType(AuthorizationServerUnreachableException.class)
			.isThrownBy(() -> get(context.getBean(AuthorizationServerClient.class), provider(context), "127.0.0.1"))
			.withMessageContaining("SSLHandshakeException: ")
			.withMessageContaining("PKIX path building failed"));
	}

	@Test
	void certificateOfTheProvidersSslBundleIsTrusted() {
		trusting().run((context) -> assertThat(
				get(context.getBean(AuthorizationServerClient.class), provider(context), "127.0.0.1").status())
			.isEqualTo(204));
	}

	@Test
	void certificateOfAnotherHostIsRefused() {
		trusting().run((context) -> assertThatExceptionOfType(AuthorizationServerUnreachableException.class)
			.isThrownBy(() -> get(context.getBean(AuthorizationServerClient.class), provider(context), "localhost"))
			.withMessageContaining("SSLHandshakeException: ")
			.withMessageContaining("matching localhost found"));
	}

	private ApplicationContextRunner trusting() {
		return runner().withPropertyValues("oauth2.pkce.providers.acme.ssl-bundle=internal",
				"spring.ssl.bundle.pem.internal.truststore.certificate=" + file("server.pem").toUri());
	}

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, PkceAutoConfiguration.class))
			.withPropertyValues("oauth2.pkce.store.type=memory", "oauth2.pkce.login.on-startup=never",
					"oauth2.pkce.providers.acme.client-id=app");
	}

	private static Provider provider(ApplicationContext context) {
		return context.getBean(Providers.class).get("acme");
	}

	private AuthorizationServerClient.Answer get(AuthorizationServerClient client, Provider provider, String host) {
		return client.get(provider, URI.create("https://" + host + ":" + this.server.getAddress().getPort() + "/"));
	}

	private Path file(String name) {
		return this.directory.resolve(name);
	}

	private SSLContext context() throws IOException, GeneralSecurityException {
		KeyStore keys = KeyStore.getInstance("PKCS12");
		try (InputStream in = Files.newInputStream(file("server.p12"))) {
			keys.load(in, PASSWORD.toCharArray());
		}
		KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
		managers.init(keys, PASSWORD.toCharArray());
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(managers.getKeyManagers(), null, null);
		return context;
	}

	private static void generate(String... arguments) throws IOException, InterruptedException {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
		command.addAll(List.of(arguments));
		command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		String output = new String(process.getInputStream().readAllBytes());
		assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
		assertThat(process.exitValue()).as(output).isZero();
	}

}
