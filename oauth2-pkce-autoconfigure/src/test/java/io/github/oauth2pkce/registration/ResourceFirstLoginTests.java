package io.github.oauth2pkce.registration;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

import ch.qos.logback.classic.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.registration.ResourceFirstWorld.Application;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.FakeResource;
import io.github.oauth2pkce.testing.LogCapture;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.WellKnown;

import static org.assertj.core.api.Assertions.assertThat;

/** What is asked for, where, and as whom, when only a resource is known. */
@Timeout(120)
class ResourceFirstLoginTests {

	private static final String TOOLS = "oauth2.pkce.providers.tools.";

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

	/** What the answer says counts, else the first that the server takes. */
	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "-", textBlock = """
			none client_secret_basic client_secret_post | -                   | none
			none                                        | -                   | none
			client_secret_basic client_secret_post      | -                   | client_secret_basic
			client_secret_post client_secret_basic      | -                   | client_secret_basic
			client_secret_post private_key_jwt          | -                   | client_secret_post
			none client_secret_basic client_secret_post | client_secret_basic | client_secret_basic
			none client_secret_basic client_secret_post | client_secret_post  | client_secret_post
			client_secret_basic none                    | client_secret_basic | client_secret_basic
			""")
	void authenticatesAsItIsRegistered(String supported, String answered, String method) {
		this.server.discovery().authenticationMethods(supported.split(" "));
		// A secret alone is no reason to use it.
		this.server.registration().authenticationMethod(answered).alwaysIssueSecret(true);
		logInAndCall();
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(1).allSatisfy((request) -> {
			assertThat(request.authorization() != null).isEqualTo(method.equals("client_secret_basic"));
			assertThat(request.hasParameter("client_secret")).isEqualTo(method.equals("client_secret_post"));
		});
	}

	/**
	 * Also with characters that Basic credentials have to escape (RFC 6749 section
	 * 2.3.1).
	 */
	@Test
	void clientIdOfAnyCharactersIsSentAsItIs() {
		this.server.discovery().authenticationMethods("client_secret_basic");
		this.server.registration().nextClientIds("a b:c+d%20/\u007e?&=");
		logInAndCall();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "-", textBlock = """
			-       | -       | -                | -
			read    | -       | -                | read
			a b     | -       | -                | a b
			a b     | x       | -                | x
			-       | x       | -                | x
			a       | -       | a offline_access | a offline_access
			-       | -       | offline_access   | offline_access
			-       | x       | y offline_access | x offline_access
			a       | -       | a b              | a
			a       | x offline_access | -       | x
			a       | x offline_access | x y     | x
			a       | x offline_access | offline_access | x offline_access
			a       | offline_access   | a       | a
			""")
	void asksForTheScopesOfTheResourceUnlessToldOtherwise(String ofResource, String configured, String ofServer,
			String asked) {
		if (ofResource != null) {
			this.resource.metadata().put("scopes_supported", List.of(ofResource.split(" ")));
		}
		if (configured != null) {
			this.world.with(TOOLS + "scope=" + configured);
		}
		if (ofServer != null) {
			this.server.discovery().scopesSupported(ofServer.split(" "));
		}
		logInAndCall();
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(1)
			.allSatisfy((request) -> assertThat(request.parameter("scope")).isEqualTo(asked));
	}

	/** Keycloak, oidc-provider. */
	@ParameterizedTest
	@CsvSource({ "400,invalid_client_metadata", "400,invalid_scope", "403,insufficient_scope" })
	void registersWithoutScopesThatTheServerDoesNotRegister(int status, String error) {
		this.resource.metadata().put("scopes_supported", List.of("read"));
		this.server.enqueue(Endpoint.REGISTRATION, Answer.error(status, error, null));
		logInAndCall();
		assertThat(this.server.requests(Endpoint.REGISTRATION))
			.extracting((request) -> request.json().containsKey("scope"))
			.containsExactly(true, false);
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(1)
			.allSatisfy((request) -> assertThat(request.parameter("scope")).isEqualTo("read"));
	}

	/** Some servers let a client ask only for what it has registered. */
	@Test
	void registersWhatItMayComeToAskFor() {
		this.world.with(TOOLS + "scope=read");
		this.resource.metadata().put("scopes_supported", List.of("read", "write"));
		logInAndCall();
		assertThat(this.server.requests(Endpoint.REGISTRATION)).extracting((request) -> request.json().get("scope"))
			.containsExactly("read write");
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).extracting((request) -> request.parameter("scope"))
			.containsExactly("read");
	}

	/** OpenID Connect Core section 11: else there may be no refresh token. */
	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "-", textBlock = """
			registered | -     | read offline_access | consent
			registered | login | read offline_access | login
			registered | -     | read                | -
			document   | -     | read offline_access | consent
			configured | -     | read offline_access | -
			""")
	void asksForConsentToOfflineAccessAsANewClient(String client, String prompt, String scopes, String asked) {
		this.world.with(TOOLS + "scope=" + scopes);
		if (scopes.contains("offline_access")) {
			this.server.discovery().scopesSupported("offline_access");
		}
		if (client.equals("configured")) {
			this.server.register(FakeClient.publicClient("mine"));
			this.world.with(TOOLS + "client-id=mine");
		}
		if (client.equals("document")) {
			this.server.registration().acceptMetadataDocuments(true);
			this.world.with(TOOLS + "client-metadata-uri=https://app.example.com/client.json");
		}
		if (prompt != null) {
			this.world.with(TOOLS + "additional-parameters.prompt=" + prompt);
		}
		logInAndCall();
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(1)
			.allSatisfy((request) -> assertThat(request.parameter("prompt")).isEqualTo(asked));
	}

	/** Byte for byte, whatever is configured: servers compare it so. */
	@ParameterizedTest
	@ValueSource(strings = { "", "/", "/mcp", "/mcp/" })
	void asksForTheResourceAsItCallsItself(String path) {
		String identifier = this.api.issuer() + path;
		this.resource.metadata().put("resource", identifier);
		this.server.requireResource(identifier);
		logInAndCall();
	}

	@ParameterizedTest
	@ValueSource(strings = { "path", "root" })
	void findsTheMetadataWithoutAChallenge(String form) {
		this.resource.metadataAt(form.equals("path") ? this.resource.pathForm() : this.resource.rootForm());
		logInAndCall();
		assertThat(this.api.requests(Endpoint.RESOURCE_METADATA)).extracting(RecordedRequest::path)
			.startsWith(this.resource.pathForm())
			.hasSize(form.equals("path") ? 1 : 2);
	}

	@Test
	void findsTheMetadataThatOnlyTheChallengeNames() {
		this.resource.metadataAt("/custom/location.json");
		try (Application application = this.world.start()) {
			assertThat(application.call(this.resource.uri())).isEqualTo(401);
			application.logIn();
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
		}
	}

	/** What the path form says is the resource's own word. */
	@ParameterizedTest
	@ValueSource(strings = { "{server}/.well-known/oauth-protected-resource/mcp", "https://evil.example/x",
			"https://169.254.169.254/x", "file:///etc/passwd", "/custom.json", "not a URL", "{api}/custom.json#x" })
	void challengeThatNamesAnotherPlaceIsIgnored(String address) {
		FakeResource trap = this.server.protectedResource("/mcp");
		trap.metadata().put("resource", this.resource.uri().toString());
		this.resource.challenge("resource_metadata",
				address.replace("{server}", this.server.issuer()).replace("{api}", this.api.issuer()));
		try (Application application = this.world.start()) {
			assertThat(application.call(this.resource.uri())).isEqualTo(401);
			application.logIn();
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
		}
		assertThat(this.server.requests(Endpoint.RESOURCE_METADATA)).isEmpty();
		assertThat(this.api.requests(Endpoint.OTHER)).isEmpty();
	}

	@Test
	void scopeOfTheChallengeIsAskedForBesideTheConfiguredOnes() {
		this.world.with(TOOLS + "scope=x");
		this.resource.challenge("scope", "read write");
		this.resource.metadata().put("scopes_supported", List.of("everything"));
		try (Application application = this.world.start()) {
			application.call(this.resource.uri());
			application.logIn();
		}
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(1)
			.allSatisfy((request) -> assertThat(String.valueOf(request.parameter("scope")).split(" "))
				.containsExactlyInAnyOrder("x", "read", "write"));
	}

	/** MCP: RFC 8414 first. */
	@ParameterizedTest
	@CsvSource({ "OAUTH_AUTHORIZATION_SERVER, 1", "OPENID_CONFIGURATION_INSERTED, 2", "OPENID_CONFIGURATION, 3" })
	void findsTheServersMetadataInMcpsOrder(WellKnown form, int requests) {
		try (FakeAuthorizationServer tenant = FakeAuthorizationServer.start("/tenant1")) {
			tenant.registration().open();
			tenant.discovery().serveOnly(form);
			this.resource.authorizedBy(tenant);
			logInAndCall();
			assertThat(tenant.requests(Endpoint.DISCOVERY)).hasSize(requests)
				.allSatisfy((request) -> assertThat(request.path()).contains("tenant1"));
		}
	}

	@Test
	void pinnedServerIsUsedIfTheResourceListsIt() {
		try (FakeAuthorizationServer first = FakeAuthorizationServer.start()) {
			this.resource.authorizedBy(first, this.server);
			this.world.with(TOOLS + "issuer-uri=" + this.server.issuer());
			logInAndCall();
			assertThat(first.requests()).isEmpty();
			this.resource.authorizedBy(first);
			assertThat(this.world.failure()).hasMessageContaining(TOOLS + "issuer-uri")
				.hasMessageContaining(first.issuer());
			assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(1);
			assertThat(first.requests()).isEmpty();
		}
	}

	/** A secret that somebody typed in is for the server that it was typed in for. */
	@Test
	void configuredClientIsUsedAtOneServerOnly() {
		this.world.in(this.directory).with(TOOLS + "client-id=by-hand", TOOLS + "client-secret=secret-by-hand");
		this.server.register(FakeClient.confidential("by-hand", "secret-by-hand"));
		logInAndCall();
		assertThat(this.server.requests(Endpoint.REGISTRATION)).isEmpty();
		try (FakeAuthorizationServer moved = FakeAuthorizationServer.start()) {
			moved.registration().open();
			this.resource.authorizedBy(moved);
			assertThat(this.world.failure()).hasMessageContaining(TOOLS + "client-id")
				.hasMessageContaining("set issuer-uri beside it");
			assertThat(moved.requestsWith("by-hand")).isEmpty();
			assertThat(ResourceFirstWorld.beyondMetadata(moved)).isEmpty();
		}
	}

	/** Metadata may be wrong; who writes a method down knows. */
	@ParameterizedTest
	@CsvSource({ "'', client_secret_post", "client_secret_basic, client_secret_basic" })
	void configuredClientAuthenticatesAsWrittenElseAsTheServerSays(String written, String method) {
		this.server.discovery().authenticationMethods("client_secret_post");
		this.server.register(FakeClient.confidential("by-hand", "secret-by-hand"));
		this.world.with(TOOLS + "client-id=by-hand", TOOLS + "client-secret=secret-by-hand",
				TOOLS + "client-authentication-method=" + written);
		logInAndCall();
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(1)
			.allSatisfy((request) -> assertThat(request.authorization() != null)
				.isEqualTo(method.equals("client_secret_basic")));
	}

	@Test
	void metadataDocumentIsTheClientIdWhereTheServerReadsIt() {
		String document = "https://app.example/client.json";
		this.world.with(TOOLS + "client-metadata-uri=" + document);
		this.server.registration().acceptMetadataDocuments(true);
		logInAndCall();
		assertThat(this.server.requests(Endpoint.REGISTRATION)).isEmpty();
		assertThat(this.server.requests(Endpoint.TOKEN, document)).hasSize(1);
		this.server.registration().acceptMetadataDocuments(false);
		logInAndCall();
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"true\"", "1", "null", "[true]", "false" })
	void announcementThatIsNotTrueIsNone(String announced) {
		this.world.with(TOOLS + "client-metadata-uri=https://app.example/client.json");
		this.server.discovery().document().putRaw("client_id_metadata_document_supported", announced);
		logInAndCall();
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
	}

	@Test
	void registersForTheDeviceGrantWhereThereIsNoBrowser() {
		this.world.with("test.browser=false");
		this.server.device().approveAtOnce().interval(Duration.ofSeconds(1));
		logInAndCall();
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).isEmpty();
		assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION, "dynamic-1")).hasSize(1);
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1)
			.allSatisfy((request) -> assertThat(request.json().get("grant_types").toString()).contains("refresh_token",
					"urn:ietf:params:oauth:grant-type:device_code"));
	}

	/** Where there is no terminal, the log is the prompt. */
	@Test
	void logOfADeviceLoginSaysWhoAsksForIt() {
		this.world.with("test.browser=false");
		this.server.device().approveAtOnce().interval(Duration.ofSeconds(1));
		try (LogCapture log = LogCapture.ofEvents(Level.INFO)) {
			log.attach();
			logInAndCall();
			assertThat(log.events("oauth2_device_code_issued")).singleElement()
				.satisfies((event) -> assertThat(LogCapture.pairs(event))
					.containsEntry("resource", this.resource.uri().toString())
					.containsEntry("issuer", this.server.issuer()))
				.satisfies((event) -> assertThat(event.getFormattedMessage()).contains("to use " + this.resource.uri(),
						"log in at " + this.server.issuer()));
		}
	}

	@Test
	void initialAccessTokenIsSentToTheRegistrationEndpointOnly() {
		this.server.registration().initialAccessToken("initial-access-token");
		this.world.with(TOOLS + "registration.initial-access-token=initial-access-token");
		logInAndCall();
		assertThat(this.server.requestsWith("initial-access-token")).hasSize(1)
			.allMatch((request) -> request.endpoint() == Endpoint.REGISTRATION);
		assertThat(this.api.requestsWith("initial-access-token")).isEmpty();
	}

	@Test
	void manyCallersMakeOneRegistrationAndOneCeremony() {
		try (Application application = this.world.start()) {
			CountDownLatch together = new CountDownLatch(1);
			this.server.enqueue(Endpoint.AUTHORIZATION, Answer.normally().processedAfter(together));
			List<CompletableFuture<Void>> callers = IntStream.range(0, 16)
				.mapToObj((i) -> CompletableFuture.runAsync(application::logIn, (task) -> new Thread(task).start()))
				.toList();
			this.server.takeRequest(Endpoint.AUTHORIZATION, ResourceFirstWorld.WAIT);
			together.countDown();
			callers.forEach(CompletableFuture::join);
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(1);
	}

	/** Two processes that share a store, and have no browser. */
	@Test
	void applicationsThatShareAStoreShareARegistration() {
		this.world.in(this.directory).with("test.browser=false");
		this.server.device().approveAtOnce().interval(Duration.ofSeconds(1));
		CountDownLatch both = new CountDownLatch(1);
		this.server.enqueue(Endpoint.REGISTRATION, Answer.normally().processedAfter(both));
		try (Application one = this.world.start(); Application other = this.world.start()) {
			List<CompletableFuture<Void>> logins = new ArrayList<>();
			for (Application application : List.of(one, other)) {
				logins.add(CompletableFuture.runAsync(application::logIn, (task) -> new Thread(task).start()));
			}
			this.server.takeRequest(Endpoint.REGISTRATION, ResourceFirstWorld.WAIT);
			both.countDown();
			logins.forEach(CompletableFuture::join);
			assertThat(one.call(this.resource.uri())).isEqualTo(200);
			assertThat(other.call(this.resource.uri())).isEqualTo(200);
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
	}

	@Test
	void nothingIsAskedOfAnybodyByStarting() {
		try (Application application = this.world.start()) {
			assertThat(application.context.isRunning()).isTrue();
		}
		assertThat(this.api.requests()).isEmpty();
		assertThat(this.server.requests()).isEmpty();
	}

	/** The bearer of one resource is nothing to another, on the same host. */
	@Test
	void bearerStaysBelowTheResource() {
		URI beside = this.api.uri("/mcp-admin");
		this.api.answerAlways(Endpoint.OTHER, Answer.status(200));
		try (Application application = this.world.start()) {
			application.logIn();
			application.call(beside);
			application.call(this.resource.uri());
		}
		assertThat(this.api.requests(Endpoint.OTHER)).noneMatch((request) -> request.authorization() != null);
		assertThat(this.api.requests(Endpoint.RESOURCE)).allMatch((request) -> request.bearer() != null);
	}

	private void logInAndCall() {
		try (Application application = this.world.start()) {
			application.logIn();
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
		}
	}

}
