package io.github.oauth2pkce.bearer;

import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

import org.springframework.web.reactive.function.client.ClientResponse;

/**
 * Puts another answer in the place of a refusal. What {@code flatMap} would do; but every
 * request with a bearer comes through here, nearly none is answered by a refusal, and
 * {@code flatMap} costs as much as all the rest of the filter.
 */
abstract class UnauthorizedAnswers extends Mono<ClientResponse> {

	private final Mono<ClientResponse> answer;

	UnauthorizedAnswers(Mono<ClientResponse> answer) {
		this.answer = answer;
	}

	/**
	 * What to do about a 401 or 403.
	 * @param response the answer, whose body has to be read or released
	 * @return the answer in its place, which may be itself
	 */
	abstract Mono<ClientResponse> recover(ClientResponse response);

	@Override
	public void subscribe(CoreSubscriber<? super ClientResponse> actual) {
		this.answer.subscribe(new First(actual, this));
	}

	/** Hands on every signal of the first exchange, but for a refusal. */
	private static final class First implements CoreSubscriber<ClientResponse>, Subscription {

		private static final AtomicReferenceFieldUpdater<First, @Nullable Subscription> SUBSCRIPTION = AtomicReferenceFieldUpdater
			.newUpdater(First.class, Subscription.class, "subscription");

		private final CoreSubscriber<? super ClientResponse> actual;

		private final UnauthorizedAnswers answers;

		/** Of the exchange, then of the recovery. */
		private volatile @Nullable Subscription subscription;

		private boolean recovering;

		First(CoreSubscriber<? super ClientResponse> actual, UnauthorizedAnswers answers) {
			this.actual = actual;
			this.answers = answers;
		}

		@Override
		public Context currentContext() {
			return this.actual.currentContext();
		}

		@Override
		public void onSubscribe(Subscription subscription) {
			// Nobody can have cancelled yet, so nothing needs to be compared.
			SUBSCRIPTION.lazySet(this, subscription);
			this.actual.onSubscribe(this);
		}

		@Override
		public void onNext(ClientResponse response) {
			if (!BearerRules.isRefusal(response.statusCode().value())) {
				this.actual.onNext(response);
				return;
			}
			this.recovering = true;
			Mono<ClientResponse> other;
			try {
				other = this.answers.recover(response);
			}
			catch (Throwable ex) {
				this.actual.onError(Operators.onOperatorError(this, ex, response, currentContext()));
				return;
			}
			other.subscribe(new Second(this));
		}

		@Override
		public void onError(Throwable failure) {
			if (this.recovering) {
				Operators.onErrorDropped(failure, currentContext());
				return;
			}
			this.actual.onError(failure);
		}

		@Override
		public void onComplete() {
			if (!this.recovering) {
				this.actual.onComplete();
			}
		}

		@Override
		public void request(long n) {
			Subscription subscription = this.subscription;
			if (subscription != null) {
				subscription.request(n);
			}
		}

		@Override
		public void cancel() {
			Operators.terminate(SUBSCRIPTION, this);
		}

	}

	/** The answer after the recovery: it was asked for with the first one. */
	private record Second(First first) implements CoreSubscriber<ClientResponse> {

		@Override
		public Context currentContext() {
			return this.first.currentContext();
		}

		@Override
		public void onSubscribe(Subscription subscription) {
			// Cancels it at once if the caller has left meanwhile.
			if (Operators.replace(First.SUBSCRIPTION, this.first, subscription)) {
				subscription.request(Long.MAX_VALUE);
			}
		}

		@Override
		public void onNext(ClientResponse response) {
			this.first.actual.onNext(response);
		}

		@Override
		public void onError(Throwable failure) {
			this.first.actual.onError(failure);
		}

		@Override
		public void onComplete() {
			this.first.actual.onComplete();
		}

	}

}
