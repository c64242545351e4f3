package io.github.oauth2pkce.store;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.device.PollingTime;
import io.github.oauth2pkce.refresh.RefreshSettings;
import io.github.oauth2pkce.runtime.OAuth2Pkce;
import io.github.oauth2pkce.testing.TestCredentials;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.testing.store.TokenStoreContractTests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What a store owes that many nodes share. */
@Timeout(120)
abstract class SharedTokenStoreContractTests extends TokenStoreContractTests {

	static final CredentialId ID = CredentialId.ofApplication("demo");

	private static final CredentialId OTHER = new CredentialId("demo", "alice");

	private static final Duration SHORT_LEASE = Duration.ofSeconds(1);

	private final SharedStores stores;

	private final List<TokenStore> opened = new ArrayList<>();

	private final TokenStore store;

	private final TokenStore storeOfAnotherProcess;

	SharedTokenStoreContractTests(SharedStores stores) {
		this.stores = stores;
		this.store = open(SharedStores.cipher());
		this.storeOfAnotherProcess = open(SharedStores.cipher());
	}

	@AfterEach
	void close() throws Exception {
		for (TokenStore store : this.opened) {
			((AutoCloseable) store).close();
		}
	}

	final SharedStores stores() {
		return this.stores;
	}

	final TokenStore open(CredentialCipher cipher) {
		return open(cipher, SharedStores.LEASE);
	}

	final TokenStore open(CredentialCipher cipher, Duration lease) {
		return opened(this.stores.open(cipher, lease));
	}

	private TokenStore opened(TokenStore store) {
		this.opened.add(store);
		return store;
	}

	@Override
	protected TokenStore store() {
		return this.store;
	}

	@Override
	protected TokenStore storeOfAnotherProcess() {
		return this.storeOfAnotherProcess;
	}

	// What is kept.

	@Test
	void nothingSecretIsInPlainText() {
		saved(ID, 1);
		assertThat(this.stores.dump()).contains("demo")
			.doesNotContain(TestCredentials.ACCESS_TOKEN)
			.doesNotContain(TestCredentials.REFRESH_TOKEN)
			.doesNotContain("accessToken");
	}

	@Test
	void tellsOperatorsTheExpiryAndThatItIsUnknown() {
		saved(ID, 1);
		assertThat(this.stores.dump()).contains("2026-11-01").contains("12:05");
		store().save(TestCredentials.credential().unknownExpiry().generation(2).build(), 1);
		assertThat(this.stores.dump()).doesNotContain("12:05");
	}

	@Test
	void takesAnExpiryThatNeverComes() {
		Credential credential = TestCredentials.credential()
			.lifetime(Duration.ofMinutes(5), Instant.parse("+120000-01-01T00:00:00Z"))
			.build();
		assertThat(store().save(credential, Credential.NONE)).isTrue();
		assertThat(store().load(ID)).isEqualTo(credential);
	}

	@Test
	void takesATokenOfManyKilobytes() {
		Credential credential = TestCredentials.credential().accessToken("x".repeat(200_000)).build();
		assertThat(store().save(credential, Credential.NONE)).isTrue();
		assertThat(store().load(ID)).isEqualTo(credential);
	}

	// Keys.

	@Test
	void previousKeyStillOpensAndTheNextWriteUsesTheNewOne() {
		saved(ID, 1);
		TokenStore rotated = open(SharedStores.cipherOfAnotherKey(SharedStores.key()));
		assertThat(rotated.load(ID)).isEqualTo(store().load(ID));
		Credential next = TestCredentials.credential().generation(2).build();
		assertThat(rotated.save(next, 1)).isTrue();
		assertThat(open(SharedStores.cipherOfAnotherKey()).load(ID)).isEqualTo(next);
	}

	@Override
	protected boolean damage(CredentialId id) {
		this.stores.damage(id, false);
		return true;
	}

