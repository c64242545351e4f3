package io.github.oauth2pkce.autoconfigure;

import java.nio.file.Path;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.testing.TestKeys;
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

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@SuppressWarnings("NullAway.Init")
	private TlsServer server;

	@BeforeEach
	void start() {
		TestKeys keys = TestKeys.generate(this.directory, "server");
		keys.writeCertificate(this.directory.resolve("server.pem"));
		this.server = new TlsServer(keys);
	}

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void certificateThatNobodyTrustsIsRefused() {
		runner().run((context) -> assertThatExceptionOfType(AuthorizationServerUnreachableException.class)
			.isThrownBy(() -> get(context.getBean(AuthorizationServerClient.class), provider(context), "127.0.0.1"))
			.withMessageContaining(": no TLS connection: ")
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
			.withMessageContaining(": no TLS connection: ")
			.withMessageContaining("matching localhost found"));
	}

	private ApplicationContextRunner trusting() {
		return runner().withPropertyValues("oauth2.pkce.providers.acme.ssl-bundle=internal",
				"spring.ssl.bundle.pem.internal.truststore.certificate="
						+ this.directory.resolve("server.pem").toUri());
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
		return client.get(provider, this.server.uri(host));
	}

}
