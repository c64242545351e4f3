package io.github.oauth2pkce.testing.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.LockTimeoutException;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;

import static io.github.oauth2pkce.testing.store.TestCredentials.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * What every store owes its callers. Extend it with a store that is empty for each test.
 */
@Timeout(60)
public abstract class TokenStoreContractTests {

	private static final CredentialId ID = CredentialId.ofApplication("demo");

	/**
	 * The store of this test.
	 * @return the same one for each call within a test
	 */
	protected abstract TokenStore store();

	/**
	 * The same credentials as another process would see them.
	 * @return another instance, or the same one when nobody else can see them
	 */
	protected abstract TokenStore storeOfAnotherProcess();

	/**
	 * Makes a stored record unreadable, as a lost key or a broken disk would. Override it
	 * where records are kept outside the process.
	 * @return {@code false} when this store cannot be damaged; the test of it is skipped
	 */
	protected boolean damage(CredentialId id) {
		return false;
	}

	@Test
	void holdsNothingAtFirst() {
		assertThat(store().load(ID)).isNull();
	}

	@Test
	void givesBackWhatWasSaved() {
		Credential credential = TestCredentials.credential().refreshTokenExpiresAt(NOW.plusSeconds(99)).build();
		assertThat(store().save(credential, Credential.NONE)).isTrue();
		assertThat(store().load(ID)).isEqualTo(credential);
		assertThat(storeOfAnotherProcess().load(ID)).isEqualTo(credential);
	}

	@Test
	void keepsWhatIsUnknownUnknown() {
		Credential credential = TestCredentials.credential()
			.origin(null, "https://auth.example/token", "cli")
			.unknownExpiry()
			.refreshToken(null)
			.accessToken("")
			.build();
		store().save(credential, Credential.NONE);
		assertThat(store().load(ID)).isEqualTo(credential);
	}

	@Test
	void keepsARejection() {
		Credential rejected = TestCredentials.credential().rejected();
		store().save(rejected, Credential.NONE);
		Credential loaded = storeOfAnotherProcess().load(ID);
		assertThat(loaded).isEqualTo(rejected);
		assertThat(loaded).extracting(Credential::isRefreshTokenRejected).isEqualTo(true);
	}

	@Test
	void replacesTheGenerationThatTheWriterSaw() {
		store().save(TestCredentials.credential().generation(1).build(), Credential.NONE);
		Credential second = TestCredentials.credential().generation(2).build();
		assertThat(store().save(second, 1)).isTrue();
		assertThat(store().load(ID)).isEqualTo(second);
	}

	/** The first attempt may have got through, and its answer not. */
	@Test
	void takesAWriteAgainThatItHasAlready() {
		Credential first = TestCredentials.credential().generation(1).build();
		assertThat(store().save(first, Credential.NONE)).isTrue();
		assertThat(store().save(first, Credential.NONE)).isTrue();
		Credential second = TestCredentials.credential().accessToken("second").generation(2).build();
		assertThat(store().save(second, 1)).isTrue();
		assertThat(storeOfAnotherProcess().save(second, 1)).isTrue();
		assertThat(store().load(ID)).isEqualTo(second);
	}

