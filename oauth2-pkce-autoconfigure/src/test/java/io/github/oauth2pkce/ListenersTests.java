package io.github.oauth2pkce;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static io.github.oauth2pkce.testing.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class ListenersTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	/** Whoever is answered may make the next thing happen before the first is told. */
	@Test
	void hearOfThingsInTheOrderInWhichTheyHappened() {
		List<Integer> heard = new CopyOnWriteArrayList<>();
		Listeners<List<Integer>> listeners = new Listeners<>(List.of(heard));
		listeners.tell(List.of((list) -> list.add(1)), () -> listeners.tell((list) -> list.add(2)));
		assertThat(listeners.await(LONG)).isTrue();
		assertThat(heard).containsExactly(1, 2);
	}

	@Test
	void hearOfAThingWhenWhoeverWaitsWasAnswered() {
		AtomicBoolean answered = new AtomicBoolean();
		List<Boolean> heard = new CopyOnWriteArrayList<>();
		Listeners<List<Boolean>> listeners = new Listeners<>(List.of(heard));
		for (int i = 0; i < 1000; i++) {
			answered.set(false);
			listeners.tell(List.of((list) -> list.add(answered.get())), () -> answered.set(true));
			assertThat(listeners.await(LONG)).isTrue();
		}
		assertThat(heard).hasSize(1000).containsOnly(true);
	}

	@Test
	void counterHasCountedWhenWhoeverWaitsIsAnswered() {
		List<String> happened = new CopyOnWriteArrayList<>();
		new Listeners<Counting>(List.of(new Counting(happened)))
			.tell(List.of((counting) -> counting.happened.add("count")), () -> happened.add("answer"));
		assertThat(happened).containsExactly("count", "answer");
	}

	@Test
	void hearOfTwoKindsOfThingsInOrder() {
		List<Object> heard = new CopyOnWriteArrayList<>();
		Listeners<List<Object>> numbers = new Listeners<>(List.of(heard));
		Listeners<List<Object>> words = numbers.beside(List.of(heard));
		for (int i = 0; i < 1000; i++) {
			numbers.tell((list) -> list.add(1));
			words.tell((list) -> list.add("one"));
		}
		assertThat(numbers.await(LONG)).isTrue();
		assertThat(heard).hasSize(2000);
		assertThat(IntStream.range(0, 2000))
			.allSatisfy((i) -> assertThat(heard.get(i)).isEqualTo((i % 2 == 0) ? 1 : "one"));
	}

	@Test
	void oneThatNeverReturnsMissesWhatDoesNotFitAndNobodyElseDoes() {
		CountDownLatch never = new CountDownLatch(1);
		List<Integer> heard = new CopyOnWriteArrayList<>();
		AtomicBoolean stuck = new AtomicBoolean();
		Listeners<Runnable> listeners = new Listeners<>(List.of(() -> {
			stuck.set(true);
			await(never);
		}, () -> heard.add(1)));
		IntStream.range(0, 20_000).forEach((i) -> listeners.tell(Runnable::run));
		assertThat(listeners.await(Duration.ofMillis(1))).isFalse();
		never.countDown();
		assertThat(listeners.await(LONG)).isTrue();
		assertThat(stuck).isTrue();
		assertThat(heard).hasSizeBetween(10_000, 20_000);
	}

	@Test
	void oneThatWaitsForTheListenersDoesNotWaitForItself() {
		List<Boolean> heard = new CopyOnWriteArrayList<>();
		Listeners<List<Boolean>> listeners = new Listeners<>(List.of(heard));
		listeners.tell((list) -> list.add(listeners.await(LONG)));
		assertThat(listeners.await(LONG)).isTrue();
		assertThat(heard).containsExactly(true);
	}

	private record Counting(List<String> happened) implements Listeners.Counter {

	}

}
