package io.github.oauth2pkce.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.source.ForeignTokenException;
import io.github.oauth2pkce.refresh.CredentialStatus;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.source.SubjectTokenSource;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.ForwardingTokenStore;
import io.github.oauth2pkce.testing.KeyPairs;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestKeys;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Clients for which a platform signs (RFC 7523 section 2.2): a file that it replaces, or
 * a bean, at a server that takes no assertion twice.
 */
class ForeignAssertionTests extends AbstractClientAssertionTests {

	private static Supplier<String> platform = () -> "";

	private static final AtomicBoolean locked = new AtomicBoolean();

	private static Runnable onLock = () -> {
	};

	private final KeyPair pair = KeyPairs.generate("P-256");

	@BeforeEach
	void register() {
		onLock = () -> {
		};
		this.server.register(FakeClient.signing("app", KeyPairs.registered(this.pair).toJSONString()));
	}

	@Test
	void fileIsReadForEachRequestAndShownAsItIs() throws Exception {
		Path file = this.directory.resolve("token");
		String first = assertion();
		Files.writeString(file, first + "\n");
		try (ConfigurableApplicationContext context = run(ASSERTION + "file=" + file, MACHINE)) {
			token(context);
			String second = assertion();
			TestKeys.replace(file, (target) -> Files.writeString(target, second));
			token(context);
			assertThat(context.getBean(Credentials.class).status(ACME).lastError()).isNull();
			assertThat(this.server.requests(Endpoint.TOKEN))
				.extracting((request) -> request.parameter("client_assertion"))
				.containsExactly(first, second);
		}
	}

	@Test
	void missingFileIsSaidAndNothingIsSent() throws Exception {
		try (ConfigurableApplicationContext context = run(ASSERTION + "file=" + this.directory.resolve("missing"),
				MACHINE)) {
			token(context);
			assertThat(context.getBean(Credentials.class).status(ACME).lastError()).isEqualTo("subject_token_missing");
		}
		assertThat(this.server.requests(Endpoint.TOKEN)).isEmpty();
	}

	@Test
	void loginWithoutAnAssertionNamesWhereItWasLookedFor() throws Exception {
		Path missing = this.directory.resolve("missing");
		try (ConfigurableApplicationContext context = run(ASSERTION + "file=" + missing)) {
			assertThatExceptionOfType(LoginException.class)
				.isThrownBy(() -> context.getBean(Logins.class).logIn("acme"))
				.withMessageContaining("the file '" + missing + "'")
				.withMessageContaining(ASSERTION + "file");
		}
	}

	@Test
	void sourceThatRefusesIsLeftAlone() throws Exception {
		AtomicInteger asked = new AtomicInteger();
		platform = () -> {
			asked.incrementAndGet();
			ForeignToken token = new ForeignToken(Source.BEAN, "platform", ForeignToken.JWT, "client-assertion.bean");
			throw ForeignTokenException.refused(token, "its endpoint answered HTTP 403");
		};
		try (ConfigurableApplicationContext context = run(ASSERTION + "bean=platform", MACHINE)) {
			token(context);
			token(context);
			CredentialStatus status = context.getBean(Credentials.class).status(ACME);
			assertThat(status.lastError()).isEqualTo("subject_token_missing");
			assertThat(status.nextAttemptAt()).isNotNull();
		}
		assertThat(asked).hasValue(1);
	}

	@Test
	void logoutWithoutAnAssertionAsksForItOnceAndForgets() throws Exception {
		AtomicInteger asked = new AtomicInteger();
		platform = this::assertion;
		try (ConfigurableApplicationContext context = run(ASSERTION + "bean=platform")) {
			context.getBean(Logins.class).logIn("acme");
			platform = () -> {
				asked.incrementAndGet();
				throw new LinkageError("S3CRET");
			};
			Logout.Result result = context.getBean(Logout.class).logOut(ACME);
			assertThat(result.forgotten()).isTrue();
			assertThat(result.revoked()).isFalse();
			assertThat(result.problem()).endsWith("it failed (LinkageError)");
		}
		assertThat(asked).hasValue(1);
		assertThat(this.server.requests(Endpoint.REVOCATION)).isEmpty();
	}

