package io.github.oauth2pkce.bearer.jdk;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;

/**
 * The body of an answer of which nobody knows yet whether it is the caller's. Nothing is
 * read before.
 *
 * @param <T> what the caller makes of a body
 */
final class UndecidedBody<T> implements BodySubscriber<T> {

	private final CompletableFuture<? extends BodySubscriber<T>> receiver;

	private CompletableFuture<? extends BodySubscriber<T>> subscribed;

	/**
	 * Creates the subscriber.
	 * @param receiver who gets the body
	 */
	UndecidedBody(CompletableFuture<? extends BodySubscriber<T>> receiver) {
		this.receiver = receiver;
		this.subscribed = receiver;
	}

	@Override
	public CompletionStage<T> getBody() {
		return this.receiver.thenCompose(BodySubscriber::getBody);
	}

	@Override
	public void onSubscribe(Subscription subscription) {
		this.subscribed = this.receiver.whenComplete((receiver, failure) -> {
			if (failure != null) {
				subscription.cancel();
			}
			else {
				receiver.onSubscribe(subscription);
			}
		});
	}

	/** Comes only when the receiver has asked for it. */
	@Override
	public void onNext(List<ByteBuffer> part) {
		this.subscribed.thenAccept((receiver) -> receiver.onNext(part));
	}

	@Override
	public void onError(Throwable failure) {
		this.subscribed.thenAccept((receiver) -> receiver.onError(failure));
	}

	@Override
	public void onComplete() {
		this.subscribed.thenAccept(BodySubscriber::onComplete);
	}

}
