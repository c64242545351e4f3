package io.github.oauth2pkce.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Assertion;
import io.github.oauth2pkce.authentication.ClientKey;
import io.github.oauth2pkce.authentication.PrivateKeyJwt;
import io.github.oauth2pkce.configuration.InvalidPropertyException;
import io.github.oauth2pkce.discovery.AuthorizationServerMetadata;
import io.github.oauth2pkce.source.ForeignTokens;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.KeyPairs;
import io.github.oauth2pkce.testing.TestKeys;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.TokenEndpoint;

import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.unit.DataSize;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/** Private keys in all the forms in which people have them. */
@Timeout(60)
class KeyFilesTests {

	private static final String PASSWORD = "pass word";

	private static final String KEY = "oauth2.pkce.providers.acme.client-assertion.key";

	private final KeyFiles keys = new KeyFiles(new DefaultResourceLoader(), null);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@AfterEach
	void stop() {
		this.server.close();
	}

	static Stream<Arguments> files() {
		return Stream.of(file("P-256 as PKCS#8", "P-256", "ES256", KeyPairs::pkcs8),
				file("P-384 as PKCS#8", "P-384", "ES384", KeyPairs::pkcs8),
				file("P-521 as PKCS#8", "P-521", "ES512", KeyPairs::pkcs8),
				file("P-256 as SEC1", "P-256", "ES256", (pair) -> KeyPairs.sec1(pair, true)),
				file("P-256 as SEC1 without its public key", "P-256", "ES256", (pair) -> KeyPairs.sec1(pair, false)),
				file("P-256 as JWK", "P-256", "ES256", (pair) -> KeyPairs.jwk(pair).toJSONString()),
				file("P-256 encrypted", "P-256", "ES256", (pair) -> KeyPairs.encrypted(pair, PASSWORD)),
				file("RSA as PKCS#8", "RSA", "PS256", KeyPairs::pkcs8),
				file("RSA as PKCS#1", "RSA", "PS256", KeyPairs::pkcs1),
				file("RSA as JWK", "RSA", "PS256", (pair) -> KeyPairs.jwk(pair).toJSONString()),
				file("Ed25519 as PKCS#8", "Ed25519", "EdDSA", KeyPairs::pkcs8),
				file("Ed25519 as JWK", "Ed25519", "EdDSA", (pair) -> KeyPairs.jwk(pair).toJSONString()));
	}

	private static Arguments file(String name, String kind, String algorithm, Function<KeyPair, String> form) {
		return Arguments.argumentSet(name, kind, algorithm, form);
	}

	@ParameterizedTest
	@MethodSource("files")
	void keySignsByItsAlgorithmWhateverFileItIsIn(String kind, String algorithm, Function<KeyPair, String> form) {
		KeyPair pair = KeyPairs.generate(kind);
		this.server.register(FakeClient.signing("app", KeyPairs.registered(pair, algorithm).toJSONString()));
		requestToken(write(form.apply(pair)));
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(1);
	}

	@Test
	void keyMayBeTheValueOfTheProperty() {
		KeyPair pair = KeyPairs.generate("P-256");
		this.server.register(FakeClient.signing("app", KeyPairs.registered(pair).toJSONString()));
		requestToken(KeyPairs.pkcs8(pair));
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(1);
	}

	@Test
	void idAndAlgorithmOfAJwkAreItsOwn() {
		ClientKey key = this.keys
			.of(provider(write(new ECKey.Builder((ECKey) KeyPairs.jwk(KeyPairs.generate("P-256"))).keyID("mine")
				.algorithm(JWSAlgorithm.ES256)
				.build()
				.toJSONString())));
		assertThat(key.id()).isEqualTo("mine");
		assertThat(key.algorithms()).containsExactly("ES256");
	}

	@Test
	void publicKeyHasNothingOfThePrivateOne() {
		ClientKey key = this.keys.of(provider(write(KeyPairs.pkcs8(KeyPairs.generate("RSA")))));
		assertThat(key.publicJwk()).containsOnlyKeys("kty", "n", "e", "kid", "use");
	}

	static Stream<Arguments> wrong() {
		KeyPair pair = KeyPairs.generate("P-256");
		ECKey jwk = (ECKey) KeyPairs.jwk(pair);
		return Stream.of(Arguments.of("", "holds no private key"),
				Arguments.of("-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\n-----END PRIVATE KEY-----",
						"holds no private key that can be read"),
				Arguments.of("{\"kty\":\"EC\"}", "is not a JWK that can be read"),
				Arguments.of(jwk.toPublicJWK().toJSONString(), "has only a public key"),
				Arguments.of(new ECKey.Builder(jwk).keyUse(KeyUse.ENCRYPTION).build().toJSONString(),
						"is a key for encryption"),
				Arguments.of(new OctetSequenceKey.Builder(new byte[64]).build().toJSONString(), "is a shared secret"),
				Arguments.of(KeyPairs.encrypted(pair, "another"),
						"cannot be decrypted with oauth2.pkce.providers.acme.client-assertion.key-password"),
				Arguments
					.of("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n"
							+ "-----END RSA PRIVATE KEY-----", "openssl pkcs8 -topk8"));
	}

