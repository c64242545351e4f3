package io.github.oauth2pkce.login;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.testing.MovableClock;

import static org.assertj.core.api.Assertions.assertThat;

class PromptLimitsTests {

	private final MovableClock clock = new MovableClock(Instant.parse("2026-11-01T12:00:00Z"));

	private final PromptLimits limits = new PromptLimits(this.clock);

	/** Returns after how many minutes the same may be asked again. */
	private int pause() {
		for (int minutes = 0;; minutes++) {
			if (this.limits.ask("same", false)) {
				return minutes;
			}
			this.clock.advance(Duration.ofMinutes(1));
		}
	}

	private void ends(Duration after, boolean success) {
		this.clock.advance(after);
		this.limits.ended("same", success);
	}

	@Test
	void promptThatNobodyAnswersComesMoreAndMoreSeldom() {
		assertThat(pause()).isZero();
		for (int minutes : new int[] { 1, 2, 4, 8, 16, 32, 60, 60 }) {
			ends(Duration.ofMinutes(5), false);
			assertThat(pause()).isEqualTo(minutes);
		}
	}

	@Test
	void loginThatIsOfNoUseComesMoreAndMoreSeldom() {
		assertThat(pause()).isZero();
		for (int minutes : new int[] { 1, 2, 4 }) {
			ends(Duration.ofMinutes(5), true);
			assertThat(pause()).isEqualTo(minutes);
		}
	}

	@Test
	void loginThatWasGoodForAWhileStartsAgain() {
		assertThat(pause()).isZero();
		ends(Duration.ofMinutes(5), false);
		assertThat(pause()).isEqualTo(1);
		ends(Duration.ofMinutes(5), true);
		this.clock.advance(Duration.ofMinutes(4));
		assertThat(pause()).isZero();
		ends(Duration.ZERO, false);
		assertThat(pause()).isEqualTo(1);
	}

	@Test
	void whoHasLoggedOutIsAskedAgainThreeTimesAMinute() {
		for (int login = 0; login < 3; login++) {
			assertThat(this.limits.ask("same", true)).isTrue();
			this.limits.ended("same", true);
		}
		assertThat(this.limits.ask("same", true)).isFalse();
		this.clock.advance(Duration.ofMinutes(1));
		assertThat(this.limits.ask("same", true)).isTrue();
	}

	@Test
	void whoLetALoginFailIsNotAskedAgainAtOnce() {
		assertThat(this.limits.ask("same", true)).isTrue();
		this.limits.ended("same", false);
		assertThat(this.limits.ask("same", true)).isFalse();
	}

	@Test
	void differentQuestionsAreAskedThreeTimesAMinute() {
		assertThat(this.limits.ask(1, false)).isTrue();
		assertThat(this.limits.ask(2, false)).isTrue();
		assertThat(this.limits.ask(3, false)).isTrue();
		assertThat(this.limits.ask(4, false)).isFalse();
		this.clock.advance(Duration.ofMinutes(1));
		assertThat(this.limits.ask(4, false)).isTrue();
	}

}
