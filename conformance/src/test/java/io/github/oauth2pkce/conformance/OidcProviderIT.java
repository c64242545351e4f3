package io.github.oauth2pkce.conformance;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.RegisteredClient;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.store.Credential;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import org.springframework.http.ResponseEntity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Registration and its management, resource indicators, refresh token rotation, step-up,
 * tokens that are bound to a key, and pushed requests at the oidc-provider of npm.
 */
@Timeout(60)
class OidcProviderIT {

	private static final String REGISTERED = "registration_create.success";

	private static final String AUTHORIZED = "authorization.success";

	@TempDir
	private Path directory;

	private NodeServer server;

	private String issuer;

	private String resource;

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void logsInByTheResourceAloneAndRefreshesAfterARestart() {
		start(Map.of());
		String refreshToken;
		try (PeerApplication application = byResource()) {
			assertThat(application.get(this.resource).getStatusCode().value()).isEqualTo(401);
			application.logIn();
			assertThat(application.get(this.resource).getBody()).contains("\"aud\":\"" + this.resource + "\"")
				.contains("\"scope\":\"tools:read\"");
			refreshToken = application.login().refreshToken();
			assertThat(refreshToken).isNotNull();
		}
		try (PeerApplication application = byResource()) {
			for (int i = 0; i < 3; i++) {
				application.refresh();
				assertThat(application.get(this.resource).getStatusCode().value()).isEqualTo(200);
				assertThat(application.login().refreshToken()).isNotEqualTo(refreshToken);
				refreshToken = application.login().refreshToken();
			}
		}
		assertThat(this.server.count(REGISTERED, 1)).isOne();
		assertThat(this.server.lines(AUTHORIZED)).hasSize(1)
			.allMatch((line) -> line.contains("\"resource\":\"" + this.resource + "\""));
	}

	@Test
	void refreshesTokensThatTheResourceNoLongerTakes() {
		// It takes no token for longer than that: each call needs a new one.
		start(Map.of("accessTokenTtl", 1));
		try (PeerApplication application = byResource()) {
			application.logIn();
			for (int i = 0; i < 3; i++) {
				assertThat(application.get(this.resource).getStatusCode().value()).isEqualTo(200);
			}
		}
		assertThat(this.server.count(AUTHORIZED, 1)).isOne();
	}

	@Test
	void stepsUpOnRequest() {
		start(Map.of());
		try (PeerApplication application = byResource("oauth2.pkce.login.on-request=always")) {
			assertThat(application.get(this.resource).getBody()).contains("\"scope\":\"tools:read\"");
			assertThat(application.get(this.resource + "/write").getBody())
				.contains("\"scope\":\"tools:read tools:write\"");
			assertThat(application.get(this.resource).getStatusCode().value()).isEqualTo(200);
		}
		assertThat(this.server.count(REGISTERED, 1)).isOne();
		assertThat(this.server.count(AUTHORIZED, 2)).isEqualTo(2);
	}

	/**
	 * A client may ask for no scope that it has not registered, if it has registered any.
	 */
	@Test
	void registersAnewForScopesThatAreNotRegistered() {
		start(Map.of("scopes", List.of("tools:read", "tools:write")));
		try (PeerApplication application = byResource()) {
			application.logIn();
			assertThat(application.get(this.resource + "/write").getStatusCode().value()).isEqualTo(403);
			assertThatExceptionOfType(LoginException.class).isThrownBy(application::logIn)
				.withMessageContaining("invalid_scope")
				.withMessageContaining("Log in again");
			application.logIn();
			assertThat(application.get(this.resource + "/write").getStatusCode().value()).isEqualTo(200);
		}
		assertThat(this.server.count(REGISTERED, 2)).isEqualTo(2);
	}

