package io.github.oauth2pkce.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.oauth2pkce.testing.TestCredentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Applications that share a store, and what versions without namespaces have left. */
@Timeout(120)
class NamespaceTests {

	private static final CredentialId ID = CredentialId.ofApplication("demo");

	private static final Namespace SHOP = SharedStores.NAMESPACE;

	private static final Namespace BILLING = new Namespace("billing", (credential) -> true);

	private static final Namespace STRANGER = new Namespace("stranger", (credential) -> false);

	private static final Duration AT_ONCE = Duration.ZERO;

	private final List<TokenStore> opened = new ArrayList<>();

	static Stream<Named<Supplier<SharedStores>>> stores() {
		return Stream.of(Named.of("PostgreSQL", SharedStores::postgres), Named.of("H2", SharedStores::h2),
				Named.of("Redis", SharedStores::redis), Named.of("Redis Cluster", SharedStores::redisCluster));
	}

	@AfterEach
	void close() throws Exception {
		for (TokenStore store : this.opened) {
			((AutoCloseable) store).close();
		}
	}

	private TokenStore open(SharedStores stores, Namespace namespace) {
		TokenStore store = stores.open(namespace);
		this.opened.add(store);
		return store;
	}

	private static Credential saved(TokenStore store, String accessToken) {
		Credential credential = TestCredentials.credential().id(ID).accessToken(accessToken).build();
		assertThat(store.save(credential, Credential.NONE)).isTrue();
		return credential;
	}

	// Apart.

	@ParameterizedTest
	@MethodSource("stores")
	void loginsOfTwoNamespacesAreApart(Supplier<SharedStores> stores) {
		SharedStores shared = stores.get();
		TokenStore shop = open(shared, SHOP);
		TokenStore billing = open(shared, BILLING);
		Credential ofShop = saved(shop, "shop");
		assertThat(billing.load(ID)).isNull();
		Credential ofBilling = saved(billing, "billing");
		assertThat(shop.load(ID)).isEqualTo(ofShop);
		assertThat(billing.remove(ID, ofBilling.generation())).isTrue();
		assertThat(shop.load(ID)).isEqualTo(ofShop);
		assertThat(shared.dump()).contains("shop").doesNotContain("billing");
	}

	@ParameterizedTest
	@MethodSource("stores")
	void locksOfTwoNamespacesAreApart(Supplier<SharedStores> stores) {
		SharedStores shared = stores.get();
		try (TokenStore.Lock shop = open(shared, SHOP).lock(ID, AT_ONCE);
				TokenStore.Lock billing = open(shared, BILLING).lock(ID, AT_ONCE)) {
			assertThat(shop.isHeld()).isTrue();
			assertThat(billing.isHeld()).isTrue();
			assertThatExceptionOfType(LockTimeoutException.class)
				.isThrownBy(() -> open(shared, SHOP).lock(ID, AT_ONCE));
		}
	}

