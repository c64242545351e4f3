package io.github.oauth2pkce.bearer.jdk;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * The body of an answer that is given up: it is read, so that its connection can be used
 * again, but not for long. What is left of it does not matter, errors included.
 *
 * @param <T> what the caller makes of a body
 */
final class DroppedBody<T> implements BodySubscriber<T> {

	private final CompletableFuture<@Nullable T> end = new CompletableFuture<>();

	@Override
	@SuppressWarnings("NullAway") // Nobody sees it.
	public CompletionStage<T> getBody() {
		return this.end;
	}

	@Override
	public void onSubscribe(Subscription subscription) {
		CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS).execute(() -> {
			if (!this.end.isDone()) {
				subscription.cancel();
				this.end.complete(null);
			}
		});
		subscription.request(Long.MAX_VALUE);
	}

	@Override
	public void onNext(List<ByteBuffer> part) {
	}

	@Override
	public void onError(Throwable failure) {
		this.end.complete(null);
	}

	@Override
	public void onComplete() {
		this.end.complete(null);
	}

}