	@ParameterizedTest
	@MethodSource("wrong")
	void badKeyIsNamedAndNotShown(String content, String problem) {
		assertThatExceptionOfType(InvalidPropertyException.class)
			.isThrownBy(() -> this.keys.check(provider(write(content))))
			.withMessageContaining("The property " + KEY + " = \"")
			.withMessageContaining(problem)
			.satisfies((ex) -> content.lines()
				.filter((line) -> line.length() > 12)
				.forEach((line) -> assertThat(ex.toString()).doesNotContain(line)));
	}

	@Test
	void shortKeyIsRefused() throws GeneralSecurityException {
		KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
		generator.initialize(1024);
		String location = write(KeyPairs.pkcs8(generator.generateKeyPair()));
		assertThatExceptionOfType(InvalidPropertyException.class).isThrownBy(() -> this.keys.check(provider(location)))
			.withMessageContaining("is an RSA key of 1024 bits, which is too short");
	}

	@Test
	void missingFileIsNamed() {
		assertThatExceptionOfType(InvalidPropertyException.class)
			.isThrownBy(() -> this.keys.check(provider(this.directory.resolve("missing.pem").toString())))
			.withMessageContaining("missing.pem\" cannot be read");
	}

	/** Read for each signature, and while others wait. */
	@ParameterizedTest
	@CsvSource({ "http://127.0.0.1:1/key?token=hunter2, is at an address",
			"https://hunter2@127.0.0.1:1/key, is at an address", "/dev/zero, is not a regular file",
			"file:/dev/zero, is not a regular file", "jar:file:/missing.jar!/key, is at an address" })
	void keyIsNeitherFetchedNorReadWithoutEnd(String location, String problem) {
		assertThatExceptionOfType(InvalidPropertyException.class).isThrownBy(() -> this.keys.check(provider(location)))
			.withMessageContaining(KEY)
			.withMessageContaining(problem)
			.withMessageNotContaining("hunter2");
	}

	@Test
	void fileThatIsTooLargeForAKeyIsNotRead() {
		String location = write(KeyPairs.pkcs8(KeyPairs.generate("P-256")) + " ".repeat(64 * 1024));
		assertThatExceptionOfType(InvalidPropertyException.class).isThrownBy(() -> this.keys.check(provider(location)))
			.withMessageContaining("is larger than 64 KB");
	}

