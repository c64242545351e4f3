package io.github.oauth2pkce.registration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.registration.ResourceFirstWorld.Application;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeResource;
import io.github.oauth2pkce.testing.LogCapture;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/** What a login by resource keeps to itself, and what it survives. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class ResourceFirstSafetyTests {

	private static final String TOOLS = "oauth2.pkce.providers.tools.";

	private static final CredentialId ID = CredentialId.ofApplication("tools");

	private final ResourceFirstWorld world = new ResourceFirstWorld();

	private final FakeAuthorizationServer server = this.world.server;

	private final FakeAuthorizationServer api = this.world.api;

	private final FakeResource resource = this.world.resource;

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@AfterEach
	void stop() {
		this.world.close();
	}

	@Test
	void noSecretOfARegistrationIsPrintedOrReadable(CapturedOutput output) {
		this.server.registration()
			.manage(true)
			.authenticationMethod("client_secret_post")
			.initialAccessToken("initial-access-token");
		this.world.in(this.directory).with(TOOLS + "registration.initial-access-token=initial-access-token");
		try (LogCapture log = LogCapture.of("io.github.oauth2pkce", Level.TRACE);
				Application application = this.world.start()) {
			log.attach();
			application.logIn();
			application.call(this.resource.uri());
			this.server.forgetClients();
			this.server.invalidateAccessTokens();
			application.call(this.resource.uri());
			application.logIn();
			String printed = output.getAll() + log.events() + application.context.getBean(Credentials.class).find(ID);
			assertThat(this.server.issuedSecrets()).hasSizeGreaterThan(10)
				.allSatisfy((secret) -> assertThat(printed).doesNotContain(secret));
		}
		String stored = stored();
		assertThat(stored).isNotEmpty();
		assertThat(this.server.issuedSecrets()).allSatisfy((secret) -> assertThat(stored).doesNotContain(secret));
	}

	/** A code of a server that is not the one we asked goes nowhere (RFC 9207). */
	@ParameterizedTest
	@ValueSource(strings = { "https://evil.example", "{server}/", "" })
	void codeOfAnotherServerIsNotRedeemed(String iss) {
		this.world.with("oauth2.pkce.login.timeout=1s");
		this.server.authorization().iss(iss.replace("{server}", this.server.issuer()));
		assertThat(this.world.failure()).isNotNull();
		assertThat(this.server.requests(Endpoint.TOKEN)).isEmpty();
	}

	@Test
	void logoutDeletesTheRegistrationAfterTheTokens() {
		this.world.in(this.directory);
		this.server.registration().manage(true);
		try (Application application = this.world.start()) {
			application.logIn();
			assertThat(application.context.getBean(Logout.class).logOut(ID).revoked()).isTrue();
			assertThat(this.server.requests(Endpoint.CLIENT_CONFIGURATION)).extracting((request) -> request.method())
				.containsExactly("DELETE");
			assertThat(this.server.requests(Endpoint.CLIENT_CONFIGURATION).get(0).order())
				.isGreaterThan(this.server.requests(Endpoint.REVOCATION).get(0).order());
			application.logIn();
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(2);
	}

	/** RFC 7592 section 2.3 allows for most of them. */
	@ParameterizedTest
	@ValueSource(ints = { 401, 403, 404, 405, 500, 503 })
	void logoutSucceedsWhateverTheServerSaysOfTheRegistration(int status) {
		this.server.registration().manage(true);
		this.server.answerAlways(Endpoint.CLIENT_CONFIGURATION, Answer.status(status));
		try (Application application = this.world.start()) {
			application.logIn();
			assertThat(application.context.getBean(Logout.class).logOut(ID).forgotten()).isTrue();
			application.logIn();
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(2);
	}

	@Test
	void logoutAfterTheServerHasMovedGoesToTheOldOne() {
		this.server.registration().manage(true);
		try (FakeAuthorizationServer moved = FakeAuthorizationServer.start();
				Application application = this.world.start()) {
			application.logIn();
			this.resource.authorizedBy(moved);
			application.call(this.resource.uri());
			assertThat(application.context.getBean(Logout.class).logOut(ID).revoked()).isTrue();
			assertThat(this.server.requests(Endpoint.CLIENT_CONFIGURATION)).hasSize(1);
			assertThat(moved.requests()).isEmpty();
		}
	}

	/** By mistake, for a minute: no reason to lose a login. */
	@Test
	void resourceThatNamesAnotherServerForAWhileCostsNoLogin() {
		this.world.in(this.directory);
		try (FakeAuthorizationServer other = FakeAuthorizationServer.start()) {
			try (Application application = this.world.start()) {
				application.logIn();
				this.resource.authorizedBy(other);
				assertThat(application.call(this.resource.uri())).isEqualTo(401);
			}
			this.resource.authorizedBy(this.server);
			try (Application application = this.world.start()) {
				assertThat(application.call(this.resource.uri())).isEqualTo(200);
			}
			assertThat(other.requests()).isEmpty();
		}
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(1);
	}

	/** The record knows all that a refresh needs. */
	@ParameterizedTest
	@CsvSource({ "404, ", "500, <html>", "200, {}", "200, '{\"resource\":\"https://evil.example\"}'", "302, " })
	void metadataThatGoesAwayCostsNoLogin(int status, String body) {
		this.world.in(this.directory);
		try (Application application = this.world.start()) {
			application.logIn();
		}
		this.api.answerAlways(Endpoint.RESOURCE_METADATA, Answer.json(status, (body != null) ? body : ""));
		this.server.invalidateAccessTokens();
		try (Application application = this.world.start()) {
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
			this.server.invalidateAccessTokens();
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
		}
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(1);
	}

	/** The refresh does not need it. */
	@Test
	void metadataThatHangsHoldsUpNoRefresh() {
		CountDownLatch never = new CountDownLatch(1);
		try (Application application = this.world.start()) {
			application.logIn();
			this.api.answerAlways(Endpoint.RESOURCE_METADATA, Answer.normally().processedAfter(never));
			this.server.invalidateAccessTokens();
			Instant start = Instant.now();
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
			assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(10));
		}
		finally {
			never.countDown();
		}
	}

	/** Every answer of it would have its documents read again. */
	@Test
	void resourceThatRefusesForEverIsNotAskedForItsMetadataEachTime() {
		try (Application application = this.world.start()) {
			application.logIn();
			this.api.answerAlways(Endpoint.RESOURCE,
					Answer.status(401).withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\""));
			for (int i = 0; i < 20; i++) {
				assertThat(application.call(this.resource.uri())).isEqualTo(401);
			}
		}
		assertThat(this.server.refreshRequests()).isLessThan(5);
		assertThat(this.api.requests(Endpoint.RESOURCE_METADATA)).hasSizeLessThan(10);
	}

	@Test
	void manyCallsAfterARestartShareOneRefresh() {
		this.world.in(this.directory);
		try (Application application = this.world.start()) {
			application.logIn();
		}
		this.server.invalidateAccessTokens();
		try (Application application = this.world.start()) {
			List<CompletableFuture<Integer>> calls = IntStream.range(0, 64)
				.mapToObj((i) -> CompletableFuture.supplyAsync(() -> application.call(this.resource.uri()),
						(task) -> new Thread(task).start()))
				.toList();
			assertThat(calls).allSatisfy((call) -> assertThat(call.join()).isEqualTo(200));
		}
		assertThat(this.server.refreshRequests()).isEqualTo(1);
	}

	@Test
	void damagedRegistrationIsReplaced() throws IOException {
		this.world.in(this.directory);
		try (Application application = this.world.start()) {
			application.logIn();
		}
		for (Path file : files()) {
			if (!file.endsWith("encryption.key")) {
				Files.writeString(file, "damaged");
			}
		}
		try (Application application = this.world.start()) {
			application.logIn();
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(2);
	}

	@Test
	void providersOfOneServerKeepTheirLoginsApart() {
		FakeResource files = this.api.protectedResource("/files").authorizedBy(this.server);
		this.world.with("oauth2.pkce.providers.files.resource-uri=" + files.uri());
		try (Application application = this.world.start()) {
			application.logIn();
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
			assertThat(application.call(files.uri())).isEqualTo(401);
			application.context.getBean(Logins.class).logIn("files");
			assertThat(application.call(files.uri())).isEqualTo(200);
		}
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).extracting((request) -> request.parameter("resource"))
			.containsExactly(this.resource.uri().toString(), files.uri().toString());
	}

	/** The login of one path is nothing to another, whoever changes the configuration. */
	@ParameterizedTest
	@ValueSource(strings = { "resource-uri={api}/other", "issuer-uri={other}", "client-id=by-hand" })
	void changedConfigurationSendsNothingOfTheOldLogin(String property) {
		this.world.in(this.directory);
		try (FakeAuthorizationServer other = FakeAuthorizationServer.start()) {
			this.api.protectedResource("/other").authorizedBy(this.server);
			try (Application application = this.world.start()) {
				application.logIn();
			}
			this.world.with(TOOLS + property.replace("{api}", this.api.issuer()).replace("{other}", other.issuer()));
			int before = this.server.requests(Endpoint.TOKEN).size();
			try (Application application = this.world.start()) {
				application.call(this.resource.uri());
				application.call(this.api.uri("/other"));
			}
			assertThat(this.api.requests(Endpoint.RESOURCE)).noneMatch((request) -> request.authorization() != null);
			assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(before);
			assertThat(other.requests()).isEmpty();
		}
	}

	/** Registration is also for those who know the server. */
	@Test
	void registersAtAConfiguredIssuerWhenToldTo() {
		this.world.in(this.directory)
			.with("oauth2.pkce.providers.plain.issuer-uri=" + this.server.issuer(),
					"oauth2.pkce.providers.plain.registration.enabled=true",
					"oauth2.pkce.providers.plain.authorization-grant-type=authorization_code",
					"oauth2.pkce.providers.plain.base-urls=" + this.server.uri("/api"));
		for (int run = 0; run < 2; run++) {
			try (Application application = this.world.start()) {
				if (run == 0) {
					application.context.getBean(Logins.class).logIn("plain");
				}
				assertThat(application.call(this.server.uri("/api"))).isEqualTo(200);
				this.server.invalidateAccessTokens();
			}
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
	}

	@Test
	void deviceLoginOfAForgottenClientRegistersAnewAtOnce() {
		this.world.with("test.browser=false");
		this.server.device().approveAtOnce();
		try (Application application = this.world.start()) {
			application.logIn();
			this.server.forgetClients();
			application.logIn();
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(2);
	}

	@Test
	void serverThatForgetsEveryClientAtOnceIsNotAskedForEver() {
		this.world.with("test.browser=false");
		this.server.answerAlways(Endpoint.DEVICE_AUTHORIZATION, Answer.error(401, "invalid_client", null));
		assertThat(this.world.failure()).isNotNull();
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSizeLessThanOrEqualTo(2);
		assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).hasSizeLessThanOrEqualTo(2);
	}

	private String stored() {
		StringBuilder stored = new StringBuilder();
		for (Path file : files()) {
			try {
				stored.append(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
		return stored.toString();
	}

	private List<Path> files() {
		try (Stream<Path> files = Files.walk(this.directory)) {
			return files.filter(Files::isRegularFile).toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
