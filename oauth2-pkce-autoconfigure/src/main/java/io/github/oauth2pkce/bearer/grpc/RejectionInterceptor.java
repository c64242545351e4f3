package io.github.oauth2pkce.bearer.grpc;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Deadline;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Gives each call credentials of its own, and tells them when it was refused. */
final class RejectionInterceptor implements ClientInterceptor {

	private final Supplier<ProviderCredentials> credentials;

	RejectionInterceptor(Supplier<ProviderCredentials> credentials) {
		this.credentials = credentials;
	}

	@Override
	public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
		if (options.getCredentials() != null) {
			return next.newCall(method, options);
		}
		ProviderCredentials credentials = this.credentials.get();
		return new SimpleForwardingClientCall<>(next.newCall(method, options.withCallCredentials(credentials))) {

			@Override
			public void start(Listener<A> listener, Metadata headers) {
				super.start(new Refused<>(listener, credentials, options), headers);
			}

		};
	}

	/** Its caller hears of the refusal when there is another token, or will be none. */
	private static final class Refused<A> extends SimpleForwardingClientCallListener<A> {

		private final ProviderCredentials credentials;

		private final @Nullable Executor executor;

		private final @Nullable Deadline deadline;

		Refused(ClientCall.Listener<A> listener, ProviderCredentials credentials, CallOptions options) {
			super(listener);
			this.credentials = credentials;
			this.executor = options.getExecutor();
			this.deadline = options.getDeadline();
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			if (status.getCode() != Status.Code.UNAUTHENTICATED) {
				super.onClose(status, trailers);
				return;
			}
			Mono<Void> replaced = this.credentials.rejected().onErrorComplete().then();
			if (this.deadline != null) {
				long left = Math.max(0, this.deadline.timeRemaining(TimeUnit.NANOSECONDS));
				replaced = replaced.timeout(Duration.ofNanos(left), Mono.empty());
			}
			// Whoever hears of it may block.
			replaced.publishOn(Schedulers.boundedElastic())
				.subscribe(null, (ex) -> close(status, trailers), () -> close(status, trailers));
		}

		/** A blocking call waits for what its executor is given, and for nothing else. */
		private void close(Status status, Metadata trailers) {
			try {
				if (this.executor != null) {
					this.executor.execute(() -> super.onClose(status, trailers));
					return;
				}
			}
			catch (RejectedExecutionException ex) {
				// The executor was shut down; the call ends all the same.
			}
			super.onClose(status, trailers);
		}

	}

}