	@Test
	void nodeWithoutTheKeyNeitherReadsNorDisturbs() {
		Credential credential = saved(ID, 1);
		TokenStore without = open(SharedStores.cipherOfAnotherKey());
		assertUnknown(without);
		assertThatExceptionOfType(TokenStoreException.class)
			.isThrownBy(() -> without.save(TestCredentials.credential().generation(2).build(), 1));
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> without.remove(ID, 1));
		assertThat(store().load(ID)).isEqualTo(credential);
		assertThat(store().save(TestCredentials.credential().generation(2).build(), 1)).isTrue();
	}

	@Test
	void loginSetsAsideWhatItCannotRead() {
		saved(ID, 1);
		TokenStore without = open(SharedStores.cipherOfAnotherKey());
		Credential login = TestCredentials.credential().accessToken("login").generation(7).build();
		assertThat(without.save(login, Credential.NONE)).isTrue();
		assertThat(without.load(ID)).isEqualTo(login);
		assertThat(this.stores.count()).isEqualTo(2);
		// And a logout does not bring the old one back.
		assertThat(without.remove(ID, 7)).isTrue();
		assertThat(without.load(ID)).isNull();
		assertThat(store().load(ID)).isNull();
		assertThat(this.stores.count()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void damagedRecordIsUnknownUntilALoginAndTheOthersWork(boolean generation) {
		saved(ID, 1);
		Credential other = saved(OTHER, 1);
		this.stores.damage(ID, generation);
		assertUnknown(store());
		assertThat(store().load(OTHER)).isEqualTo(other);
		Credential login = TestCredentials.credential().generation(7).build();
		assertThat(store().save(login, Credential.NONE)).isTrue();
		assertThat(store().load(ID)).isEqualTo(login);
	}

	@Test
	void recordInThePlaceOfAnotherDoesNotOpen() {
		saved(ID, 1);
		saved(OTHER, 1);
		this.stores.copy(OTHER, ID);
		assertUnknown(store());
	}

	// Forgetting.

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void damagedLoginCanBeForgotten(boolean generation) {
		saved(ID, 1);
		Credential other = saved(OTHER, 1);
		this.stores.damage(ID, generation);
		assertForgets(store());
		assertThat(store().load(OTHER)).isEqualTo(other);
	}

	@Test
	void loginWithoutItsKeyCanBeForgottenForAllNodes() {
		saved(ID, 1);
		assertForgets(open(SharedStores.cipherOfAnotherKey()));
		assertThat(storeOfAnotherProcess().load(ID)).isNull();
	}

	/** What cannot be read is kept for a person, and stays away. */
	private void assertForgets(TokenStore store) {
		int records = this.stores.count();
		OAuth2Pkce application = application(store);
		assertThat(application.credentials().load(ID)).isEqualTo(AuthorizationState.UNKNOWN);
		assertThat(application.logout().forget(ID)).isTrue();
		assertThat(application.credentials().status(ID).state()).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
		assertThat(application.credentials().status(ID).lastError()).isNull();
		assertThat(this.stores.count()).as("set aside").isEqualTo(records);
		OAuth2Pkce restarted = application(store);
		assertThat(restarted.credentials().load(ID)).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
		assertThat(restarted.logout().forget(ID)).as("again").isFalse();
		Credential login = TestCredentials.credential().generation(7).build();
		assertThat(store.save(login, Credential.NONE)).isTrue();
		assertThat(application(store).credentials().load(ID)).isEqualTo(AuthorizationState.AUTHORIZED);
		// And now there is nothing to keep.
		assertThat(application(store).logout().forget(ID)).isTrue();
		assertThat(this.stores.count()).isEqualTo(records);
	}

	/** Its server is not asked: what cannot be read cannot be revoked. */
	private static OAuth2Pkce application(TokenStore store) {
		InstantSource clock = InstantSource.fixed(TestCredentials.NOW);
		return OAuth2Pkce.with(TestProviders.offline().build())
			.store(store)
			.settings(new RefreshSettings(Duration.ofSeconds(5), Duration.ofSeconds(5)))
			.clocks(clock, clock, PollingTime.SYSTEM)
			.build();
	}

	// Locks.

	@Test
	void holderThatLivesKeepsItsLockBeyondTheLease() {
		TokenStore holder = open(SharedStores.cipher(), SHORT_LEASE);
		try (TokenStore.Lock lock = holder.lock(ID, Duration.ofSeconds(5))) {
			assertThatExceptionOfType(LockTimeoutException.class)
				.isThrownBy(() -> store().lock(ID, SHORT_LEASE.multipliedBy(2)));
			assertThat(lock.isHeld()).isTrue();
		}
		store().lock(ID, Duration.ZERO).close();
	}

	@Test
	void holderThatHangsKeepsTheOthersOutForABoundedTime() {
		TokenStore hanging = opened(this.stores.open(SharedStores.cipher(), SHORT_LEASE, SHORT_LEASE.dividedBy(2)));
		try (TokenStore.Lock lock = hanging.lock(ID, Duration.ofSeconds(5))) {
			try (TokenStore.Lock other = store().lock(ID, Duration.ofSeconds(20))) {
				assertThat(lock.isHeld()).isFalse();
				assertThat(other.isHeld()).isTrue();
			}
		}
	}

	@Test
	void pausedHolderLosesItsLockAndDoesNotOverwriteTheWinner() throws Exception {
		saved(ID, 1);
		TokenStore paused = open(SharedStores.cipher(), SHORT_LEASE);
		try (TokenStore.Lock lost = paused.lock(ID, Duration.ofSeconds(5))) {
			// A process that is paused renews nothing.
			((AutoCloseable) paused).close();
			try (TokenStore.Lock won = store().lock(ID, Duration.ofSeconds(20))) {
				assertThat(lost.isHeld()).isFalse();
				assertThat(won.isHeld()).isTrue();
				Credential winner = TestCredentials.credential().accessToken("winner").generation(2).build();
				assertThat(store().save(winner, 1)).isTrue();
				assertThat(paused.save(TestCredentials.credential().accessToken("late").generation(3).build(), 1))
					.isFalse();
				// Giving back what it has lost frees nothing.
				lost.close();
				assertThat(won.isHeld()).isTrue();
				assertThat(store().load(ID)).isEqualTo(winner);
			}
		}
	}

	@Test
	void lockOfAProcessThatWasKilledBecomesFree() throws Exception {
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
				SharedLockHolder.class.getName(), lockHolderUrl(), SHORT_LEASE.toString())
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
		try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
			assertThat(output.readLine()).isEqualTo("locked");
			// While it lives, it renews.
			assertThatExceptionOfType(LockTimeoutException.class)
				.isThrownBy(() -> store().lock(ID, SHORT_LEASE.multipliedBy(2)));
			process.destroyForcibly().waitFor();
			store().lock(ID, Duration.ofSeconds(20)).close();
		}
		finally {
			process.destroyForcibly();
		}
	}

	/**
	 * The server as another process finds it.
	 */
	String lockHolderUrl() throws IOException {
		return this.stores.url();
	}

	/** Some count only what has changed, and within a millisecond nothing has. */
	@Test
	void leaseThatIsRenewedTwiceAtOnceIsStillHeld() {
		try (TokenStore.Lock lock = store().lock(ID, Duration.ofSeconds(5))) {
			for (int i = 0; i < 50; i++) {
				assertThat(lock.isHeld()).isTrue();
			}
		}
	}

	/** Commits whose answer was lost, and commands that a driver sends again. */
	@Test
	void ownerThatAsksAgainHasTheLease() {
		Leases leases = leases();
		String key = ID.key();
		assertThat(leases.acquire(key, "one", SharedStores.LEASE)).isTrue();
		try {
			assertThat(leases.acquire(key, "two", SharedStores.LEASE)).isFalse();
			assertThat(leases.acquire(key, "one", SharedStores.LEASE)).isTrue();
			assertThat(leases.acquire(key, "two", SharedStores.LEASE)).isFalse();
		}
		finally {
			leases.release(key, "one");
		}
		assertThat(leases.acquire(key, "two", SharedStores.LEASE)).isTrue();
		leases.release(key, "two");
	}

	abstract Leases leases();

	@Test
	void closedStoreStillLocks() throws Exception {
		((AutoCloseable) store()).close();
		try (TokenStore.Lock lock = store().lock(ID, Duration.ofSeconds(5))) {
			assertThat(lock.isHeld()).isTrue();
		}
	}

	private Credential saved(CredentialId id, long generation) {
		Credential credential = TestCredentials.credential().id(id).generation(generation).build();
		assertThat(store().save(credential, Credential.NONE)).isTrue();
		return credential;
	}

	private static void assertUnknown(TokenStore store) {
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> store.load(ID))
			.withMessageContaining("demo");
	}

}
