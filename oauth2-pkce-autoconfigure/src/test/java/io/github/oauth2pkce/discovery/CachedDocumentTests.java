package io.github.oauth2pkce.discovery;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.testing.MovableClock;
import io.github.oauth2pkce.testing.TestCredentials;

import static org.assertj.core.api.Assertions.assertThat;

/** What is too old is read again in the background, where these tests run it. */
@Timeout(30)
class CachedDocumentTests {

	private static final Duration NO_PATIENCE = Duration.ZERO;

	private final MovableClock clock = new MovableClock(TestCredentials.NOW);

	private final Queue<Runnable> background = new ArrayDeque<>();

	private final CachedDocument<String> document = new CachedDocument<>(this.clock, this.background::add, NO_PATIENCE);

	@Test
	void firstCallerReadsAndWaits() {
		assertThat(this.document.get(() -> "first")).isEqualTo("first");
		assertThat(this.background).isEmpty();
	}

	@Test
	void oldDocumentIsThereForAllUntilTheNewOneIs() {
		readAnHourAgo("old");
		assertThat(this.document.get(() -> "new")).isEqualTo("old");
		assertThat(this.document.get(CachedDocumentTests::notRead)).isEqualTo("old");
		assertThat(this.background).hasSize(1);
		this.background.remove().run();
		assertThat(this.document.get(CachedDocumentTests::notRead)).isEqualTo("new");
	}

	@Test
	void documentThatMayHaveChangedServesUntilTheNewOneIsThere() {
		this.document.get(() -> "old");
		this.document.expire();
		assertThat(this.document.get(() -> "new")).isEqualTo("old");
		this.background.remove().run();
		assertThat(this.document.get(CachedDocumentTests::notRead)).isEqualTo("new");
	}

	/** An event loop says so, perhaps the one that the answer is waiting for. */
	@Test
	void sayingThatItMayHaveChangedWaitsForNoReader() {
		assertThat(this.document.get(() -> CompletableFuture.supplyAsync(() -> {
			this.document.expire();
			return "first";
		}).orTimeout(20, TimeUnit.SECONDS).join())).isEqualTo("first");
	}

	@Test
	void newDocumentThatComesAtOnceIsUsedAtOnce() {
		CachedDocument<String> quick = new CachedDocument<>(this.clock, Runnable::run, NO_PATIENCE);
		quick.get(() -> "old");
		this.clock.advance(Duration.ofHours(1));
		assertThat(quick.get(() -> "new")).isEqualTo("new");
	}

	@Test
	void failureKeepsTheOldDocumentForAWhile() {
		failsAndIsTriedAgainAfterTenSeconds(() -> {
			throw new DiscoveryException("Down", true, null);
		});
	}

	@Test
	void failureThatNobodyExpectedDoesToo() {
		failsAndIsTriedAgainAfterTenSeconds(() -> {
			throw new IllegalStateException("Broken");
		});
	}

	private void failsAndIsTriedAgainAfterTenSeconds(Supplier<String> reader) {
		readAnHourAgo("old");
		this.document.get(reader);
		this.background.remove().run();
		this.clock.advance(Duration.ofSeconds(9));
		assertThat(this.document.get(CachedDocumentTests::notRead)).isEqualTo("old");
		this.clock.advance(Duration.ofSeconds(1));
		assertThat(this.document.get(() -> "new")).isEqualTo("old");
		this.background.remove().run();
		assertThat(this.document.get(CachedDocumentTests::notRead)).isEqualTo("new");
	}

	@Test
	void oldDocumentIsThereWhenNothingCanBeReadAnyMore() {
		CachedDocument<String> last = new CachedDocument<>(this.clock, (task) -> {
			throw new RejectedExecutionException("Stopped");
		}, NO_PATIENCE);
		last.get(() -> "old");
		this.clock.advance(Duration.ofHours(1));
		assertThat(last.get(CachedDocumentTests::notRead)).isEqualTo("old");
		assertThat(last.get(CachedDocumentTests::notRead)).isEqualTo("old");
	}

	@Test
	void callerThatIsInterruptedHasTheOldDocumentAndStaysInterrupted() {
		readAnHourAgo("old");
		Thread.currentThread().interrupt();
		assertThat(this.document.get(() -> "new")).isEqualTo("old");
		assertThat(Thread.interrupted()).isTrue();
	}

	private void readAnHourAgo(String document) {
		this.document.get(() -> document);
		this.clock.advance(Duration.ofHours(1));
	}

	private static String notRead() {
		throw new AssertionError("Nobody should read now");
	}

}
