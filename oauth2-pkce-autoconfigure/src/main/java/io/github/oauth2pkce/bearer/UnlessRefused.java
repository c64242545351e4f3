package io.github.oauth2pkce.bearer;

import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoOperator;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

import org.springframework.web.reactive.function.client.ClientResponse;

/**
 * An answer as it is, unless it is a refusal: then, what is made of it. The same as a
 * {@code flatMap} that nearly always answers with what it was given, for less.
 */
final class UnlessRefused extends MonoOperator<ClientResponse, ClientResponse> {

	private final Function<ClientResponse, Mono<ClientResponse>> recovery;

	private UnlessRefused(Mono<ClientResponse> answer, Function<ClientResponse, Mono<ClientResponse>> recovery) {
		super(answer);
		this.recovery = recovery;
	}

	/**
	 * A method, so that loading the filter does not load this operator.
	 */
	static Mono<ClientResponse> of(Mono<ClientResponse> answer,
			Function<ClientResponse, Mono<ClientResponse>> recovery) {
		return new UnlessRefused(answer, recovery);
	}

	@Override
	public void subscribe(CoreSubscriber<? super ClientResponse> caller) {
		this.source.subscribe(new Answer(caller, this.recovery));
	}

	/** First of the exchange, then of the recovery, if there is one. */
	private static final class Answer implements CoreSubscriber<ClientResponse>, Subscription {

		private static final AtomicReferenceFieldUpdater<Answer, Subscription> UPSTREAM = AtomicReferenceFieldUpdater
			.newUpdater(Answer.class, Subscription.class, "upstream");

		private final CoreSubscriber<? super ClientResponse> caller;

		private final Function<ClientResponse, Mono<ClientResponse>> recovery;

		private volatile @Nullable Subscription upstream;

		private boolean answered;

		Answer(CoreSubscriber<? super ClientResponse> caller, Function<ClientResponse, Mono<ClientResponse>> recovery) {
			this.caller = caller;
			this.recovery = recovery;
		}

		@Override
		public Context currentContext() {
			return this.caller.currentContext();
		}

		@Override
		public void onSubscribe(Subscription subscription) {
			if (Operators.setOnce(UPSTREAM, this, subscription)) {
				this.caller.onSubscribe(this);
			}
		}

		@Override
		public void onNext(ClientResponse response) {
			if (this.answered) {
				Operators.onNextDropped(response, currentContext());
				return;
			}
			this.answered = true;
			if (!BearerRules.isRefusal(response.statusCode().value())) {
				this.caller.onNext(response);
				this.caller.onComplete();
				return;
			}
			Mono<ClientResponse> recovered;
			try {
				recovered = this.recovery.apply(response);
			}
			catch (RuntimeException | Error ex) {
				this.caller.onError(Operators.onOperatorError(this.upstream, ex, response, currentContext()));
				return;
			}
			recovered.subscribe(new Recovered(this));
		}

		@Override
		public void onError(Throwable ex) {
			if (this.answered) {
				Operators.onErrorDropped(ex, currentContext());
				return;
			}
			this.answered = true;
			this.caller.onError(ex);
		}

		/** Without an answer, there is nothing to look at. */
		@Override
		public void onComplete() {
			if (!this.answered) {
				this.answered = true;
				this.caller.onComplete();
			}
		}

		@Override
		public void request(long n) {
			Subscription upstream = this.upstream;
			if (upstream != null) {
				upstream.request(n);
			}
		}

		@Override
		public void cancel() {
			Operators.terminate(UPSTREAM, this);
		}

	}

	/** What the caller gets instead. */
	private record Recovered(Answer answer) implements CoreSubscriber<ClientResponse> {

		@Override
		public Context currentContext() {
			return this.answer.currentContext();
		}

		@Override
		public void onSubscribe(Subscription subscription) {
			// The exchange has done its part; cancelling it could only harm its
			// connection.
			if (Operators.replace(Answer.UPSTREAM, this.answer, subscription)) {
				subscription.request(Long.MAX_VALUE);
			}
		}

		@Override
		public void onNext(ClientResponse response) {
			this.answer.caller.onNext(response);
		}

		@Override
		public void onError(Throwable ex) {
			this.answer.caller.onError(ex);
		}

		@Override
		public void onComplete() {
			this.answer.caller.onComplete();
		}

	}

}
