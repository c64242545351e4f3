package io.github.oauth2pkce.testing;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MovableClockTests {

	private static final Instant START = Instant.parse("2026-11-01T12:00:00Z");

	private final MovableClock clock = new MovableClock(START);

	@Test
	void standsStill() {
		assertThat(this.clock.instant()).isEqualTo(START).isEqualTo(this.clock.instant());
	}

	@Test
	void movesInEveryZone() {
		Clock berlin = this.clock.withZone(ZoneId.of("Europe/Berlin"));
		this.clock.advance(Duration.ofHours(1));
		assertThat(this.clock.instant()).isEqualTo(START.plusSeconds(3600)).isEqualTo(berlin.instant());
		assertThat(berlin.getZone()).isEqualTo(ZoneId.of("Europe/Berlin"));
	}

	@Test
	void mayGoBack() {
		this.clock.set(START.minusSeconds(1));
		assertThat(this.clock.instant()).isEqualTo(START.minusSeconds(1));
	}

}
