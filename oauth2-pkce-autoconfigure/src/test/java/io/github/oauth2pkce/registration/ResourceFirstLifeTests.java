package io.github.oauth2pkce.registration;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshOutcome;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.registration.ResourceFirstWorld.Application;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.MovableClock;
import io.github.oauth2pkce.testing.RecordedRequest;

import static org.assertj.core.api.Assertions.assertThat;

/** What becomes of a registration and its login over the years. */
@Timeout(120)
class ResourceFirstLifeTests {

	private static final CredentialId ID = CredentialId.ofApplication("tools");

	private static final String DOCUMENT = "https://app.example/client.json";

	private final MovableClock clock = new MovableClock(Instant.now());

	private final ResourceFirstWorld world = new ResourceFirstWorld(this.clock);

	private final FakeAuthorizationServer server = this.world.server;

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@BeforeEach
	void keepRecords() {
		this.world.in(this.directory);
	}

	@AfterEach
	void stop() {
		this.world.close();
	}

	/** The record says all of it: where, as whom, for what. */
	@Test
	void refreshesAfterARestartByTheRecordAlone() {
		try (Application application = this.world.start()) {
			application.logIn();
			assertThat(application.call(this.world.resource.uri())).isEqualTo(200);
		}
		this.server.registration().open(false);
		this.world.resource.metadataAt();
		this.server.requireResource(this.world.resource.uri().toString());
		this.server.invalidateAccessTokens();
		try (Application application = this.world.start()) {
			assertThat(application.call(this.world.resource.uri())).isEqualTo(200);
		}
		assertThat(this.server.refreshesGranted()).isPositive();
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(1);
		assertThat(this.server.requests(Endpoint.TOKEN))
			.allSatisfy((request) -> assertThat(request.parameters("resource"))
				.containsExactly(this.world.resource.uri().toString()));
	}

