package io.github.oauth2pkce.autoconfigure;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.oauth2pkce.testing.TestApplication;
import io.github.oauth2pkce.testing.TestKeys;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tokens that are bound to the certificate of a client (RFC 8705 section 3), at a server
 * and an API that compare the certificates of their connections.
 */
@Timeout(60)
class CertificateBoundTests {

	private static final String PREFIX = "oauth2.pkce.providers.acme.";

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private static Path generated;

	@SuppressWarnings("NullAway.Init")
	private static TestKeys serverKeys;

	@SuppressWarnings("NullAway.Init")
	private static TestKeys first;

	@SuppressWarnings("NullAway.Init")
	private static TestKeys second;

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	private final Server server = new Server();

	private final Server elsewhere = new Server();

	@BeforeAll
	static void generate() throws IOException {
		serverKeys = TestKeys.generate(generated, "server");
		first = TestKeys.generate(Files.createDirectory(generated.resolve("first")), "app");
		second = TestKeys.generate(Files.createDirectory(generated.resolve("second")), "app");
	}

	@BeforeEach
	void start() {
		this.server.start(first);
		this.elsewhere.start(first);
		serverKeys.writeCertificate(file("trusted.pem"));
		first.writeCertificate(file("client.pem"));
		first.writeKey(file("client.key"));
	}

	@AfterEach
	void stop() {
		this.server.stop();
		this.elsewhere.stop();
	}

	@ParameterizedTest
	@CsvSource({ "WEB_CLIENT, jdk", "WEB_CLIENT, reactor", "REST_CLIENT, jdk", "REST_CLIENT, reactor" })
	void requestsToTheApiPresentTheCertificate(DpopTests.Client client, String library) throws Exception {
		try (ConfigurableApplicationContext context = run("spring.http.clients.reactive.connector=" + library,
				"spring.http.clients.imperative.factory=" + library)) {
			assertThat(client.status(context, this.server.uri("/api/things"))).isEqualTo(200);
			assertThat(this.server.certificates).containsExactly(first.thumbprint(), first.thumbprint());
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "WEB_CLIENT", "REST_CLIENT" })
	void certificateGoesToTheBaseUrlsOnly(DpopTests.Client client) throws Exception {
		try (ConfigurableApplicationContext context = run("spring.http.clients.ssl.bundle=general",
				"spring.ssl.bundle.pem.general.truststore.certificate=" + file("trusted.pem").toUri())) {
			assertThat(client.status(context, this.elsewhere.uri("/api/things"))).isEqualTo(401);
			assertThat(client.status(context, this.server.uri("/other"))).isEqualTo(401);
			assertThat(this.elsewhere.certificates).containsExactly("none");
			assertThat(this.server.certificates).containsExactly("none");
		}
	}

	@ParameterizedTest
	@CsvSource({ "WEB_CLIENT, jdk", "WEB_CLIENT, reactor", "REST_CLIENT, jdk", "REST_CLIENT, reactor" })
	void certificateThatIsReloadedIsPresentedAndItsTokensAreNew(DpopTests.Client client, String library)
			throws Exception {
		try (ConfigurableApplicationContext context = run("spring.http.clients.reactive.connector=" + library,
				"spring.http.clients.imperative.factory=" + library)) {
			assertThat(client.status(context, this.server.uri("/api/things"))).isEqualTo(200);
			this.server.stop();
			this.server.start(second);
			await(context, () -> second.writeKey(file("client.key")));
			await(context, () -> second.writeCertificate(file("client.pem")));
			assertThat(client.status(context, this.server.uri("/api/things"))).isEqualTo(200);
			assertThat(this.server.certificates.subList(2, this.server.certificates.size())).isNotEmpty()
				.containsOnly(second.thumbprint());
		}
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
			.with(PREFIX + "token-uri=" + this.server.uri("/token"), PREFIX + "client-id=app",
					PREFIX + "authorization-grant-type=client_credentials",
					PREFIX + "client-authentication-method=self_signed_tls_client_auth", PREFIX + "ssl-bundle=mine",
					PREFIX + "base-urls=" + this.server.uri("/api"), "spring.ssl.bundle.watch.file.quiet-period=20ms",
					bundle + "truststore.certificate=" + file("trusted.pem").toUri(),
					bundle + "keystore.certificate=" + file("client.pem").toUri(),
					bundle + "keystore.private-key=" + file("client.key").toUri(), bundle + "reload-on-update=true")
			.with(properties)
			.run();
	}

