package io.github.oauth2pkce.bearer;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BearerListenersTests {

	private final List<String> told = new ArrayList<>();

	@Test
	void whateverAListenerThrowsHarmsNeitherTheRequestNorTheOthers() {
		for (Throwable failure : List.of(new IllegalStateException(), new NoClassDefFoundError(),
				new StackOverflowError())) {
			this.told.clear();
			BearerListeners listeners = new BearerListeners(
					() -> List.of(new Throwing(failure), new Telling(), new Throwing(failure), new Telling()));
			listeners.propagated("acme");
			listeners.skipped("acme", SkipReason.NO_TOKEN);
			listeners.unauthorized("acme", RecoveryOutcome.REPLAYED);
			assertThat(this.told).containsExactly("propagated", "propagated", "skipped", "skipped", "unauthorized",
					"unauthorized");
		}
	}

	private final class Telling implements BearerListener {

		@Override
		public void propagated(String providerId) {
			BearerListenersTests.this.told.add("propagated");
		}

		@Override
		public void skipped(String providerId, SkipReason reason) {
			BearerListenersTests.this.told.add("skipped");
		}

		@Override
		public void unauthorized(String providerId, RecoveryOutcome recovery) {
			BearerListenersTests.this.told.add("unauthorized");
		}

	}

	private record Throwing(Throwable failure) implements BearerListener {

		@Override
		public void propagated(String providerId) {
			fail();
		}

		@Override
		public void skipped(String providerId, SkipReason reason) {
			fail();
		}

		@Override
		public void unauthorized(String providerId, RecoveryOutcome recovery) {
			fail();
		}

		private void fail() {
			if (this.failure instanceof Error error) {
				throw error;
			}
			throw (RuntimeException) this.failure;
		}

	}

}