	@Test
	void logsInByDeviceCodeWithTheClientOfAnEarlierLogin() throws Exception {
		start(Map.of());
		try (PeerApplication application = byResource()) {
			application.logIn();
		}
		try (PeerApplication application = byResource("authorization-grant-type=device_code")) {
			application.logInByDevice();
			assertThat(application.get(this.resource).getStatusCode().value()).isEqualTo(200);
			assertThat(application.login().refreshToken()).isNotNull();
		}
		assertThat(this.server.count(REGISTERED, 1)).isOne();
	}

	@Test
	void deletesItsRegistrationAtLogout() {
		start(Map.of());
		try (PeerApplication application = byIssuer()) {
			application.logIn();
			assertThat(application.login().refreshToken()).isNotNull();
			application.logOut();
			assertThat(this.server.count("registration_delete.success", 1)).isOne();
			application.logIn();
		}
		assertThat(this.server.count(REGISTERED, 2)).isEqualTo(2);
	}

	@Test
	void registersAnewWhereTheServerHasForgottenTheClient() throws Exception {
		start(Map.of());
		try (PeerApplication application = byIssuer()) {
			application.logIn();
			RegisteredClient client = application.client();
			assertThat(manage(client, "DELETE", null).statusCode()).isEqualTo(204);
			application.logIn();
			assertThat(application.client().id()).isNotEqualTo(client.id());
			assertThat(application.state()).isEqualTo(AuthorizationState.AUTHORIZED);
		}
		assertThat(this.server.count(REGISTERED, 2)).isEqualTo(2);
	}

