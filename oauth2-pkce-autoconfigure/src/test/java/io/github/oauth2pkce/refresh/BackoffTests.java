package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BackoffTests {

	private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

	private final Backoff longest = new Backoff(() -> 1);

	@Test
	void isOpenUntilSomethingFails() {
		assertThat(this.longest.isOpen(NOW)).isTrue();
		assertThat(this.longest.nextAttemptAt()).isNull();
	}

	@Test
	void doublesUpToOneMinute() {
		for (int expected : new int[] { 1, 2, 4, 8, 16, 32, 60, 60 }) {
			this.longest.failed(NOW, null);
			assertThat(this.longest.nextAttemptAt()).isEqualTo(NOW.plusSeconds(expected));
		}
	}

	@Test
	void staysAtOneMinuteHoweverLongTheOutage() {
		for (int i = 0; i < 10_000; i++) {
			this.longest.failed(NOW, null);
		}
		assertThat(this.longest.nextAttemptAt()).isEqualTo(NOW.plusSeconds(60));
	}

	@Test
	void jitterTakesAwayAtMostHalf() {
		Backoff shortest = new Backoff(() -> 0);
		shortest.failed(NOW, null);
		assertThat(shortest.nextAttemptAt()).isEqualTo(NOW.plusMillis(500));
	}

	@Test
	void waitsAtLeastAsLongAsTheServerAsked() {
		this.longest.failed(NOW, Duration.ofMinutes(10));
		assertThat(this.longest.nextAttemptAt()).isEqualTo(NOW.plus(Duration.ofMinutes(10)));
		assertThat(this.longest.isOpen(NOW.plusSeconds(599))).isFalse();
		assertThat(this.longest.isOpen(NOW.plusSeconds(600))).isTrue();
	}

	@Test
	void doesNotRetrySoonerBecauseTheServerWouldAllowIt() {
		this.longest.failed(NOW, null);
		this.longest.failed(NOW, Duration.ofMillis(1));
		assertThat(this.longest.nextAttemptAt()).isEqualTo(NOW.plusSeconds(2));
	}

	@Test
	void wrongConfigurationIsAskedOnceAMinute() {
		this.longest.refused(NOW);
		assertThat(this.longest.nextAttemptAt()).isEqualTo(NOW.plusSeconds(60));
	}

	@Test
	void successStartsAnew() {
		this.longest.failed(NOW, Duration.ofHours(1));
		this.longest.succeeded();
		assertThat(this.longest.isOpen(NOW)).isTrue();
		this.longest.failed(NOW, null);
		assertThat(this.longest.nextAttemptAt()).isEqualTo(NOW.plusSeconds(1));
	}

}
