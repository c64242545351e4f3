package io.github.oauth2pkce.registration;

import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshOutcome;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.registration.ResourceFirstWorld.Application;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.ForwardingTokenStore;
import io.github.oauth2pkce.testing.KeyPairs;
import io.github.oauth2pkce.testing.RecordedRequest;

import static org.assertj.core.api.Assertions.assertThat;

/** Nodes of one application get another key, one after the other. */
@Timeout(120)
class ChangedKeyTests {

	private static final CredentialId ID = CredentialId.ofApplication("tools");

	private final ResourceFirstWorld world = new ResourceFirstWorld();

	private final FakeAuthorizationServer server = this.world.server;

	private final KeyPair oldKey = KeyPairs.generate("P-256");

	private final KeyPair newKey = KeyPairs.generate("P-256");

	private final List<Application> nodes = new ArrayList<>();

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@BeforeEach
	void takeKeys() {
		this.server.discovery().authenticationMethods("none", "private_key_jwt");
		this.server.registration().manage(true).rotateAccessTokens(true);
	}

	@AfterEach
	void stop() {
		this.nodes.forEach(Application::close);
		this.world.close();
	}

	private Application node(KeyPair key, String... properties) {
		return node(key, null, properties);
	}

	private Application node(KeyPair key, @Nullable TokenStore store, String... properties) {
		List<String> all = new ArrayList<>(
				List.of("oauth2.pkce.providers.tools.resource-uri=" + this.world.resource.uri(),
						"oauth2.pkce.providers.tools.client-assertion.key=" + KeyPairs.pkcs8(key),
						"oauth2.pkce.store.type=file", "oauth2.pkce.store.directory=" + this.directory));
		all.addAll(List.of(properties));
		Application node = ResourceFirstWorld.start(all, store);
		this.nodes.add(node);
		return node;
	}

	private static @Nullable RefreshOutcome refresh(Application node) {
		Credentials credentials = node.context.getBean(Credentials.class);
		credentials.current(ID, RefreshTrigger.MANUAL).join();
		return credentials.status(ID).lastOutcome();
	}

	private static @Nullable String errorOf(Application node) {
		return node.context.getBean(Credentials.class).status(ID).lastError();
	}

	private List<RecordedRequest> updates() {
		return this.server.requests(Endpoint.CLIENT_CONFIGURATION)
			.stream()
			.filter((request) -> request.method().equals("PUT"))
			.toList();
	}

	@Test
	void nodeWithANewKeyAddsItAndTheLoginGoesOnForAll() {
		Application before = node(this.oldKey);
		before.logIn();
		Application after = node(this.newKey);
		for (int round = 0; round < 3; round++) {
			refresh(after);
			assertThat(errorOf(after)).isNull();
			refresh(before);
			assertThat(errorOf(before)).isNull();
		}
		assertThat(this.server.refreshesGranted()).isGreaterThanOrEqualTo(3);
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
		assertThat(updates()).singleElement()
			.satisfies((update) -> assertThat(update.body()).contains("redirect_uris",
					KeyPairs.registered(this.oldKey).getKeyID(), KeyPairs.registered(this.newKey).getKeyID()));
	}

	@Test
	void nodesAndCallersThatGetTheNewKeyTogetherAddItOnce() {
		node(this.oldKey).logIn();
		List<Application> after = List.of(node(this.newKey), node(this.newKey));
		List<CompletableFuture<Integer>> calls = IntStream.range(0, 32)
			.mapToObj((call) -> CompletableFuture.supplyAsync(() -> {
				refresh(after.get(call % 2));
				return after.get(call % 2).call(this.world.resource.uri());
			}))
			.toList();
		assertThat(calls).allSatisfy((call) -> assertThat(call.join()).isEqualTo(200));
		assertThat(updates()).hasSize(1);
	}

	@Test
	void keyBeforeTheLastGoes() {
		KeyPair newest = KeyPairs.generate("P-256");
		node(this.oldKey).logIn();
		refresh(node(this.newKey));
		refresh(node(newest));
		assertThat(updates()).last()
			.satisfies((update) -> assertThat(update.body())
				.contains(KeyPairs.registered(this.newKey).getKeyID(), KeyPairs.registered(newest).getKeyID())
				.doesNotContain(KeyPairs.registered(this.oldKey).getKeyID()));
	}

	@Test
	void loginWithANewKeyIsOfTheSameClient() {
		node(this.oldKey).logIn();
		Application after = node(this.newKey);
		after.logIn();
		assertThat(refresh(after)).isEqualTo(RefreshOutcome.REFRESHED);
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
	}

	@Test
	void logoutWithANewKeyRevokes() {
		node(this.oldKey).logIn();
		Application after = node(this.newKey);
		assertThat(after.context.getBean(Logout.class).logOut(ID).revoked()).isTrue();
	}

