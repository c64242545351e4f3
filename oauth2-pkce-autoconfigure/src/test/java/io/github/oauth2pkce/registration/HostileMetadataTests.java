package io.github.oauth2pkce.registration;

import java.util.Arrays;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.registration.ResourceFirstWorld.Application;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.FakeResource;
import io.github.oauth2pkce.testing.JsonMembers;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whoever runs a resource or an authorization server may write into its documents what
 * they like. A login then ends with a sentence, and nobody was told anything.
 */
@Timeout(120)
class HostileMetadataTests {

	private static final String TOOLS = "oauth2.pkce.providers.tools.";

	private static final String LONG = "x".repeat(20_000);

	private final ResourceFirstWorld world = new ResourceFirstWorld();

	private final FakeAuthorizationServer server = this.world.server;

	private final FakeResource resource = this.world.resource;

	@AfterEach
	void stop() {
		this.world.close();
	}

	/** RFC 9728 section 3.3: the data MUST NOT be used. */
	@ParameterizedTest
	@ValueSource(strings = { "\"https://evil.example/mcp\"", "\"{api}/mcp/v2\"", "\"{api}/other\"", "\"{api}/mc\"",
			"\"{api}/MCP\"", "\"{api}/%6dcp\"", "\"{api}/x/../mcp\"", "\"{api}/mcp#\"", "\"{api}/mcp?\"",
			"\"{api}@evil.example/mcp\"", "\"/mcp\"", "\"\"", "7", "null", "[\"{api}/mcp\"]", "{}",
			"\"\\u001b[2J\\u0000\\u202e\"", "\"{long}\"" })
	void documentAboutAnotherResource(String resource) {
		this.resource.metadata().putRaw("resource", expand(resource));
		assertRefused("discovery_failed");
		assertThat(this.server.requests()).as("not even its metadata is of interest").isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "[]", "null", "{}", "7", "[7, null, {}]", "[\"\"]", "[\" \"]", "[\"not a URL\"]",
			"[\"/relative\"]", "[\"ftp://127.0.0.1/\"]", "[\"file:///etc/passwd\"]", "[\"https://user@127.0.0.1/\"]",
			"[\"{server}?tenant=a\"]", "[\"{server}#part\"]", "[\"http://evil.example\"]", "[\"http://10.0.0.1:1\"]",
			"[\"https://169.254.169.254\"]", "[\"https://metadata.google.internal\"]", "[\"https://0x7f.1\"]",
			"[\"https://2130706433\"]", "[\"https://[::ffff:169.254.169.254]\"]", "[\"{server}/\"]",
			"[\"\\u001b[2J\\u0000\"]", "[\"{long}\"]", "[\"http://127.0.0.1:1/{long}\"]", "[\"{server}/\\u202egpj\"]",
			"[\"{server}/\\u00e9\"]" })
	void resourceThatNamesNoUsableServer(String servers) {
		this.resource.metadata().putRaw("authorization_servers", expand(servers));
		assertRefused("discovery_failed");
		assertThat(ResourceFirstWorld.beyondMetadata(this.server)).isEmpty();
	}

	/** Neither is a reason to fail: a login asks for what is left. */
	@ParameterizedTest
	@ValueSource(
			strings = { "7", "null", "{}", "[]", "[7, null, {}, \"\", \" \", \"a b\", \"\\u001b[2J\", \"a\\\"b\"]" })
	void scopesThatAreNoneAreLeftOut(String scopes) {
		this.resource.metadata().putRaw("scopes_supported", scopes);
		try (Application application = this.world.start()) {
			application.logIn();
		}
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(1)
			.noneMatch((request) -> request.hasParameter("scope"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "[]", "<html>", "", "{", "{\"resource\":", "null", "{long}" })
	void documentOfTheResourceThatIsNone(String body) {
		this.world.api.answerAlways(Endpoint.RESOURCE_METADATA, Answer.json(200, expand(body)));
		assertRefused("discovery_failed");
		assertThat(this.server.requests()).isEmpty();
	}

	@Test
	void redirectOfTheResourceIsNotFollowed() {
		this.world.api.answerAlways(Endpoint.RESOURCE_METADATA,
				Answer.redirect(this.server.uri("/.well-known/oauth-protected-resource").toString()));
		assertRefused("discovery_failed");
		assertThat(this.server.requests()).isEmpty();
	}

	@Test
	void redirectOfTheServerIsNotFollowed() {
		this.server.answerAlways(Endpoint.DISCOVERY, Answer.redirect(this.world.api.uri("/metadata").toString()));
		assertRefused("discovery_failed");
		assertThat(this.world.api.requests(Endpoint.OTHER)).isEmpty();
	}

	/** RFC 8414 section 3.3, and not one request to what it names. */
	@ParameterizedTest
	@ValueSource(strings = { "\"https://evil.example\"", "\"{server}/\"", "\"{server}/tenant\"", "\"\"", "null", "7",
			"[\"{server}\"]", "\"\\u001b[2J\"", "\"{long}\"" })
	void metadataOfAnotherIssuer(String issuer) {
		this.server.discovery().document().putRaw("issuer", expand(issuer));
		// The resource has named it: there is nothing to set.
		assertThat(assertRefused("discovery_failed")).hasMessageNotContaining("set oauth2");
		assertThat(ResourceFirstWorld.beyondMetadata(this.server)).isEmpty();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			authorization_endpoint | "http://evil.example/authorize"
			authorization_endpoint | "javascript:alert(1)"
			authorization_endpoint | "file:///etc/passwd"
			authorization_endpoint | "https://user@127.0.0.1/"
			authorization_endpoint | "{server}/authorize#x"
			authorization_endpoint | "/authorize"
			authorization_endpoint | 7
			authorization_endpoint | ["{server}/authorize"]
			authorization_endpoint | ""
			token_endpoint         | "http://evil.example/token"
			token_endpoint         | "http://10.0.0.1/token"
			token_endpoint         | "https://169.254.169.254/latest/meta-data"
			token_endpoint         | "https://0x7f.1/token"
			token_endpoint         | "{server}/token#x"
			token_endpoint         | "ftp://127.0.0.1/token"
			token_endpoint         | null
			token_endpoint         | {}
			authorization_endpoint | "{server}/authorize?{long}"
			token_endpoint         | "\\u001b[2J"
			token_endpoint         | "{server}/token/\\u202egpj"
			token_endpoint         | "{server}/{long}"
			registration_endpoint  | "http://evil.example/register"
			registration_endpoint  | "https://169.254.169.254/latest/meta-data"
			registration_endpoint  | "https://user@127.0.0.1/register"
			registration_endpoint  | "not a URL"
			registration_endpoint  | "{server}/register/{long}"
			registration_endpoint  | "{server}/register/\\u202egpj"
			""")
	void endpointThatIsNone(String member, String value) {
		this.server.discovery().document().putRaw(member, expand(value));
		LoginException failure = assertRefused(null);
		assertThat(failure.errorCode()).isIn("discovery_failed", "registration_failed");
		assertThat(ResourceFirstWorld.beyondMetadata(this.server)).isEmpty();
	}

	@Test
	void endpointThatIsMissingCannotBeSetBesideTheResource() {
		this.server.discovery().document().remove("token_endpoint");
		assertThat(assertRefused("discovery_failed")).hasMessageEndingWith("has no token_endpoint; set " + TOOLS
				+ "token-uri, with issuer-uri and client-id, instead of " + TOOLS + "resource-uri");
	}

	/** A body would go along with a 307 and a 308. */
	@ParameterizedTest
	@CsvSource({ "REGISTRATION, 302", "REGISTRATION, 307", "REGISTRATION, 308", "TOKEN, 303", "TOKEN, 307",
			"TOKEN, 308" })
	void redirectOfAnEndpointIsNotFollowed(Endpoint endpoint, int status) {
		this.server.answerAlways(endpoint,
				Answer.status(status).withHeader("Location", this.world.api.uri("/elsewhere").toString()));
		assertThat(this.world.failure()).isNotNull();
		assertThat(this.world.api.requests(Endpoint.OTHER)).isEmpty();
		assertThat(this.server.requests(endpoint)).isNotEmpty();
	}

	/** A server that sends people to another one, to get the code of that (RFC 9207). */
	@Test
	void codeOfTheServerThatPeopleAreSentToStaysThere() {
		try (FakeAuthorizationServer honest = FakeAuthorizationServer.start()) {
			honest.register(FakeClient.publicClient("known-there"));
			this.server.registration().answer().put("client_id", "known-there");
			this.server.discovery()
				.document()
				.put("authorization_endpoint", honest.uri(Endpoint.AUTHORIZATION).toString());
			this.world.with("oauth2.pkce.login.timeout=2s");
			assertThat(this.world.failure()).isNotNull();
			assertThat(honest.requests(Endpoint.AUTHORIZATION)).hasSize(1);
			assertThat(this.server.requests(Endpoint.TOKEN)).isEmpty();
			assertThat(honest.requests(Endpoint.TOKEN)).isEmpty();
		}
	}

	@Test
	void answersOfAnySizeAreNoTrouble() {
		String huge = "{\"x\":\"" + "x".repeat(20_000_000) + "\"}";
		this.server.enqueue(Endpoint.REGISTRATION, Answer.json(201, huge));
		assertThat(this.world.failure()).hasMessageContaining("oauth2.pkce.http.max-response-size");
		this.server.enqueue(Endpoint.DISCOVERY, Answer.json(200, huge), Answer.json(200, huge), Answer.json(200, huge));
		assertThat(this.world.failure()).hasMessageContaining("oauth2.pkce.http.max-response-size");
		this.world.api.answerAlways(Endpoint.RESOURCE_METADATA, Answer.json(200, huge));
		assertThat(this.world.failure()).hasMessageContaining("oauth2.pkce.http.max-response-size");
	}

	/** MCP: clients MUST refuse to proceed. */
	@ParameterizedTest
	@ValueSource(strings = { "[\"plain\"]", "[]", "null", "\"S256\"", "[\"s256\"]", "[7, null]", "{\"S256\": true}" })
	void serverThatDoesNotCheckProofKeys(String methods) {
		JsonMembers document = this.server.discovery().document();
		document.putRaw("code_challenge_methods_supported", methods);
		assertThat(assertRefused("discovery_failed")).hasMessageContaining("S256");
		document.remove("code_challenge_methods_supported");
		assertThat(assertRefused("discovery_failed")).hasMessageContaining("S256");
		assertThat(ResourceFirstWorld.beyondMetadata(this.server)).isEmpty();
	}

	/** Each is a server's mistake, or a trap; none is a client of it. */
	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			client_id                  | null
			client_id                  | 7
			client_id                  | ""
			client_id                  | " "
			client_id                  | ["a"]
			client_id                  | "a\\u001b[2Jb"
			client_id                  | "a\\nb"
			client_id                  | "{long}"
			token_endpoint_auth_method | "private_key_jwt"
			token_endpoint_auth_method | "client_secret_basic"
			token_endpoint_auth_method | "\\u001b[2J{long}"
			""")
	void registrationThatIsNone(String member, String value) {
		this.server.registration().answer().putRaw(member, expand(value));
		assertRefused("registration_failed");
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).isEmpty();
		assertThat(this.server.requests(Endpoint.TOKEN)).isEmpty();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			201 | <html>Welcome</html>
			201 | {}
			201 | []
			201 |
			200 | {"client_id":
			202 | {"client_id":"a"}
			204 |
			302 | {"client_id":"a"}
			400 | {"error":"invalid_redirect_uri","error_description":"\\u001b[2J{long}"}
			400 | {"error":"invalid_client_metadata"}
			400 | {"error":"\\u001b[2J"}
			401 |
			403 | <html>No</html>
			404 |
			500 | {long}
			503 | {"client_id":"a"}
			""")
	void answerToARegistrationThatIsNone(int status, String body) {
		this.server.answerAlways(Endpoint.REGISTRATION, Answer.json(status, expand((body != null) ? body : "")));
		LoginException failure = assertRefused(null);
		assertThat(failure.errorCode()).isIn("registration_failed", "unreachable");
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSizeBetween(1, 2);
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).isEmpty();
	}

	/** RFC 7592: the token in the answer would go there. */
	@ParameterizedTest
	@ValueSource(strings = { "\"{api}/clients/1\"", "\"http://evil.example/\"", "\"https://169.254.169.254/\"",
			"\"/clients/1\"", "\"not a URL\"", "7", "null", "\"\\u001b[2J\"", "\"http://user@{serverAuthority}/\"",
			"\"http://{serverAuthority}@evil.example/\"" })
	void managementAddressElsewhereIsNotUsed(String address) {
		this.server.registration().manage(true).answer().putRaw("registration_client_uri", expand(address));
		try (Application application = this.world.start()) {
			application.logIn();
			application.logIn();
		}
		assertThat(this.world.api.requestsWith("rat.")).isEmpty();
		assertThat(this.server.requests(Endpoint.CLIENT_CONFIGURATION)).isEmpty();
	}

	/** They go into a header, or a form, of the server that has made them. */
	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			registration_access_token | "a\\r\\nX-Evil: 1"
			registration_access_token | ""
			registration_access_token | 7
			registration_access_token | "\\u0000\\u00e4"
			registration_access_token | "{long}"
			client_secret             | "a\\r\\nX-Evil: 1"
			client_secret             | "\\u0000\\u00e4 :%"
			client_secret             | "{long}"
			""")
	void secretOfAnyTextBreaksNothing(String member, String value) {
		this.server.registration()
			.manage(true)
			.authenticationMethod("client_secret_basic")
			.answer()
			.putRaw(member, expand(value));
		try (Application application = this.world.start()) {
			LoginException first = application.failure();
			LoginException second = application.failure();
			for (LoginException failure : Arrays.asList(first, second)) {
				if (failure != null) {
					assertThat(failure.errorCode()).isNotEqualTo("internal_error");
					assertThat(failure.getMessage()).hasSizeLessThan(2000).doesNotContain("X-Evil");
				}
			}
			assertThat(member.equals("client_secret") || first == null && second == null).isTrue();
		}
		assertThat(this.server.requests()).noneMatch((request) -> request.header("X-Evil") != null);
	}

	@ParameterizedTest
	@ValueSource(strings = { "-1", "1", "\"1\"", "1e400", "\"soon\"", "null", "[]", "99999999999999999999" })
	void secretThatEndsAtNoTimeIsStillUsedForTheLoginItWasMadeFor(String expiresAt) {
		this.server.registration()
			.authenticationMethod("client_secret_post")
			.answer()
			.putRaw("client_secret_expires_at", expiresAt);
		try (Application application = this.world.start()) {
			application.logIn();
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
	}

	private LoginException assertRefused(String errorCode) {
		LoginException failure = this.world.failure();
		assertThat(failure).as("the login has succeeded").isNotNull();
		if (errorCode != null) {
			assertThat(failure.errorCode()).as(failure.getMessage()).isEqualTo(errorCode);
		}
		String message = String.valueOf(failure.getMessage());
		assertThat(message).hasSizeLessThan(2000).contains(TOOLS);
		assertThat(message.chars()).noneMatch((c) -> Character.isISOControl(c) || c == 0x202e);
		return failure;
	}

	private String expand(String text) {
		return text.replace("{api}", this.world.api.issuer())
			.replace("{serverAuthority}", this.server.issuer().substring("http://".length()))
			.replace("{server}", this.server.issuer())
			.replace("{long}", LONG);
	}

}