	@ParameterizedTest
	@MethodSource("stores")
	void recordCopiedFromAnotherNamespaceDoesNotOpen(Supplier<SharedStores> stores) {
		SharedStores shared = stores.get();
		saved(open(shared, SHOP), "shop");
		TokenStore billing = open(shared, BILLING);
		saved(billing, "billing");
		shared.copy(ID, ID, BILLING);
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> billing.load(ID))
			.withMessageContaining("damaged");
	}

	@ParameterizedTest
	@MethodSource("stores")
	void takesANamespaceOfAnyName(Supplier<SharedStores> stores) {
		SharedStores shared = stores.get();
		TokenStore store = open(shared, new Namespace("{a}:b \u00e4/" + "x".repeat(300), (credential) -> true));
		Credential credential = saved(store, "odd");
		assertThat(store.load(ID)).isEqualTo(credential);
		store.lock(ID, AT_ONCE).close();
		store.checkWritable();
		store.checkWritable(ID);
	}

	// What versions without namespaces have left.

	@ParameterizedTest
	@MethodSource("stores")
	void firstApplicationTakesARecordOfBeforeOver(Supplier<SharedStores> stores) {
		SharedStores shared = stores.get();
		TokenStore before = open(shared, Namespace.NONE);
		Credential credential = saved(before, "old");
		assertThat(open(shared, SHOP).load(ID)).isEqualTo(credential);
		assertThat(before.load(ID)).isNull();
		assertThat(open(shared, BILLING).load(ID)).isNull();
		assertThat(open(shared, SHOP).load(ID)).isEqualTo(credential);
		assertThat(shared.count()).isEqualTo(1);
	}

	@ParameterizedTest
	@MethodSource("stores")
	void recordOfAnotherClientIsLeftForItsApplication(Supplier<SharedStores> stores) {
		SharedStores shared = stores.get();
		TokenStore before = open(shared, Namespace.NONE);
		Credential credential = saved(before, "old");
		TokenStore stranger = open(shared, STRANGER);
		assertThat(stranger.load(ID)).isNull();
		stranger.lock(ID, AT_ONCE).close();
		assertThat(stranger.remove(ID, credential.generation())).isFalse();
		Credential own = saved(stranger, "own");
		assertThat(stranger.load(ID)).isEqualTo(own);
		assertThat(open(shared, SHOP).load(ID)).isEqualTo(credential);
	}

	@ParameterizedTest
	@MethodSource("stores")
	void registeredClientsAreTakenOverAndClaimsAreNot(Supplier<SharedStores> stores) {
		SharedStores shared = stores.get();
		TokenStore before = open(shared, Namespace.NONE);
		CredentialId client = CredentialId.ofClient("demo", "server");
		CredentialId claim = ID.ofLogin();
		for (CredentialId id : List.of(client, claim)) {
			assertThat(before.save(TestCredentials.credential().id(id).build(), Credential.NONE)).isTrue();
		}
		TokenStore stranger = open(shared, STRANGER);
		assertThat(stranger.load(client)).isNotNull();
		assertThat(stranger.load(claim)).isNull();
		assertThat(before.load(claim)).isNotNull();
	}

	/** During a rollout: the refresh token is spent by one of both. */
	@ParameterizedTest
	@MethodSource("stores")
	void recordThatAnEarlierVersionRefreshesIsReadAndNotMoved(Supplier<SharedStores> stores) {
		SharedStores shared = stores.get();
		TokenStore before = open(shared, Namespace.NONE);
		Credential credential = saved(before, "old");
		TokenStore shop = open(shared, SHOP);
		Credential refreshed = TestCredentials.credential().accessToken("newer").generation(2).build();
		try (TokenStore.Lock lock = before.lock(ID, AT_ONCE)) {
			assertThat(shop.load(ID)).isEqualTo(credential);
			assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(() -> shop.lock(ID, AT_ONCE));
			assertThat(before.save(refreshed, 1)).isTrue();
		}
		try (TokenStore.Lock lock = shop.lock(ID, AT_ONCE)) {
			assertThat(before.load(ID)).isNull();
			assertThat(shop.load(ID)).isEqualTo(refreshed);
		}
	}

	@ParameterizedTest
	@MethodSource("stores")
	void logoutRemovesARecordThatAnEarlierVersionHolds(Supplier<SharedStores> stores) {
		SharedStores shared = stores.get();
		TokenStore before = open(shared, Namespace.NONE);
		Credential credential = saved(before, "old");
		TokenStore shop = open(shared, SHOP);
		try (TokenStore.Lock lock = before.lock(ID, AT_ONCE)) {
			assertThat(shop.remove(ID, credential.generation() + 1)).isFalse();
			assertThat(shop.remove(ID, credential.generation())).isTrue();
			assertThat(shop.load(ID)).isNull();
			assertThat(before.load(ID)).isNull();
		}
	}

	@ParameterizedTest
	@MethodSource("stores")
	void recordOfBeforeIsNotRemovedInPlaceOfANewerOne(Supplier<SharedStores> stores) {
		SharedStores shared = stores.get();
		TokenStore before = open(shared, Namespace.NONE);
		TokenStore shop = open(shared, SHOP);
		Credential login = saved(shop, "new");
		Credential old = TestCredentials.credential().id(ID).generation(7).build();
		assertThat(before.save(old, Credential.NONE)).isTrue();
		assertThat(shop.remove(ID, old.generation())).isFalse();
		assertThat(shop.load(ID)).isEqualTo(login);
		assertThat(before.load(ID)).isEqualTo(old);
	}

	@ParameterizedTest
	@MethodSource("stores")
	void recordOfBeforeThatCannotBeReadIsUnknownAndStays(Supplier<SharedStores> stores) {
		SharedStores shared = stores.get();
		TokenStore before = shared.open(SharedStores.cipherOfAnotherKey(), Namespace.NONE, SharedStores.LEASE,
				LeaseLocks.LONGEST);
		this.opened.add(before);
		Credential unreadable = saved(before, "old");
		TokenStore shop = open(shared, SHOP);
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> shop.load(ID))
			.withMessageContaining("another key");
		shop.lock(ID, AT_ONCE).close();
		Credential login = saved(shop, "login");
		assertThat(shop.load(ID)).isEqualTo(login);
		assertThat(before.load(ID)).isEqualTo(unreadable);
	}

	/** Two nodes of each of two applications, at the same moment. */
	@ParameterizedTest
	@MethodSource("stores")
	void ofAllThatTakeOverAtOnceOneApplicationHasTheLogin(Supplier<SharedStores> stores) throws Exception {
		SharedStores shared = stores.get();
		TokenStore before = open(shared, Namespace.NONE);
		List<TokenStore> nodes = List.of(open(shared, SHOP), open(shared, BILLING), open(shared, SHOP),
				open(shared, BILLING));
		ExecutorService threads = Executors.newFixedThreadPool(nodes.size());
		try {
			for (int round = 0; round < 25; round++) {
				Credential credential = saved(before, "old");
				CyclicBarrier together = new CyclicBarrier(nodes.size());
				List<Future<?>> reading = new ArrayList<>();
				for (TokenStore node : nodes) {
					reading.add(threads.submit(() -> {
						together.await();
						node.load(ID);
						return null;
					}));
				}
				for (Future<?> future : reading) {
					future.get(60, TimeUnit.SECONDS);
				}
				Credential ofShop = nodes.get(0).load(ID);
				Credential ofBilling = nodes.get(1).load(ID);
				assertThat(before.load(ID)).isNull();
				assertThat(Stream.of(ofShop, ofBilling).filter((login) -> login != null)).containsExactly(credential);
				assertThat(nodes.get(2).load(ID)).isEqualTo(ofShop);
				assertThat(nodes.get(3).load(ID)).isEqualTo(ofBilling);
				assertThat(nodes.get((ofShop != null) ? 0 : 1).remove(ID, credential.generation())).isTrue();
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

}