	/** Nobody asks with a key that the server does not know: that would end the login. */
	@ParameterizedTest
	@ValueSource(ints = { 403, 405 })
	void serverThatTakesNoNewKeyCostsNoLogin(int status) {
		Application before = node(this.oldKey);
		before.logIn();
		Application after = node(this.newKey);
		int requests = this.server.requests(Endpoint.TOKEN).size();
		for (int attempt = 0; attempt < 4; attempt++) {
			this.server.enqueue(Endpoint.CLIENT_CONFIGURATION, Answer.normally(), Answer.status(status));
			assertThat(refresh(after)).isEqualTo(RefreshOutcome.REFUSED);
		}
		assertThat(errorOf(after)).isEqualTo("registration_failed");
		assertThat(after.call(this.world.resource.uri())).isEqualTo(200);
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(requests);
		assertThat(refresh(before)).isEqualTo(RefreshOutcome.REFRESHED);
		refresh(after);
		assertThat(errorOf(after)).isNull();
	}

	@ParameterizedTest
	@ValueSource(ints = { 408, 425, 429, 500, 503 })
	void serverInTroubleIsAskedAgainLater(int status) {
		node(this.oldKey).logIn();
		Application after = node(this.newKey);
		this.server.enqueue(Endpoint.CLIENT_CONFIGURATION, Answer.normally(), Answer.status(status));
		assertThat(refresh(after)).isEqualTo(RefreshOutcome.TRANSIENT);
		assertThat(after.call(this.world.resource.uri())).isEqualTo(200);
		assertThat(refresh(after)).isEqualTo(RefreshOutcome.REFRESHED);
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
	}

	@Test
	void personWhoLogsInMeanwhileDoesNotWaitForAServerInTrouble() {
		Application before = node(this.oldKey);
		before.logIn();
		Application after = node(this.newKey);
		this.server.enqueue(Endpoint.CLIENT_CONFIGURATION, Answer.normally(), Answer.normally(), Answer.status(503));
		after.logIn();
		assertThat(refresh(after)).isEqualTo(RefreshOutcome.REFRESHED);
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(2);
	}

	@Test
	void keyIsNothingToAServerThatRegisteredTheClientWithASecret() {
		this.server.registration().authenticationMethod("client_secret_basic");
		node(this.oldKey).logIn();
		assertThat(refresh(node(this.newKey))).isEqualTo(RefreshOutcome.REFRESHED);
		assertThat(this.server.requests(Endpoint.CLIENT_CONFIGURATION)).isEmpty();
	}

	@Test
	void registrationThatCouldNotBeSavedIsUsedAndSavedLater() {
		AtomicBoolean full = new AtomicBoolean();
		TokenStore store = new ForwardingTokenStore(new MemoryTokenStore()) {

			@Override
			public boolean save(Credential credential, long expectedGeneration) {
				if (full.get() && credential.origin().tokenEndpoint().isEmpty()) {
					throw new TokenStoreException("The disk is full", null);
				}
				return super.save(credential, expectedGeneration);
			}

		};
		node(this.oldKey, store).logIn();
		full.set(true);
		Application after = node(this.newKey, store);
		assertThat(refresh(after)).isEqualTo(RefreshOutcome.REFRESHED);
		assertThat(refresh(after)).isEqualTo(RefreshOutcome.REFRESHED);
		full.set(false);
		assertThat(refresh(after)).isEqualTo(RefreshOutcome.REFRESHED);
		assertThat(refresh(node(this.newKey, store))).isEqualTo(RefreshOutcome.REFRESHED);
		assertThat(updates()).hasSize(1);
	}

	@Test
	void withoutARegistrationAccessTokenTheNextLoginRegistersAnew() {
		this.server.registration().manage(false);
		Application before = node(this.oldKey);
		before.logIn();
		Application after = node(this.newKey);
		for (int attempt = 0; attempt < 4; attempt++) {
			assertThat(refresh(after)).isEqualTo(RefreshOutcome.REFUSED);
		}
		assertThat(refresh(before)).isEqualTo(RefreshOutcome.REFRESHED);
		after.logIn();
		assertThat(refresh(after)).isEqualTo(RefreshOutcome.REFRESHED);
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(2);
	}

	@Test
	void keyHasItsConfiguredNameWhereItIsRegistered() {
		String name = "oauth2.pkce.providers.tools.client-assertion.key-id=key-of-";
		Application before = node(this.oldKey, name + "2025");
		before.logIn();
		assertThat(refresh(before)).isEqualTo(RefreshOutcome.REFRESHED);
		assertThat(this.server.requests(Endpoint.REGISTRATION).get(0).body()).contains("\"kid\":\"key-of-2025\"");
		Application after = node(this.newKey, name + "2026");
		assertThat(refresh(after)).isEqualTo(RefreshOutcome.REFRESHED);
		assertThat(updates().get(0).body()).contains("key-of-2025", "key-of-2026");
	}

}
