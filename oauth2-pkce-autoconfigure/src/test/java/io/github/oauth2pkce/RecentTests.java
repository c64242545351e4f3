package io.github.oauth2pkce;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Whoever comes last is served, however many came before. */
class RecentTests {

	private static final int MOST = 1000;

	private final Recent<String, Integer> recent = new Recent<>(MOST, Duration.ofHours(1));

	@Test
	void newcomerIsKeptAndTheNumberStaysBounded() {
		for (int call = 0; call < 20 * MOST; call++) {
			this.recent.put("user-" + call, call);
			// Often used, so that Caffeine's own bound would keep these and no other.
			assertThat(this.recent.get("user-" + call)).isEqualTo(call);
			assertThat(this.recent.get("user-" + Math.max(0, call - MOST / 4))).isNotNull();
		}
		Set<String> kept = new HashSet<>();
		this.recent.forEach((user, call) -> kept.add(user));
		assertThat(kept).hasSizeBetween(MOST / 2, 2 * MOST).doesNotContain("user-0");
	}

	/** Each makes room, but not all of them. */
	@Test
	void manyAtOnceDoNotPushEachOtherOut() {
		IntStream.range(0, 20 * MOST).parallel().forEach((call) -> this.recent.put("user-" + call, call));
		Set<String> kept = new HashSet<>();
		this.recent.forEach((user, call) -> kept.add(user));
		assertThat(kept).hasSizeBetween(MOST / 2, 2 * MOST);
	}

	@Test
	void whoComesAgainStays() {
		this.recent.put("regular", 0);
		for (int call = 1; call < 10 * MOST; call++) {
			this.recent.put("user-" + call, call);
			if (call % (MOST / 4) == 0) {
				this.recent.put("regular", call);
			}
		}
		assertThat(this.recent.get("regular")).isNotNull();
	}

}
