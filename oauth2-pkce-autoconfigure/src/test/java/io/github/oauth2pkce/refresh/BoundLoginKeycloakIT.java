package io.github.oauth2pkce.refresh;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import com.nimbusds.jwt.SignedJWT;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.CodeVerifier;
import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Endpoints;
import io.github.oauth2pkce.keycloak.KeycloakBrowser;
import io.github.oauth2pkce.keycloak.KeycloakExtension;
import io.github.oauth2pkce.keycloak.KeycloakServer;
import io.github.oauth2pkce.refresh.RefreshProcess.Handle;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.token.AuthorizationServerCall;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.JsonAnswer;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.util.MultiValueMap;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Two processes share a login of a public client at a real Keycloak, bound to a key (RFC
 * 9449) and with refresh tokens that work once: racing, and killed at every step of a
 * refresh. What is stored always is a token with the key that it is bound to.
 */
@Timeout(180)
@ExtendWith(KeycloakExtension.class)
class BoundLoginKeycloakIT {

	private static final int ROUNDS = 20;

	private static final CredentialId ID = CredentialId.ofApplication("demo");

	private final KeycloakServer keycloak;

	private final KeycloakBrowser browser;

	private final URI tokenEndpoint;

	private final Provider provider;

	@TempDir
	Path directory;

	private TokenStore store;

	/** What processes take for the time: a token lives ten seconds. */
	private Instant now = Instant.now();

	BoundLoginKeycloakIT(KeycloakServer keycloak, KeycloakBrowser browser) {
		this.keycloak = keycloak;
		this.browser = browser;
		this.tokenEndpoint = URI.create(keycloak.tokenEndpoint());
		this.provider = Provider.withId("demo", "device-dpop")
			.endpoints(new Endpoints(null, null, this.tokenEndpoint, null))
			.build();
	}

	@BeforeEach
	void logIn() {
		this.store = RefreshProcess.open(this.directory.toUri().toString(), Duration.ofSeconds(10));
		logInWith(DpopKey.generate());
	}

	@Test
	void twoProcessesRefreshOnceInEveryRound() throws Exception {
		DpopKey key = boundKey();
		try (Handle one = start(); Handle two = start()) {
			for (int round = 1; round <= ROUNDS; round++) {
				endTheToken(one, two);
				String before = stored().refreshToken();
				one.send("refresh");
				two.send("refresh");
				assertThat(one.receive()).startsWith("token ").isEqualTo(two.receive());
				assertThat(stored().refreshToken()).isNotEqualTo(before);
				assertThat(boundKey()).isEqualTo(key);
			}
		}
	}

	@Test
	void killedBeforeTheRequestNothingIsLost() throws Exception {
		DpopKey key = boundKey();
		killAt("before-request");
		assertThat(refreshed()).startsWith("token ");
		assertThat(boundKey()).isEqualTo(key);
	}

	@Test
	void killedAfterTheSaveNothingIsLost() throws Exception {
		DpopKey key = boundKey();
		String before = stored().refreshToken();
		killAt("after-save");
		assertThat(stored().refreshToken()).isNotEqualTo(before);
		assertThat(refreshed()).startsWith("token ");
		assertThat(boundKey()).isEqualTo(key);
	}

	/** Nobody can help that. The next login is bound to its own key. */
	@Test
	void killedBetweenAnswerAndSaveTheLoginIsLostAndTheNextIsWhole() throws Exception {
		DpopKey key = boundKey();
		killAt("before-save");
		assertThat(refreshed()).isEqualTo("reauthentication_required REAUTHENTICATION_REQUIRED");
		assertThat(boundKey()).isEqualTo(key);
		try (Handle other = start()) {
			DpopKey next = DpopKey.generate();
			logInWith(next);
			endTheToken(other);
			assertThat(other.ask("refresh")).startsWith("token ");
			assertThat(boundKey()).isEqualTo(next);
		}
	}

	private void killAt(String step) throws Exception {
		try (Handle process = start()) {
			endTheToken(process);
			assertThat(process.ask("halt " + step)).isEqualTo("ok");
			assertThat(process.ask("refresh")).isEqualTo("halted " + step);
			process.kill();
		}
	}

	private String refreshed() throws IOException {
		try (Handle next = start()) {
			endTheToken(next);
			return next.ask("refresh");
		}
	}

	private Handle start() throws IOException {
		Handle process = new Handle(this.directory.toUri().toString(), Duration.ofSeconds(10), this.tokenEndpoint,
				this.provider.client().id());
		assertThat(process.receive()).isEqualTo("ready");
		return process;
	}

	private void endTheToken(Handle... processes) throws IOException {
		this.now = this.now.plusSeconds(20);
		for (Handle process : processes) {
			assertThat(process.ask("at " + this.now.getEpochSecond())).isEqualTo("ok");
		}
	}

	private Credential stored() {
		return Objects.requireNonNull(this.store.load(ID));
	}

	/** The key that is stored, which is the one that the stored token is bound to. */
	private DpopKey boundKey() throws ParseException {
		Credential stored = stored();
		DpopKey key = Objects.requireNonNull(stored.origin().key());
		assertThat(SignedJWT.parse(stored.accessToken()).getJWTClaimsSet().getJSONObjectClaim("cnf"))
			.containsEntry("jkt", key.thumbprint());
		return key;
	}

	private void logInWith(DpopKey key) {
		AuthorizationServerClient client = TestLogins.client(Duration.ofSeconds(30));
		CodeVerifier verifier = CodeVerifier.generate();
		JsonAnswer device = Objects.requireNonNull(JsonAnswer.parse(client
			.post(this.provider, URI.create(this.keycloak.deviceAuthorizationEndpoint()),
					AuthorizationServerCall.deviceAuthorization("demo"), MultiValueMap.fromSingleValue(Map.of("scope",
							"openid", "code_challenge", verifier.challenge().value(), "code_challenge_method", "S256")))
			.body()));
		this.browser.approve(device.text("verification_uri_complete"), "alice", "alice-pw");
		TokenResponse response = new TokenEndpoint(client).request(this.provider.withKey(key), this.tokenEndpoint,
				AuthorizationGrantType.DEVICE_CODE, MultiValueMap.fromSingleValue(Map.of("device_code",
						Objects.requireNonNull(device.text("device_code")), "code_verifier", verifier.value())));
		Credential before = this.store.load(ID);
		long generation = (before != null) ? before.generation() : Credential.NONE;
		Origin origin = new Origin(null, this.tokenEndpoint.toString(), this.provider.client().id(), null, null, null,
				key);
		assertThat(this.store.save(
				Credential.issued(ID, origin, response, Set.of("openid"), response.expiresIn(), generation, this.now),
				generation))
			.isTrue();
	}

}
