package io.github.oauth2pkce.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.KeyPairs;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestApplication;
import io.github.oauth2pkce.testing.TestKeys;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Clients that sign (RFC 7523 section 2.2), at a server that checks all of it and takes
 * no assertion twice.
 */
@ExtendWith(OutputCaptureExtension.class)
class ClientAssertionTests extends AbstractClientAssertionTests {

	@Test
	void authenticatesEveryRequestOfALoginByAnAssertionOfItsOwn() throws Exception {
		KeyPair pair = registered("P-256");
		try (ConfigurableApplicationContext context = run(write(KeyPairs.pkcs8(pair)))) {
			this.server.enqueue(Endpoint.TOKEN, Answer.error(400, "authorization_pending", ""));
			context.getBean(Logins.class).logIn("acme");
			assertThat(token(context)).isInstanceOf(BearerToken.Available.class);
			context.getBean(Logout.class).forget(ACME);
		}
		assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).hasSize(1);
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(3);
		assertThat(this.server.requests(Endpoint.REVOCATION)).isNotEmpty();
		List<JWTClaimsSet> assertions = assertions();
		assertThat(assertions).hasSizeGreaterThan(4).extracting(JWTClaimsSet::getJWTID).doesNotHaveDuplicates();
		assertThat(assertions).allSatisfy((claims) -> {
			assertThat(claims.getAudience()).containsExactly(this.server.issuer());
			assertThat(Duration.between(claims.getIssueTime().toInstant(), claims.getExpirationTime().toInstant()))
				.isEqualTo(Duration.ofSeconds(60));
		});
	}

	@Test
	void tokenRequestThatIsSentAgainHasAnotherAssertion() throws Exception {
		KeyPair pair = registered("P-256");
		try (ConfigurableApplicationContext context = run(write(KeyPairs.pkcs8(pair)), MACHINE)) {
			token(context);
			this.server.enqueue(Endpoint.TOKEN, Answer.status(503));
			token(context);
			assertThat(context.getBean(Credentials.class).status(ACME).lastError()).isEqualTo("http_503");
			token(context);
			assertThat(context.getBean(Credentials.class).status(ACME).lastError()).isNull();
		}
		assertThat(assertions()).hasSize(3).extracting(JWTClaimsSet::getJWTID).doesNotHaveDuplicates();
	}

	@Test
	void requestThatIsRepeatedForANonceHasAnotherAssertion() throws Exception {
		KeyPair pair = registered("P-256");
		this.server.dpop().nonces(() -> "nonce-of-the-moment");
		try (ConfigurableApplicationContext context = run(write(KeyPairs.pkcs8(pair)), MACHINE, PREFIX + "dpop=true")) {
			assertThat(token(context)).isInstanceOf(BearerToken.Available.class);
		}
		assertThat(assertions()).hasSize(2).extracting(JWTClaimsSet::getJWTID).doesNotHaveDuplicates();
	}

	@Test
	void signsByWhatTheServerAnnouncesWhereTheKeyCan() throws Exception {
		KeyPair pair = KeyPairs.generate("RSA");
		this.server.register(FakeClient.signing("app",
				new RSAKey.Builder((RSAKey) KeyPairs.registered(pair)).algorithm(JWSAlgorithm.RS256)
					.build()
					.toJSONString()));
		announce("ES256", "RS256");
		try (ConfigurableApplicationContext context = run(write(KeyPairs.pkcs8(pair)), MACHINE)) {
			assertThat(token(context)).isInstanceOf(BearerToken.Available.class);
		}
	}

	@Test
	void saysWhichAlgorithmsTheServerWantsAndSendsNothing(CapturedOutput output) throws Exception {
		KeyPair pair = registered("P-256");
		announce("PS256", "RS256");
		try (ConfigurableApplicationContext context = run(write(KeyPairs.pkcs8(pair)), MACHINE)) {
			assertThat(token(context)).isInstanceOf(BearerToken.Skipped.class);
		}
		// The log is written by another thread, which is done now.
		assertThat(output.getAll()).contains("ES256", "PS256, RS256", ASSERTION + "algorithm", ASSERTION + "key");
		assertThat(this.server.requests(Endpoint.TOKEN)).isEmpty();
	}

	@Test
	void takesKeyIdAlgorithmAudienceAndLifetimeFromTheConfiguration() throws Exception {
		KeyPair pair = KeyPairs.generate("RSA");
		try (ConfigurableApplicationContext context = run(write(KeyPairs.pkcs8(pair)), MACHINE,
				ASSERTION + "key-id=2026-11", ASSERTION + "algorithm=RS512", ASSERTION + "audience=https://aud.example",
				ASSERTION + "lifetime=2m")) {
			token(context);
		}
		assertThat(headerOf(this.server.requests(Endpoint.TOKEN).get(0))).containsEntry("alg", "RS512")
			.containsEntry("kid", "2026-11");
		assertThat(assertions()).singleElement().satisfies((claims) -> {
			assertThat(claims.getAudience()).containsExactly("https://aud.example");
			assertThat(Duration.between(claims.getIssueTime().toInstant(), claims.getExpirationTime().toInstant()))
				.isEqualTo(Duration.ofMinutes(2));
		});
	}

	@Test
	void audienceIsTheTokenEndpointWhereNoIssuerIsKnown() throws Exception {
		KeyPair pair = KeyPairs.generate("P-256");
		String tokenUri = this.server.uri(Endpoint.TOKEN).toString();
		try (ConfigurableApplicationContext context = run(write(KeyPairs.pkcs8(pair)), MACHINE, PREFIX + "issuer-uri=",
				PREFIX + "token-uri=" + tokenUri)) {
			token(context);
		}
		assertThat(assertions()).singleElement()
			.satisfies((claims) -> assertThat(claims.getAudience()).containsExactly(tokenUri));
	}

	@ParameterizedTest
	@CsvSource({ "32, HS256", "48, HS384", "64, HS512" })
	void secretSignsByAnAlgorithmOfItsLength(int length, String algorithm) throws Exception {
		String secret = "s".repeat(length);
		this.server.register(FakeClient.confidential("app", secret).authenticatingWith("client_secret_jwt"));
		try (ConfigurableApplicationContext context = application(MACHINE, PREFIX + "client-secret=" + secret,
				PREFIX + "client-authentication-method=client_secret_jwt")
			.run()) {
			assertThat(token(context)).isInstanceOf(BearerToken.Available.class);
		}
		RecordedRequest request = this.server.requests(Endpoint.TOKEN).get(0);
		assertThat(headerOf(request)).containsEntry("alg", algorithm);
		assertThat(request.contains(secret)).isFalse();
	}

	@Test
	void assertionThatTheServerRepeatsIsInNoMessage(CapturedOutput output) throws Exception {
		registered("P-256");
		try (ConfigurableApplicationContext context = run(write(KeyPairs.pkcs8(KeyPairs.generate("P-256"))), MACHINE)) {
			assertThat(token(context)).isInstanceOf(BearerToken.Skipped.class);
		}
		assertThat(output.getAll()).contains("invalid_client: kid is ", " in ***")
			.doesNotContain(String.valueOf(this.server.requests(Endpoint.TOKEN).get(0).parameter("client_assertion")));
	}

	@Test
	void keyIsReadAgainWhenItsFileChangesAndABadOneLeavesTheOldInUse(CapturedOutput output) throws Exception {
		KeyPair first = registered("P-256");
		Path file = write(KeyPairs.pkcs8(first));
		try (ConfigurableApplicationContext context = run(file, MACHINE)) {
			assertThat(token(context)).isInstanceOf(BearerToken.Available.class);
			// Each of these refreshes, and an error would show.
			replace(file, "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\n-----END PRIVATE KEY-----\n");
			assertThat(token(context)).isInstanceOf(BearerToken.Available.class);
			assertThat(token(context)).isInstanceOf(BearerToken.Available.class);
			assertThat(output.getAll().split("cannot be used, so the old one stays in use", -1)).hasSize(2);
			assertThat(output).doesNotContain("MIGHAgEAMBMGByqGSM49AgEG");
			KeyPair second = registered("RSA");
			replace(file, KeyPairs.pkcs8(second));
			assertThat(token(context)).isInstanceOf(BearerToken.Available.class);
		}
	}

	@Test
	void exchangeOfTheKeyUnderLoadFailsNoRequest() throws Exception {
		List<KeyPair> pairs = List.of(KeyPairs.generate("P-256"), KeyPairs.generate("RSA"));
		Path file = write(KeyPairs.pkcs8(pairs.get(0)));
		TestApplication application = application();
		List<CredentialId> robots = IntStream.range(0, 4)
			.mapToObj((i) -> CredentialId.ofApplication("robot" + i))
			.toList();
		for (CredentialId robot : robots) {
			this.server
				.register(FakeClient.signing(robot.providerId(), KeyPairs.registered(pairs.get(0)).toJSONString(),
						KeyPairs.registered(pairs.get(1)).toJSONString()));
			String prefix = "oauth2.pkce.providers." + robot.providerId() + ".";
			application.with(prefix + "issuer-uri=" + this.server.issuer(), prefix + "client-id=" + robot.providerId(),
					prefix + "authorization-grant-type=client_credentials", prefix + "client-assertion.key=" + file);
		}
		ExecutorService callers = Executors.newFixedThreadPool(robots.size());
		try (ConfigurableApplicationContext context = application.run()) {
			Credentials credentials = context.getBean(Credentials.class);
			List<CompletableFuture<Boolean>> calls = robots.stream()
				.map((robot) -> CompletableFuture
					.supplyAsync(() -> IntStream.range(0, 25).allMatch((n) -> refreshed(credentials, robot)), callers))
				.toList();
			for (int n = 0; n < 20; n++) {
				replace(file, KeyPairs.pkcs8(pairs.get(n % 2)));
			}
			assertThat(calls).allMatch(CompletableFuture::join);
		}
		finally {
			callers.shutdownNow();
		}
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(100);
	}

	private static boolean refreshed(Credentials credentials, CredentialId id) {
		boolean first = credentials.status(id).expiresAt() == null;
		credentials.current(id, first ? RefreshTrigger.EXPIRY : RefreshTrigger.MANUAL).toCompletableFuture().join();
		return credentials.status(id).lastError() == null;
	}

	private KeyPair registered(String kind) {
		KeyPair pair = KeyPairs.generate(kind);
		this.server.register(FakeClient.signing("app", KeyPairs.registered(pair).toJSONString()));
		return pair;
	}

	private void announce(String... algorithms) {
		this.server.discovery().document().put("token_endpoint_auth_signing_alg_values_supported", List.of(algorithms));
	}

	private List<JWTClaimsSet> assertions() {
		return this.server.requests()
			.stream()
			.filter((request) -> "POST".equals(request.method()))
			.map(ClientAssertionTests::claimsOf)
			.toList();
	}

	private static JWTClaimsSet claimsOf(RecordedRequest request) {
		try {
			return SignedJWT.parse(request.parameter("client_assertion")).getJWTClaimsSet();
		}
		catch (ParseException ex) {
			throw new IllegalArgumentException(ex);
		}
	}

	private static Map<String, Object> headerOf(RecordedRequest request) throws ParseException {
		return SignedJWT.parse(request.parameter("client_assertion")).getHeader().toJSONObject();
	}

	private Path write(String content) throws IOException {
		return Files.writeString(this.directory.resolve("key"), content);
	}

	private static void replace(Path file, String content) {
		TestKeys.replace(file, (target) -> Files.writeString(target, content));
	}

	private ConfigurableApplicationContext run(Path key, String... properties) {
		return application(ASSERTION + "key=" + key, PREFIX + "client-authentication-method=private_key_jwt")
			.with(properties)
			.run();
	}

}