	@Test
	void laterLoginsUseTheSameRegistrationAndItsPort() {
		for (int run = 0; run < 2; run++) {
			try (Application application = this.world.start()) {
				application.logIn();
				application.logIn();
			}
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(4)
			.extracting((request) -> request.parameter("redirect_uri"))
			.containsOnly(redirectUri());
	}

	@Test
	void expiredSecretIsReplacedByANewRegistration() {
		this.server.registration().authenticationMethod("client_secret_post").secretLifetime(Duration.ofHours(1));
		this.clock.advance(Duration.ofHours(-2));
		try (Application application = this.world.start()) {
			application.logIn();
			application.logIn();
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(2);
		assertThat(this.server.requests(Endpoint.TOKEN, "dynamic-1")).hasSize(1);
		assertThat(this.server.requests(Endpoint.TOKEN, "dynamic-2")).hasSize(1);
	}

	@Test
	void secretThatNeverExpiresIsKept() {
		this.server.registration().authenticationMethod("client_secret_basic");
		try (Application application = this.world.start()) {
			application.logIn();
			application.logIn();
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
	}

	/** The refresh says that the server has forgotten us; the next login is the cure. */
	@Test
	void registersAnewOnceWhenTheServerHasForgottenTheClient() {
		try (Application application = this.world.start()) {
			application.logIn();
			this.server.forgetClients();
			this.server.invalidateAccessTokens();
			assertThat(application.call(this.world.resource.uri())).isEqualTo(401);
			assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
			application.logIn();
			assertThat(application.call(this.world.resource.uri())).isEqualTo(200);
			application.logIn();
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(2);
		assertThat(this.server.requests(Endpoint.AUTHORIZATION, "dynamic-2")).hasSize(2);
	}

	/** A person would end at the server's page that says so. */
	@Test
	void askesBeforeTheBrowserOpensWhereTheServerAllowsForThat() {
		this.server.registration().manage(true);
		try (Application application = this.world.start()) {
			application.logIn();
			this.server.forgetClients();
			application.logIn();
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(2);
		assertThat(this.server.requests(Endpoint.AUTHORIZATION, "dynamic-1")).hasSize(1);
	}

	/**
	 * RFC 7592 section 3: the old ones are discarded, also by the login that is there.
	 */
	@Test
	void takesOverTheSecretAndTheTokenThatTheServerAnswersWith() {
		this.server.registration().manage(true).authenticationMethod("client_secret_post");
		try (Application application = this.world.start()) {
			application.logIn();
			this.server.register(FakeClient.confidential("dynamic-1", "second-secret"));
			this.server.enqueue(Endpoint.CLIENT_CONFIGURATION,
					Answer.json(200, Map.of("client_id", "dynamic-1", "client_secret", "second-secret",
							"client_secret_expires_at", 0, "registration_access_token", "second-token")));
			this.server.authorization().fail("access_denied", null);
			assertThat(application.failure().errorCode()).isEqualTo("access_denied");
			this.server.invalidateAccessTokens();
			assertThat(application.call(this.world.resource.uri())).isEqualTo(200);
			assertThat(this.server.requests(Endpoint.TOKEN)).last()
				.satisfies((request) -> assertThat(request.parameter("client_secret")).isEqualTo("second-secret"));
			this.server.authorization().succeed();
			this.server.enqueue(Endpoint.CLIENT_CONFIGURATION, Answer.json(200, Map.of("client_id", "dynamic-1")));
			application.logIn();
		}
		assertThat(this.server.requests(Endpoint.CLIENT_CONFIGURATION)).hasSize(2)
			.last()
			.satisfies((request) -> assertThat(request.authorization()).isEqualTo("Bearer second-token"));
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
	}

	/** Not after the third try: the server has said so in its own words. */
	@Test
	void loginOfAClientThatIsGoneEndsWithTheFirstRefusal() {
		this.server.registration().manage(true);
		try (Application application = this.world.start()) {
			application.logIn();
			this.server.forgetClients();
			assertThat(refresh(application)).isEqualTo(RefreshOutcome.REJECTED);
		}
	}

	@Test
	void loginOfAClientThatIsStillThereOutlivesARefusal() {
		this.server.registration().manage(true);
		try (Application application = this.world.start()) {
			application.logIn();
			this.server.enqueue(Endpoint.TOKEN, Answer.error(401, "invalid_client", null));
			assertThat(refresh(application)).isEqualTo(RefreshOutcome.TRANSIENT);
			assertThat(refresh(application)).isEqualTo(RefreshOutcome.REFRESHED);
		}
	}

	/**
	 * Where it does not, nobody comes back from that page: one login is lost, not all.
	 */
	@Test
	void loginThatNobodyCameBackFromIsNotRepeatedAsTheSameClient() {
		try (Application application = this.world.start()) {
			application.logIn();
			this.server.forgetClients();
			assertThat(application.failure().errorCode()).isEqualTo("login_timeout");
			application.logIn();
			assertThat(application.call(this.world.resource.uri())).isEqualTo(200);
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(2);
	}

	/** Keycloak announces documents as soon as it can read them, allowed or not. */
	@Test
	void registersWhenNobodyComesBackFromAServerThatOnlyAnnouncesDocuments() {
		announceDocuments();
		try (Application application = this.world.start()) {
			assertThat(application.failure()).hasMessageContaining(DOCUMENT)
				.hasMessageContaining("The next login registers")
				.extracting("errorCode")
				.isEqualTo("login_timeout");
			application.logIn();
			assertThat(application.call(this.world.resource.uri())).isEqualTo(200);
		}
		assertThat(this.server.requests(Endpoint.AUTHORIZATION, DOCUMENT)).hasSize(1);
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
	}

	@Test
	void saysWhatToDoWhereADocumentIsTheOnlyWay() {
		announceDocuments();
		this.world.with("oauth2.pkce.providers.tools.registration.enabled=false");
		try (Application application = this.world.start()) {
			assertThat(application.failure()).hasMessageContaining(DOCUMENT)
				.hasMessageContaining("oauth2.pkce.providers.tools.client-id");
			this.server.registration().acceptMetadataDocuments(true);
			application.logIn();
		}
	}

	@Test
	void registersAtOnceWhereADeviceLoginIsRefusedToADocument() {
		announceDocuments();
		this.world.with("test.browser=false");
		this.server.device().approveAtOnce().interval(Duration.ofSeconds(1));
		try (Application application = this.world.start()) {
			application.logIn();
			application.logIn();
		}
		assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION, DOCUMENT)).hasSize(1);
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
	}

	@Test
	void deviceLoginThatIsRefusedToADocumentSaysWhatToDo() {
		announceDocuments();
		this.world.with("test.browser=false", "oauth2.pkce.providers.tools.registration.enabled=false");
		assertThat(this.world.failure()).hasMessageContaining("oauth2.pkce.providers.tools.client-metadata-uri")
			.hasMessageContaining("oauth2.pkce.providers.tools.client-id");
	}

	/** The next login is as the document: the server reads it anew. */
	@Test
	void loginOfADocumentThatTheServerHasForgottenEndsWithTheThirdRefusal() {
		this.world.with("oauth2.pkce.providers.tools.client-metadata-uri=" + DOCUMENT);
		this.server.registration().acceptMetadataDocuments(true);
		try (Application application = this.world.start()) {
			application.logIn();
			this.server.answerAlways(Endpoint.TOKEN, Answer.error(401, "invalid_client", null));
			assertThat(refresh(application)).isEqualTo(RefreshOutcome.TRANSIENT);
			assertThat(refresh(application)).isEqualTo(RefreshOutcome.TRANSIENT);
			assertThat(refresh(application)).isEqualTo(RefreshOutcome.REJECTED);
		}
	}

	private static @Nullable RefreshOutcome refresh(Application application) {
		Credentials credentials = application.context.getBean(Credentials.class);
		credentials.current(ID, RefreshTrigger.MANUAL).join();
		return credentials.status(ID).lastOutcome();
	}

	private void announceDocuments() {
		this.world.with("oauth2.pkce.providers.tools.client-metadata-uri=" + DOCUMENT);
		this.server.discovery().document().putRaw("client_id_metadata_document_supported", "true");
	}

	/** Its secret would be sent there without anybody looking. */
	@Test
	void machinesSecretStaysAtTheServerWhereItWasUsedFirst() {
		this.server.register(FakeClient.confidential("machine", "machine-secret"));
		this.world.with("oauth2.pkce.providers.tools.client-id=machine",
				"oauth2.pkce.providers.tools.client-secret=machine-secret",
				"oauth2.pkce.providers.tools.authorization-grant-type=client_credentials");
		try (FakeAuthorizationServer other = FakeAuthorizationServer.start()) {
			try (Application application = this.world.start()) {
				assertThat(application.call(this.world.resource.uri())).isEqualTo(200);
			}
			this.world.resource.authorizedBy(other);
			try (Application application = this.world.start()) {
				assertThat(application.call(this.world.resource.uri())).isEqualTo(401);
			}
			assertThat(other.requestsWith("machine-secret")).isEmpty();
			assertThat(ResourceFirstWorld.beyondMetadata(other)).isEmpty();
		}
	}

	@Test
	void configuredClientStaysAtItsServerOverALogout() {
		this.server.register(FakeClient.publicClient("cli"));
		this.world.with("oauth2.pkce.providers.tools.client-id=cli");
		try (FakeAuthorizationServer other = FakeAuthorizationServer.start();
				Application application = this.world.start()) {
			application.logIn();
			application.context.getBean(Logout.class).forget(CredentialId.ofApplication("tools"));
			this.world.resource.authorizedBy(other);
			application.context.getBean(Discovery.class).refused("tools");
			assertThat(application.failure()).hasMessageContaining("belongs to the authorization server");
			assertThat(ResourceFirstWorld.beyondMetadata(other)).isEmpty();
		}
	}

	@Test
	void initialAccessTokenStaysAtTheServerWhereItWasUsedFirst() {
		this.server.registration().initialAccessToken("may-register");
		this.world.with("oauth2.pkce.providers.tools.registration.initial-access-token=may-register");
		try (FakeAuthorizationServer other = FakeAuthorizationServer.start();
				Application application = this.world.start()) {
			other.registration().open();
			application.logIn();
			this.world.resource.authorizedBy(other);
			application.context.getBean(Discovery.class).refused("tools");
			assertThat(application.failure()).hasMessageContaining("registration.initial-access-token belongs to");
			assertThat(other.requestsWith("may-register")).isEmpty();
		}
	}

	@Test
	void laterLoginGoesToTheServerOfTheFirstWhileTheResourceTrustsIt() {
		try (FakeAuthorizationServer other = FakeAuthorizationServer.start();
				Application application = this.world.start()) {
			other.registration().open();
			application.logIn();
			this.world.resource.authorizedBy(other, this.server);
			application.context.getBean(Discovery.class).refused("tools");
			application.logIn();
			assertThat(ResourceFirstWorld.beyondMetadata(other)).isEmpty();
		}
	}

	/** Some servers keep a client to the scopes that it registered with. */
	@Test
	void clientThatIsRegisteredForLessRegistersAnewWithTheNextLogin() {
		try (Application application = this.world.start()) {
			application.logIn();
			this.server.authorization().fail("invalid_scope", "mcp:write");
			assertThat(application.failure()).hasMessageContaining("refuses this application as it is registered")
				.hasMessageContaining("Log in again");
			this.server.authorization().succeed();
			application.logIn();
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(2);
	}

	/** Or a scope that nobody grants costs the server a client with each login. */
	@Test
	void newClientIsNoCureForAScopeThatTheServerDoesNotKnow() {
		this.server.authorization().fail("invalid_scope", "mcp:typo");
		try (Application application = this.world.with("oauth2.pkce.providers.tools.scope=mcp:typo").start()) {
			for (int i = 0; i < 3; i++) {
				assertThat(application.failure()).returns("invalid_scope", LoginException::errorCode)
					.hasMessageContaining("mcp:typo")
					.hasMessageContaining("oauth2.pkce.providers.tools.scope");
			}
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
	}

	/** What a resource has demanded in vain must not keep a person out. */
	@Test
	void scopeOfAChallengeThatEvenANewClientIsRefusedIsNotAskedForAgain() {
		try (Application application = this.world.start()) {
			application.logIn();
			this.world.resource.requireScopes("mcp:bogus");
			assertThat(application.call(this.world.resource.uri())).isEqualTo(403);
			this.server.authorization().fail("invalid_scope", null);
			assertThat(application.failure()).hasMessageContaining("Log in again: it registers anew");
			assertThat(application.failure().errorCode()).isEqualTo("invalid_scope");
			this.server.authorization().succeed();
			application.logIn();
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(2);
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(4)
			.last()
			.satisfies((login) -> assertThat(String.valueOf(login.parameter("scope"))).doesNotContain("mcp:bogus"));
	}

	@Test
	void clientThatIsForgottenBetweenAuthorizationAndTokenRegistersWithTheNextLogin() {
		this.server.enqueue(Endpoint.TOKEN, Answer.error(401, "invalid_client", "Unknown client"));
		try (Application application = this.world.start()) {
			LoginException failure = application.failure();
			assertThat(failure).hasMessageContaining("refuses this application as it is registered");
			application.logIn();
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(2);
	}

	@Test
	void nothingOfTheOldServerIsEverSentToTheNewOne() {
		try (FakeAuthorizationServer moved = FakeAuthorizationServer.start("", this.clock)) {
			moved.registration().open().nextClientIds("client-of-the-new-server");
			this.server.registration()
				.manage(true)
				.authenticationMethod("client_secret_post")
				.nextClientIds("client-of-the-old-server");
			try (Application application = this.world.start()) {
				application.logIn();
				this.world.resource.authorizedBy(moved);
				assertThat(application.call(this.world.resource.uri())).isEqualTo(401);
				application.logIn();
				assertThat(application.call(this.world.resource.uri())).isEqualTo(200);
			}
			moved.invalidateAccessTokens();
			try (Application application = this.world.start()) {
				assertThat(application.call(this.world.resource.uri())).isEqualTo(200);
			}
			assertThat(moved.requestsWith("client-of-the-old-server")).isEmpty();
			assertThat(this.server.issuedSecrets())
				.allSatisfy((secret) -> assertThat(moved.requestsWith(secret)).isEmpty());
			assertThat(this.server.requestsWith("client-of-the-new-server")).isEmpty();
			assertThat(moved.issuedSecrets())
				.allSatisfy((secret) -> assertThat(this.server.requestsWith(secret)).isEmpty());
			assertThat(moved.requests(Endpoint.REGISTRATION)).hasSize(1);
			assertThat(moved.refreshesGranted()).isPositive();
		}
	}

	/** The old server is not asked for a token that the resource no longer takes. */
	@Test
	void refreshTokenOfAServerThatTheResourceNoLongerTrustsStays() {
		try (FakeAuthorizationServer moved = FakeAuthorizationServer.start("", this.clock)) {
			moved.registration().open();
			try (Application application = this.world.start()) {
				application.logIn();
				this.world.resource.authorizedBy(moved);
				application.call(this.world.resource.uri());
				assertThat(this.server.refreshRequests()).isZero();
				assertThat(application.context.getBean(Credentials.class).status(ID).state())
					.isNotEqualTo(AuthorizationState.UNKNOWN);
			}
		}
	}

	@Test
	void serverThatMovesBackFindsItsOwnClient() {
		try (FakeAuthorizationServer moved = FakeAuthorizationServer.start("", this.clock)) {
			moved.registration().open();
			try (Application application = this.world.start()) {
				for (FakeAuthorizationServer now : List.of(this.server, moved, this.server)) {
					this.world.resource.authorizedBy(now);
					application.call(this.world.resource.uri());
					application.logIn();
					assertThat(application.call(this.world.resource.uri())).isEqualTo(200);
				}
			}
			assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
			assertThat(moved.requests(Endpoint.REGISTRATION)).hasSize(1);
		}
	}

	private String redirectUri() {
		RecordedRequest registration = this.server.requests(Endpoint.REGISTRATION).get(0);
		Map<String, Object> metadata = registration.json();
		return String.valueOf(((List<?>) metadata.getOrDefault("redirect_uris", List.of())).get(0));
	}

}