	/** Or no login could be kept until somebody removes the record by hand. */
	@Test
	void loginTakesThePlaceOfARecordThatCannotBeRead() {
		store().save(TestCredentials.credential().generation(1).build(), Credential.NONE);
		assumeTrue(damage(ID), "this store cannot be damaged");
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> store().load(ID));
		Credential login = TestCredentials.credential().accessToken("login").generation(7).build();
		assertThat(store().save(login, Credential.NONE)).isTrue();
		assertThat(store().load(ID)).isEqualTo(login);
		assertThat(storeOfAnotherProcess().load(ID)).isEqualTo(login);
	}

	@Test
	void doesNotReplaceAnotherGeneration() {
		Credential stored = TestCredentials.credential().generation(5).build();
		store().save(stored, Credential.NONE);
		Credential late = TestCredentials.credential().accessToken("late").generation(6).build();
		assertThat(store().save(late, 4)).isFalse();
		assertThat(store().save(late, Credential.NONE)).isFalse();
		assertThat(store().load(ID)).isEqualTo(stored);
	}

	@Test
	void doesNotBringBackWhatWasRemoved() {
		store().save(TestCredentials.credential().generation(1).build(), Credential.NONE);
		assertThat(store().remove(ID, 1)).isTrue();
		assertThat(store().save(TestCredentials.credential().generation(2).build(), 1)).isFalse();
		assertThat(store().load(ID)).isNull();
	}

	@Test
	void doesNotRemoveAnotherGeneration() {
		Credential stored = TestCredentials.credential().generation(2).build();
		store().save(stored, Credential.NONE);
		assertThat(store().remove(ID, 1)).isFalse();
		assertThat(store().load(ID)).isEqualTo(stored);
	}

	@Test
	void removesNothingWhereNothingIs() {
		assertThat(store().remove(ID, 1)).isFalse();
	}

	@ParameterizedTest
	@MethodSource("oddIds")
	void takesAnyId(CredentialId id) {
		Credential credential = TestCredentials.credential().id(id).build();
		assertThat(store().load(id)).isNull();
		assertThat(store().save(credential, Credential.NONE)).isTrue();
		assertThat(store().load(id)).isEqualTo(credential);
		try (TokenStore.Lock lock = store().lock(id, Duration.ofSeconds(5))) {
			assertThat(store().remove(id, 1)).isTrue();
		}
		assertThat(store().load(id)).isNull();
	}

	static Stream<CredentialId> oddIds() {
		return Stream.of(new CredentialId("demo", "../../x"), new CredentialId("../../x", "alice"),
				new CredentialId("demo", "/etc/passwd"), new CredentialId("a/b\\c:d", "e*f?g"),
				new CredentialId("demo", "\uD83D\uDE00 M\u00fcller \u4E2D"),
				new CredentialId("demo", "x".repeat(10_000)), new CredentialId("p".repeat(500), "alice"),
				new CredentialId("demo", ""), new CredentialId("demo", "line\nbreak\u0007"),
				new CredentialId("CON", "nul"));
	}

	@Test
	void keepsSimilarIdsApart() {
		List<CredentialId> ids = List.of(new CredentialId("demo", "alice"), new CredentialId("demo", "Alice"),
				new CredentialId("Demo", "alice"), new CredentialId("demo", "alice "),
				new CredentialId("demoa", "lice"), new CredentialId("de_mo", "alice"),
				new CredentialId("de/mo", "alice"));
		for (int i = 0; i < ids.size(); i++) {
			assertThat(store().save(
					TestCredentials.credential().id(ids.get(i)).accessToken("at-" + i).generation(i + 1).build(),
					Credential.NONE))
				.isTrue();
		}
		for (int i = 0; i < ids.size(); i++) {
			assertThat(store().load(ids.get(i))).extracting(Credential::accessToken).isEqualTo("at-" + i);
		}
	}

	@Test
	void oneOfManyWritersWins() throws Exception {
		int writers = 25;
		CountDownLatch go = new CountDownLatch(1);
		AtomicInteger winners = new AtomicInteger();
		ExecutorService threads = Executors.newFixedThreadPool(writers);
		try {
			List<Future<?>> running = new ArrayList<>();
			for (int i = 0; i < writers; i++) {
				TokenStore store = (i % 2 == 0) ? store() : storeOfAnotherProcess();
				Credential credential = TestCredentials.credential().accessToken("at-" + i).generation(i + 1).build();
				running.add(threads.submit(() -> {
					go.await();
					if (store.save(credential, Credential.NONE)) {
						winners.incrementAndGet();
						assertThat(store.load(ID)).isEqualTo(credential);
					}
					return null;
				}));
			}
			go.countDown();
			for (Future<?> future : running) {
				future.get(30, TimeUnit.SECONDS);
			}
		}
		finally {
			threads.shutdownNow();
		}
		assertThat(winners).hasValue(1);
	}

	@Test
	void lockKeepsOthersOut() throws Exception {
		TokenStore other = storeOfAnotherProcess();
		Assumptions.assumeFalse(other == store(), "nobody else can see this store");
		ExecutorService thread = Executors.newSingleThreadExecutor();
		try {
			try (TokenStore.Lock lock = store().lock(ID, Duration.ofSeconds(5))) {
				Future<?> refused = thread.submit(() -> other.lock(ID, Duration.ofMillis(100)));
				assertThatExceptionOfType(java.util.concurrent.ExecutionException.class)
					.isThrownBy(() -> refused.get(20, TimeUnit.SECONDS))
					.withCauseInstanceOf(LockTimeoutException.class);
				// Another credential is not concerned.
				thread.submit(() -> other.lock(CredentialId.ofApplication("other"), Duration.ofSeconds(5)).close())
					.get(20, TimeUnit.SECONDS);
			}
			thread.submit(() -> other.lock(ID, Duration.ofSeconds(5)).close()).get(20, TimeUnit.SECONDS);
		}
		finally {
			thread.shutdownNow();
		}
	}

	@Test
	void locksOutEverybodyElseAllTheTime() throws Exception {
		Assumptions.assumeFalse(storeOfAnotherProcess() == store(), "nobody else can see this store");
		List<TokenStore> stores = List.of(store(), storeOfAnotherProcess());
		AtomicInteger inside = new AtomicInteger();
		ExecutorService threads = Executors.newFixedThreadPool(8);
		try {
			List<Future<Integer>> running = new ArrayList<>();
			for (int i = 0; i < 8; i++) {
				TokenStore store = stores.get(i % 2);
				running.add(threads.submit(() -> {
					int most = 0;
					for (int round = 0; round < 25; round++) {
						try (TokenStore.Lock lock = store.lock(ID, Duration.ofSeconds(30))) {
							most = Math.max(most, inside.incrementAndGet());
							Thread.yield();
							inside.decrementAndGet();
						}
					}
					return most;
				}));
			}
			for (Future<Integer> future : running) {
				assertThat(future.get(50, TimeUnit.SECONDS)).isEqualTo(1);
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Test
	void isWritable() {
		store().checkWritable();
		store().checkWritable(ID);
		assertThat(store().name()).isNotBlank();
	}

}
