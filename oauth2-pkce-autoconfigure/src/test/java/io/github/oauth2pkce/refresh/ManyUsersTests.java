package io.github.oauth2pkce.refresh;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.TestCredentials;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.TokenEndpoint;

import static org.assertj.core.api.Assertions.assertThat;

/** Far more users than memory should hold, each with a stored login that works. */
@Timeout(60)
class ManyUsersTests {

	private static final int USERS = 100_000;

	/** Those who came last, and what a cache has not yet thrown out. */
	private static final int KEPT = 11_000;

	private static final Duration SOON = Duration.ofSeconds(20);

	private final RefreshWorld world = new RefreshWorld();

	private final EndlessStore store = new EndlessStore();

	private final Provider provider = TestProviders.device(this.world.server)
		.principal(PrincipalKind.CURRENT_USER)
		.build();

	private final Credentials credentials = credentials();

	private final RefreshingBearerTokenSource source = new RefreshingBearerTokenSource(
			new Providers(List.of(this.provider)), this.credentials,
			Mono.deferContextual((context) -> Mono.just(context.<String>get("user"))), new RefreshSettings(SOON, SOON));

	@AfterEach
	void close() {
		this.world.close();
	}

	@Test
	void memoryHoldsTheRecentUsersAndNoMore() {
		List<WeakReference<Object>> touched = new ArrayList<>(2 * USERS);
		for (int i = 0; i < USERS; i++) {
			// Names are held by whatever remembers their users, keys of caches included.
			String name = "user-" + i;
			assertThat(tokenOf(name)).isEqualTo("token of " + name);
			touched.add(new WeakReference<>(name));
			touched.add(new WeakReference<>(this.credentials.of(new CredentialId("demo", name))));
		}
		assertThat(this.store.loads).hasValueGreaterThanOrEqualTo(USERS);
		AtomicInteger others = new AtomicInteger();
		Awaitility.await().atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(100)).untilAsserted(() -> {
			System.gc();
			// Caches throw out when something comes in; of what is read they take note
			// now and then.
			tokenOf("another-" + others.getAndIncrement());
			assertThat(touched.stream().filter((reference) -> reference.get() != null).count()).isBetween(2L,
					2L * KEPT);
		});
	}

	@Test
	void userWhoIsInUseStaysTheOneWhoeverComesMeanwhile() {
		CredentialId id = new CredentialId("demo", "alice");
		RefreshableCredential inUse = this.credentials.of(id);
		for (int i = 0; i < 3 * KEPT; i++) {
			this.credentials.of(new CredentialId("demo", "user-" + i));
		}
		System.gc();
		assertThat(this.credentials.of(new CredentialId("demo", "alice"))).isSameAs(inUse);
	}

	@Test
	void loginsOfPeopleAreNotPushedOutByBearersHoweverManyCallWithThem() {
		for (int i = 0; i < KEPT / 11; i++) {
			this.credentials.of(new CredentialId("demo", "user-" + i));
		}
		for (int i = 0; i < 3 * KEPT; i++) {
			this.credentials.of(CredentialId.onBehalfOf("demo", "caller", "digest-" + i));
		}
		System.gc();
		assertThat(this.credentials.ofUsers("demo")).hasSize(KEPT / 11 + 1);
	}

	@Test
	void userWhoCallsAgainCostsNoReadingOfTheStoreHoweverManyThereAre() {
		for (int i = 0; i < KEPT / 11; i++) {
			tokenOf("user-" + i);
		}
		int loads = this.store.loads.get();
		for (int call = 0; call < 100; call++) {
			tokenOf("user-7");
		}
		assertThat(this.store.loads).hasValue(loads);
	}

	private String tokenOf(String user) {
		BearerToken token = this.source.current("demo")
			.contextWrite((context) -> context.put("user", user))
			.block(SOON);
		assertThat(token).isNotNull();
		return RefreshWorld.tokenOf(token);
	}

	private Credentials credentials() {
		AuthorizationServerClient client = TestLogins.client(SOON);
		// On the calling thread: nothing here waits for anything.
		return Credentials
			.builder(new Providers(List.of(this.provider)), new TokenEndpoint(client),
					new Discovery(client, this.world.clock))
			.store(this.store)
			.clock(this.world.clock)
			.executor(Runnable::run)
			.build();
	}

	/** Knows every user and remembers none. */
	private final class EndlessStore implements TokenStore {

		private final AtomicInteger loads = new AtomicInteger();

		@Override
		public @Nullable Credential load(CredentialId id) {
			this.loads.incrementAndGet();
			Provider provider = ManyUsersTests.this.provider;
			return TestCredentials.credential()
				.id(id)
				.origin(null, ManyUsersTests.this.world.server.uri(Endpoint.TOKEN).toString(), provider.client().id())
				.accessToken("token of " + id.principalName())
				.build();
		}

		@Override
		public boolean save(Credential credential, long expectedGeneration) {
			throw new AssertionError("Nothing has changed");
		}

		@Override
		public boolean remove(CredentialId id, long expectedGeneration) {
			throw new AssertionError("Nobody has logged out");
		}

		@Override
		public Lock lock(CredentialId id, Duration timeout) {
			return () -> {
			};
		}

		@Override
		public void checkWritable() {
		}

	}

}