	@Test
	void registersAnewOnRequestWhereRefreshesFindTheClientForgotten() throws Exception {
		start(Map.of("accessTokenTtl", 1));
		try (PeerApplication application = byResource()) {
			application.logIn();
			assertThat(manage(application.client(), "DELETE", null).statusCode()).isEqualTo(204);
			// The first refusal counts where the registration is gone, else the third.
			Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
				application.refresh();
				return application.state() == AuthorizationState.REAUTHENTICATION_REQUIRED;
			});
		}
		try (PeerApplication application = byResource("oauth2.pkce.login.on-request=always")) {
			// The token of the login that has ended is sent until it has ended, too.
			// A token ends after a second: on a busy machine, the new one too, on its
			// way.
			Awaitility.await()
				.atMost(Duration.ofSeconds(20))
				.until(() -> application.get(this.resource).getStatusCode().value() == 200
						&& this.server.count(REGISTERED) == 2);
		}
	}

	/** The old registration access token is worth nothing then (RFC 7592 section 2.2). */
	@Test
	void registersAnewWhereSomebodyElseHasChangedTheRegistration() throws Exception {
		start(Map.of());
		try (PeerApplication application = byIssuer()) {
			application.logIn();
			RegisteredClient client = application.client();
			HttpResponse<String> read = manage(client, "GET", null);
			ObjectNode members = (ObjectNode) JsonMapper.shared().readTree(read.body());
			members.remove(List.of("registration_access_token", "registration_client_uri", "client_id_issued_at",
					"client_secret_expires_at"));
			assertThat(manage(client, "PUT", members.toString()).statusCode()).isEqualTo(200);
			application.refresh();
			assertThat(application.state()).isEqualTo(AuthorizationState.AUTHORIZED);
			application.logIn();
			assertThat(application.client().id()).isNotEqualTo(client.id());
		}
	}

	@Test
	void logsInWhereTheRegisteredPortIsTaken() throws IOException {
		start(Map.of());
		try (PeerApplication application = byResource()) {
			application.logIn();
			int port = URI.create(application.client().redirectUri()).getPort();
			try (ServerSocket taken = new ServerSocket()) {
				taken.bind(new InetSocketAddress("127.0.0.1", port));
				application.logIn();
			}
			assertThat(application.get(this.resource).getStatusCode().value()).isEqualTo(200);
		}
	}

	@Test
	void registersWithAnInitialAccessToken() {
		start(Map.of("initialAccessToken", "given-by-an-operator"));
		try (PeerApplication application = byResource()) {
			assertThatExceptionOfType(LoginException.class).isThrownBy(application::logIn)
				.withMessageContaining("oauth2.pkce.providers.tools.registration.initial-access-token");
		}
		try (PeerApplication application = byResource("registration.initial-access-token=given-by-an-operator")) {
			application.logIn();
			assertThat(application.get(this.resource).getStatusCode().value()).isEqualTo(200);
		}
	}

	/** Both servers demand nonces, and the resource changes its own every three calls. */
	@Test
	void bindsABrowserLoginToOneKeyWhereRequestsHaveToBePushed() {
		start(Map.of("dpop", true, "par", true));
		try (PeerApplication application = byResource("dpop=true")) {
			application.logIn();
			callAndRefresh(application);
		}
		assertThat(this.server.count("pushed_authorization_request.success", 1)).isOne();
		assertThat(this.server.lines(AUTHORIZED)).hasSize(1).allMatch((line) -> line.contains("\"dpop_jkt\":\""));
	}

	@Test
	void bindsADeviceLoginToOneKeyAndKeepsItOverARestart() throws Exception {
		start(Map.of("dpop", true, "par", true));
		String key;
		try (PeerApplication application = byResource("dpop=true", "authorization-grant-type=device_code")) {
			application.logInByDevice();
			key = application.login().origin().key().thumbprint();
			callAndRefresh(application);
		}
		try (PeerApplication application = byResource("dpop=true", "authorization-grant-type=device_code")) {
			callAndRefresh(application);
			assertThat(application.login().origin().key().thumbprint()).isEqualTo(key);
			application.logInByDevice();
			assertThat(application.login().origin().key().thumbprint()).as("another login").isNotEqualTo(key);
		}
	}

	/** Refresh tokens work once, and each call has a proof of its own. */
	private void callAndRefresh(PeerApplication application) {
		String key = application.login().origin().key().thumbprint();
		for (int i = 0; i < 3; i++) {
			for (int call = 0; call < 4; call++) {
				ResponseEntity<String> answer = application.get(this.resource);
				assertThat(answer.getStatusCode().value()).isEqualTo(200);
				assertThat(answer.getBody()).contains("\"cnf\":{\"jkt\":\"" + key + "\"}");
			}
			String refreshToken = application.login().refreshToken();
			application.refresh();
			assertThat(application.login().refreshToken()).isNotEqualTo(refreshToken);
		}
		assertThat(application.state()).isEqualTo(AuthorizationState.AUTHORIZED);
		// Nothing was refused but for a nonce, and no 401 for a nonce cost a refresh.
		assertThat(this.server.lines("resource")).isNotEmpty().allMatch("resource use_dpop_nonce"::equals);
	}

	private void start(Map<String, Object> options) {
		this.server = NodeServer.script("oidc-provider.mjs",
				Map.of("OPTIONS", JsonMapper.shared().writeValueAsString(options)));
		JsonNode addresses = JsonMapper.shared().readTree(this.server.firstLine());
		this.issuer = addresses.path("issuer").stringValue();
		this.resource = addresses.path("resource").stringValue();
	}

	private PeerApplication byResource(String... properties) {
		return PeerApplication.start(this.directory, "resource-uri=" + this.resource, properties);
	}

	private PeerApplication byIssuer() {
		return PeerApplication.start(this.directory, "issuer-uri=" + this.issuer, "registration.enabled=true",
				"authorization-grant-type=authorization_code", "require-iss=true", "scope=openid,offline_access");
	}

	private static HttpResponse<String> manage(RegisteredClient client, String method, String body)
			throws IOException, InterruptedException {
		HttpRequest request = HttpRequest.newBuilder(URI.create(client.managementUri()))
			.header("Authorization", "Bearer " + client.managementToken())
			.header("Content-Type", "application/json")
			.method(method, (body != null) ? BodyPublishers.ofString(body) : BodyPublishers.noBody())
			.build();
		return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
	}

}
