package io.github.oauth2pkce.refresh;

import java.time.Instant;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ForcedRefreshesTests {

	private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

	private final ForcedRefreshes refreshes = new ForcedRefreshes();

	private boolean areAllowedAfter(int seconds) {
		return this.refreshes.areAllowed(START.plusSeconds(seconds));
	}

	private void startedAfter(int seconds) {
		assertThat(areAllowedAfter(seconds)).isTrue();
		this.refreshes.started(START.plusSeconds(seconds));
	}

	@Test
	void oneThatDidNotHelpIsFollowedByAPause() {
		startedAfter(0);
		assertThat(areAllowedAfter(0)).isFalse();
		assertThat(areAllowedAfter(9)).isFalse();
		assertThat(areAllowedAfter(10)).isTrue();
	}

	@Test
	void oneThatHelpedIsFollowedByAnotherAtOnce() {
		startedAfter(0);
		this.refreshes.confirmed();
		startedAfter(1);
		assertThat(areAllowedAfter(2)).isFalse();
	}

	@Test
	void evenThoseThatHelpPauseAfterTen() {
		for (int time = 0; time < 10; time++) {
			startedAfter(0);
			this.refreshes.confirmed();
		}
		assertThat(areAllowedAfter(1)).isFalse();
		assertThat(areAllowedAfter(9)).isFalse();
		startedAfter(10);
		this.refreshes.confirmed();
		assertThat(areAllowedAfter(10)).isTrue();
	}

	@Test
	void newLoginEndsThePause() {
		startedAfter(0);
		this.refreshes.reset();
		assertThat(areAllowedAfter(0)).isTrue();
	}

}
