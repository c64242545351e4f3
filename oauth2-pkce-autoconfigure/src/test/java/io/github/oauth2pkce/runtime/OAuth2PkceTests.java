package io.github.oauth2pkce.runtime;

import java.security.KeyPair;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Assertion;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.FakeResource;
import io.github.oauth2pkce.testing.KeyPairs;
import io.github.oauth2pkce.testing.TestProviders;

import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

class OAuth2PkceTests {

	private static final CredentialId ID = CredentialId.ofApplication("demo");

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final MemoryTokenStore store = new MemoryTokenStore();

	@AfterEach
	void close() {
		this.server.close();
	}

	private OAuth2Pkce assemble() {
		return OAuth2Pkce.with(TestProviders.device(this.server).build())
			.baseUrls("demo", this.server.uri("/api").toString())
			.store(this.store)
			.prompt((userCode) -> this.server.approve(userCode.userCode()))
			.build();
	}

	@Test
	void logsInOnceAndSendsTheBearerAlsoAfterARestart() {
		try (OAuth2Pkce pkce = assemble()) {
			assertThat(get(pkce)).isEqualTo(401);
			pkce.logins().logIn("demo");
			assertThat(get(pkce)).isEqualTo(200);
		}
		try (OAuth2Pkce restarted = assemble()) {
			assertThat(restarted.logins().logInIfNeeded("demo")).isFalse();
			assertThat(get(restarted)).isEqualTo(200);
			assertThat(restarted.logout().forget(ID)).isTrue();
			assertThat(restarted.credentials().load(ID)).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
		}
		assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).hasSize(1);
	}

	@Test
	void theNextLoginAsksForWhatAResourceDemands() {
		FakeResource resource = this.server.protectedResource("/api").requireScopes("admin");
		try (OAuth2Pkce pkce = assemble()) {
			pkce.logins().logIn("demo");
			assertThat(get(pkce)).isEqualTo(403);
			pkce.logins().logIn("demo");
			assertThat(get(pkce)).isEqualTo(200);
			resource.requireScopes("other");
			pkce.logins().logIn("demo");
			assertThat(get(pkce)).as("forgotten with the login").isEqualTo(403);
		}
	}

	@Test
	void signsByAKey() {
		KeyPair pair = KeyPairs.generate("P-256");
		this.server.register(FakeClient.signing("signer", KeyPairs.registered(pair).toJSONString()));
		Provider provider = Provider.withId("demo", "signer")
			.issuerUri(this.server.issuer())
			.assertion(new Assertion(KeyPairs.pkcs8(pair), null, null, null, null, Duration.ofMinutes(1), null, null))
			.build();
		try (OAuth2Pkce pkce = OAuth2Pkce.with(provider)
			.baseUrls("demo", this.server.uri("/api").toString())
			.prompt((userCode) -> this.server.approve(userCode.userCode()))
			.build()) {
			pkce.logins().logIn("demo");
			assertThat(get(pkce)).isEqualTo(200);
		}
	}

	@Test
	void closingGivesALoginUpThatWaits() {
		CompletableFuture<Void> completion;
		try (OAuth2Pkce pkce = OAuth2Pkce.with(TestProviders.device(this.server).build()).prompt((userCode) -> {
		}).build()) {
			completion = pkce.logins().start("demo").completion();
			assertThat(completion).isNotCompleted();
		}
		assertThat(completion).isCompletedExceptionally();
	}

	private int get(OAuth2Pkce pkce) {
		return WebClient.builder()
			.filter(pkce.filter())
			.build()
			.get()
			.uri(this.server.uri("/api/models"))
			.exchangeToMono((response) -> response.releaseBody().thenReturn(response.statusCode().value()))
			.blockOptional()
			.orElseThrow();
	}

}