	@Test
	void keyMayBeInBase64() {
		String content = KeyPairs.pkcs8(KeyPairs.generate("P-256"));
		String location = "base64:" + Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8));
		assertThat(this.keys.of(provider(location)).id()).isEqualTo(this.keys.of(provider(content)).id());
	}

	@Test
	void newKeyThatDoesNotFitTheAlgorithmLeavesTheOldOneInUse() {
		Provider provider = provider(new Assertion(write(KeyPairs.pkcs8(KeyPairs.generate("P-256"))), null, "ES256",
				null, null, minute(), null, null));
		this.keys.check(provider);
		String id = this.keys.of(provider).id();
		write(KeyPairs.pkcs8(KeyPairs.generate("RSA")));
		assertThat(this.keys.of(provider).id()).isEqualTo(id);
	}

	@Test
	void badKeyInThePropertyItselfIsNotShown() {
		String content = KeyPairs.pkcs8(KeyPairs.generate("P-256"));
		assertThatExceptionOfType(InvalidPropertyException.class)
			.isThrownBy(() -> this.keys.check(provider(content.substring(0, 100))))
			.withMessage("The property " + KEY + " holds no private key that can be read.");
	}

	/** A secret of the environment often has only the middle of a PEM file. */
	@ParameterizedTest
	@ValueSource(ints = { 24, 60, 200, 5000 })
	void keyWithoutItsArmourIsNotShown(int length) {
		String content = KeyPairs.pkcs8(KeyPairs.generate("RSA")).lines().skip(1).collect(Collectors.joining());
		String bare = content.substring(0, Math.min(length, content.indexOf('-')));
		assertThatExceptionOfType(InvalidPropertyException.class).isThrownBy(() -> this.keys.check(provider(bare)))
			.withMessageStartingWith("The property " + KEY + " cannot be read")
			.satisfies((ex) -> assertThat(ex.action()).contains("base64:", "PEM", "JWK"));
	}

	@Test
	void algorithmHasToFitTheKey() {
		Provider provider = provider(new Assertion(write(KeyPairs.pkcs8(KeyPairs.generate("P-256"))), null, "RS256",
				null, null, minute(), null, null));
		assertThatExceptionOfType(InvalidPropertyException.class).isThrownBy(() -> this.keys.check(provider))
			.withMessageContaining("client-assertion.algorithm = \"RS256\" does not fit the key")
			.satisfies((ex) -> assertThat(ex.action()).contains("ES256"));
	}

	@Test
	void printsNoKey() {
		String content = KeyPairs.pkcs8(KeyPairs.generate("P-256"));
		Provider provider = provider(content);
		assertThat(this.keys.of(provider) + " " + provider + provider.client() + provider.client().assertion())
			.doesNotContain(content.substring(40, 70))
			.doesNotContain(PASSWORD);
	}

	@Test
	void keyOfTheBundleSignsAndNamesItsCertificate() throws Exception {
		TestKeys first = TestKeys.generate(this.directory, "first");
		TestKeys second = TestKeys.generate(this.directory, "second");
		DefaultSslBundleRegistry bundles = new DefaultSslBundleRegistry("mine", bundle(first));
		KeyFiles files = new KeyFiles(new DefaultResourceLoader(), bundles);
		Provider provider = Provider.withId("acme", "app")
			.clientAuthenticationMethod(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
			.sslBundle("mine")
			.build();
		files.check(provider);
		String id = files.of(provider).id();
		assertThat(files.of(provider).publicJwk()).containsEntry("crv", "P-256").containsEntry("kid", id);
		bundles.updateBundle("mine", bundle(second));
		assertThat(files.of(provider).id()).isNotEqualTo(id);
		bundles.updateBundle("mine", SslBundle.of(SslStoreBundle.NONE));
		String kept = files.of(provider).id();
		bundles.updateBundle("mine", bundle(second));
		assertThat(files.of(provider).id()).isEqualTo(kept);
	}

	/** It is for TLS to say what it can use. */
	@ParameterizedTest
	@CsvSource({ "RSA, -keysize, 1024", "EdDSA, -groupname, Ed448" })
	void certificateOfAConnectionMayHaveAKeyThatSignsNoAssertion(String algorithm, String option, String kind)
			throws Exception {
		TestKeys keys = TestKeys.generate(this.directory, "tls", algorithm, option, kind);
		DefaultSslBundleRegistry bundles = new DefaultSslBundleRegistry("mine", bundle(keys));
		assertThatNoException()
			.isThrownBy(() -> new KeyFiles(new DefaultResourceLoader(), bundles).check(Provider.withId("acme", "app")
				.clientAuthenticationMethod(ClientAuthenticationMethod.TLS_CLIENT_AUTH)
				.sslBundle("mine")
				.build()));
	}

	private SslBundle bundle(TestKeys keys) throws IOException {
		keys.writeKey(this.directory.resolve("tls.key"));
		keys.writeCertificate(this.directory.resolve("tls.crt"));
		return SslBundle.of(new PemSslStoreBundle(
				PemSslStoreDetails.forCertificate(Files.readString(this.directory.resolve("tls.crt")))
					.withPrivateKey(Files.readString(this.directory.resolve("tls.key"))),
				null));
	}

	private void requestToken(String location) {
		AuthorizationServerClient client = new AuthorizationServerClient((provider) -> WebClient.create(),
				List.of(new PrivateKeyJwt(this.keys, (provider) -> AuthorizationServerMetadata.NONE, Clock.systemUTC(),
						() -> new ForeignTokens(List.of(), Clock.systemUTC()))),
				Duration.ofSeconds(20), DataSize.ofMegabytes(1));
		assertThat(new TokenEndpoint(client)
			.request(provider(location), this.server.uri(Endpoint.TOKEN), AuthorizationGrantType.CLIENT_CREDENTIALS,
					new LinkedMultiValueMap<>())
			.accessToken()).isNotEmpty();
	}

	private Provider provider(String location) {
		return provider(new Assertion(location, PASSWORD, null, null, null, minute(), null, null));
	}

	private Provider provider(Assertion assertion) {
		return Provider.withId("acme", "app").issuerUri(this.server.issuer()).assertion(assertion).build();
	}

	private static Duration minute() {
		return Duration.ofMinutes(1);
	}

	private String write(String content) {
		try {
			return Files.writeString(this.directory.resolve("key"), content).toString();
		}
		catch (IOException ex) {
			throw new java.io.UncheckedIOException(ex);
		}
	}

}