	private Path file(String name) {
		return this.directory.resolve(name);
	}

	/**
	 * Issues tokens to whoever has the certificate, and takes them from the same one. A
	 * client may come without.
	 */
	private static final class Server {

		private final List<String> certificates = new CopyOnWriteArrayList<>();

		private final ECKey key = key();

		private @Nullable HttpsServer server;

		private int port;

		private static ECKey key() {
			try {
				return new ECKeyGenerator(Curve.P_256).generate();
			}
			catch (JOSEException ex) {
				throw new IllegalStateException(ex);
			}
		}

		void start(TestKeys client) {
			try {
				HttpsServer server = HttpsServer
					.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), this.port), 0);
				server.setHttpsConfigurator(new HttpsConfigurator(serverKeys.context(client)) {

					@Override
					public void configure(HttpsParameters parameters) {
						SSLParameters ssl = getSSLContext().getDefaultSSLParameters();
						ssl.setWantClientAuth(true);
						parameters.setSSLParameters(ssl);
					}

				});
				server.createContext("/", this::answer);
				server.start();
				this.port = server.getAddress().getPort();
				this.server = server;
			}
			catch (IOException | GeneralSecurityException ex) {
				throw new IllegalStateException(ex);
			}
		}

		void stop() {
			Objects.requireNonNull(this.server).stop(0);
		}

		URI uri(String path) {
			return URI.create("https://127.0.0.1:" + this.port + path);
		}

		private void answer(HttpExchange exchange) throws IOException {
			try (exchange) {
				String certificate = certificate((HttpsExchange) exchange);
				this.certificates.add(certificate);
				exchange.getRequestBody().readAllBytes();
				if (exchange.getRequestURI().getPath().equals("/token") && !certificate.equals("none")) {
					byte[] tokens = ("{\"access_token\":\"" + token(certificate)
							+ "\",\"token_type\":\"Bearer\",\"expires_in\":300}")
						.getBytes(StandardCharsets.UTF_8);
					exchange.getResponseHeaders().set("Content-Type", "application/json");
					exchange.sendResponseHeaders(200, tokens.length);
					exchange.getResponseBody().write(tokens);
				}
				else if (isBoundTo(certificate, exchange.getRequestHeaders().getFirst("Authorization"))) {
					exchange.sendResponseHeaders(200, -1);
				}
				else {
					exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer error=\"invalid_token\"");
					exchange.sendResponseHeaders(401, -1);
				}
			}
			catch (JOSEException | ParseException | GeneralSecurityException ex) {
				throw new IOException(ex);
			}
		}

		/** RFC 8705 section 3.1. */
		private String token(String certificate) throws JOSEException {
			SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.ES256),
					new JWTClaimsSet.Builder().subject("app").claim("cnf", Map.of("x5t#S256", certificate)).build());
			token.sign(new ECDSASigner(this.key));
			return token.serialize();
		}

		private boolean isBoundTo(String certificate, @Nullable String authorization)
				throws ParseException, JOSEException {
			if (authorization == null || !authorization.startsWith("Bearer ")) {
				return false;
			}
			SignedJWT token = SignedJWT.parse(authorization.substring(7));
			return token.verify(new ECDSAVerifier(this.key)) && certificate
				.equals(Objects.requireNonNull(token.getJWTClaimsSet().getJSONObjectClaim("cnf")).get("x5t#S256"));
		}

		private static String certificate(HttpsExchange exchange) throws GeneralSecurityException {
			try {
				return Base64URL
					.encode(MessageDigest.getInstance("SHA-256")
						.digest(exchange.getSSLSession().getPeerCertificates()[0].getEncoded()))
					.toString();
			}
			catch (SSLPeerUnverifiedException ex) {
				return "none";
			}
		}

	}

}
