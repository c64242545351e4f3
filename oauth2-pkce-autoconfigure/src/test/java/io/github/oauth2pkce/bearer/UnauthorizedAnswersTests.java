package io.github.oauth2pkce.bearer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.util.context.Context;

import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.client.ClientResponse;

import static org.assertj.core.api.Assertions.assertThat;

class UnauthorizedAnswersTests {

	private static final Duration SOON = Duration.ofSeconds(5);

	private final ClientResponse ok = ClientResponse.create(HttpStatus.OK).build();

	private final ClientResponse unauthorized = ClientResponse.create(HttpStatus.UNAUTHORIZED).build();

	private final List<ClientResponse> recovered = new ArrayList<>();

	private Mono<ClientResponse> answers(Mono<ClientResponse> first, Mono<ClientResponse> second) {
		return new UnauthorizedAnswers(first) {

			@Override
			Mono<ClientResponse> recover(ClientResponse response) {
				UnauthorizedAnswersTests.this.recovered.add(response);
				return second;
			}

		};
	}

	@Test
	void handsOnWhatIsNo401() {
		StepVerifier.create(answers(Mono.just(this.ok), Mono.error(new AssertionError())))
			.expectNext(this.ok)
			.expectComplete()
			.verify(SOON);
		assertThat(this.recovered).isEmpty();
	}

	@Test
	void handsOnAnEmptyExchangeAndAnError() {
		StepVerifier.create(answers(Mono.empty(), Mono.just(this.ok))).expectComplete().verify(SOON);
		StepVerifier.create(answers(Mono.error(new IllegalStateException("gone")), Mono.just(this.ok)))
			.expectErrorMessage("gone")
			.verify(SOON);
		assertThat(this.recovered).isEmpty();
	}

	@Test
	void putsTheOtherAnswerInThePlaceOfA401() {
		StepVerifier
			.create(answers(Mono.just(this.unauthorized), Mono.just(this.ok).delayElement(Duration.ofMillis(1))))
			.expectNext(this.ok)
			.expectComplete()
			.verify(SOON);
		assertThat(this.recovered).containsExactly(this.unauthorized);
	}

	@Test
	void theSecond401IsTheCallers() {
		StepVerifier.create(answers(Mono.just(this.unauthorized), Mono.just(this.unauthorized)))
			.expectNext(this.unauthorized)
			.expectComplete()
			.verify(SOON);
		assertThat(this.recovered).hasSize(1);
	}

	@Test
	void aRecoveryMayFail() {
		StepVerifier.create(answers(Mono.just(this.unauthorized), Mono.error(new IllegalStateException("gone"))))
			.expectErrorMessage("gone")
			.verify(SOON);
	}

	@Test
	void aRecoveryMayThrow() {
		Mono<ClientResponse> answers = new UnauthorizedAnswers(Mono.just(this.unauthorized)) {

			@Override
			Mono<ClientResponse> recover(ClientResponse response) {
				throw new IllegalStateException("thrown");
			}

		};
		StepVerifier.create(answers).expectErrorMessage("thrown").verify(SOON);
	}

	@Test
	void cancelsTheExchange() {
		TestPublisher<ClientResponse> first = TestPublisher.create();
		StepVerifier.create(answers(first.mono(), Mono.just(this.ok))).thenCancel().verify(SOON);
		first.assertCancelled();
	}

	@Test
	void cancelsTheRecovery() {
		TestPublisher<ClientResponse> second = TestPublisher.create();
		Disposable call = answers(Mono.just(this.unauthorized), second.mono()).subscribe();
		second.assertSubscribers(1);
		call.dispose();
		second.assertCancelled();
	}

	@Test
	void cancelsARecoveryThatBeginsAfterTheCallerHasLeft() {
		TestPublisher<ClientResponse> second = TestPublisher.create();
		BaseSubscriber<ClientResponse> caller = new BaseSubscriber<>() {
		};
		Mono<ClientResponse> leaving = Mono.defer(() -> {
			caller.cancel();
			return second.mono();
		});
		answers(Mono.just(this.unauthorized), leaving).subscribe(caller);
		second.assertCancelled();
	}

	@Test
	void asksForNothingBeforeTheCallerDoes() {
		TestPublisher<ClientResponse> first = TestPublisher.create();
		BaseSubscriber<ClientResponse> caller = new BaseSubscriber<>() {

			@Override
			protected void hookOnSubscribe(Subscription subscription) {
			}

		};
		answers(first.mono(), Mono.just(this.ok)).subscribe(caller);
		first.assertWasNotRequested();
		caller.request(1);
		first.assertWasRequested();
	}

	@Test
	void bothSeeTheCallersContext() {
		Mono<ClientResponse> first = Mono.deferContextual((context) -> {
			assertThat(context.<String>get("user")).isEqualTo("alice");
			return Mono.just(this.unauthorized);
		});
		Mono<ClientResponse> second = Mono.deferContextual((context) -> {
			assertThat(context.<String>get("user")).isEqualTo("alice");
			return Mono.just(this.ok);
		});
		StepVerifier.create(answers(first, second).contextWrite(Context.of("user", "alice")))
			.expectNext(this.ok)
			.expectComplete()
			.verify(SOON);
	}

	@Test
	void canBeSubscribedToAgain() {
		Mono<ClientResponse> answers = answers(Mono.just(this.unauthorized), Mono.just(this.ok));
		StepVerifier.create(answers).expectNext(this.ok).expectComplete().verify(SOON);
		StepVerifier.create(answers).expectNext(this.ok).expectComplete().verify(SOON);
		assertThat(this.recovered).hasSize(2);
	}

}