	@Test
	void sourceIsAskedForEachRequestAndNeverUnderALock() throws Exception {
		AtomicBoolean askedUnderALock = new AtomicBoolean();
		platform = () -> {
			askedUnderALock.compareAndSet(false, locked.get());
			return assertion();
		};
		try (ConfigurableApplicationContext context = run(ASSERTION + "bean=platform")) {
			context.getBean(Logins.class).logIn("acme");
			token(context);
			assertThat(this.server.refreshesGranted()).isEqualTo(1);
			context.getBean(Logout.class).forget(ACME);
		}
		assertThat(askedUnderALock).isFalse();
		List<String> shown = this.server.requests()
			.stream()
			.filter((request) -> "POST".equals(request.method()))
			.map((request) -> Objects.requireNonNull(request.parameter("client_assertion")))
			.toList();
		assertThat(shown).hasSizeGreaterThan(3).doesNotHaveDuplicates();
		assertThat(this.server.requests(Endpoint.REVOCATION)).extracting(RecordedRequest::clientId)
			.containsExactly("app");
	}

	/** A file may be on a share that hangs. */
	@Test
	void keyIsReadBeforeTheLoginIsLocked() throws Exception {
		String known = KeyPairs.pkcs8(this.pair);
		String unknown = KeyPairs.pkcs8(KeyPairs.generate("P-256"));
		Path key = Files.writeString(this.directory.resolve("key.pem"), known);
		try (ConfigurableApplicationContext context = run(ASSERTION + "key=" + key)) {
			context.getBean(Logins.class).logIn("acme");
			onLock = () -> TestKeys.replace(key, (file) -> Files.writeString(file, unknown));
			token(context);
			assertThat(context.getBean(Credentials.class).status(ACME).lastError()).isNull();
			TestKeys.replace(key, (file) -> Files.writeString(file, known));
			assertThat(context.getBean(Logout.class).logOut(ACME).revoked()).isTrue();
		}
	}

	@Test
	void requestThatIsRepeatedForANonceHasAnotherAssertion() throws Exception {
		this.server.dpop().nonces(() -> "nonce-of-the-moment");
		platform = this::assertion;
		try (ConfigurableApplicationContext context = run(ASSERTION + "bean=platform", MACHINE, PREFIX + "dpop=true")) {
			token(context);
			assertThat(context.getBean(Credentials.class).status(ACME).lastError()).isNull();
		}
		assertThat(this.server.requests(Endpoint.TOKEN)).extracting((request) -> request.parameter("client_assertion"))
			.hasSize(2)
			.doesNotHaveDuplicates();
	}

	@Test
	void requestIsNotRepeatedForANonceWithoutAnotherAssertion() throws Exception {
		this.server.dpop().nonces(() -> "nonce-of-the-moment");
		Iterator<String> only = List.of(assertion()).iterator();
		platform = only::next;
		try (ConfigurableApplicationContext context = run(ASSERTION + "bean=platform", MACHINE, PREFIX + "dpop=true")) {
			token(context);
			assertThat(context.getBean(Credentials.class).status(ACME).lastError()).isEqualTo("use_dpop_nonce");
		}
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(1);
	}

	private String assertion() {
		try {
			ECKey key = (ECKey) KeyPairs.jwk(this.pair);
			Instant now = Instant.now();
			SignedJWT jwt = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
					new JWTClaimsSet.Builder().issuer("app")
						.subject("app")
						.audience(this.server.issuer())
						.jwtID(UUID.randomUUID().toString())
						.issueTime(Date.from(now))
						.expirationTime(Date.from(now.plusSeconds(60)))
						.build());
			jwt.sign(new ECDSASigner(key));
			return jwt.serialize();
		}
		catch (JOSEException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private ConfigurableApplicationContext run(String... properties) {
		return application(properties).with(Platform.class).run();
	}

	@Configuration(proxyBeanMethods = false)
	static class Platform {

		@Bean
		SubjectTokenSource platform() {
			return (context) -> platform.get();
		}

		/** Notices whether the login's lock is held. */
		@Bean
		TokenStore watchedStore() {
			return new ForwardingTokenStore(new MemoryTokenStore()) {

				@Override
				public Lock lock(CredentialId id, Duration timeout) {
					Lock lock = super.lock(id, timeout);
					if (!id.equals(ACME)) {
						return lock;
					}
					locked.set(true);
					onLock.run();
					return new Lock() {

						@Override
						public boolean isHeld() {
							return lock.isHeld();
						}

						@Override
						public void close() {
							locked.set(false);
							lock.close();
						}

					};
				}

			};
		}

	}

}
