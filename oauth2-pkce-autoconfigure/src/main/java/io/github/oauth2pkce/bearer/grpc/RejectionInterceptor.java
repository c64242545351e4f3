package io.github.oauth2pkce.bearer.grpc;

import java.util.concurrent.Executor;
import java.util.function.Supplier;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

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
				super.start(new Refused<>(listener, credentials, options.getExecutor()), headers);
			}

		};
	}

	/** Its caller hears of the refusal when there is another token, or will be none. */
	private static final class Refused<A> extends SimpleForwardingClientCallListener<A> {

		private final ProviderCredentials credentials;

		private final @Nullable Executor executor;

		Refused(ClientCall.Listener<A> listener, ProviderCredentials credentials, @Nullable Executor executor) {
			super(listener);
			this.credentials = credentials;
			this.executor = executor;
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			if (status.getCode() != Status.Code.UNAUTHENTICATED) {
				super.onClose(status, trailers);
				return;
			}
			this.credentials.rejected().onErrorComplete().subscribe((token) -> {
			}, (ex) -> close(status, trailers), () -> close(status, trailers));
		}

		/** A blocking call waits for what its executor is given, and for nothing else. */
		private void close(Status status, Metadata trailers) {
			if (this.executor != null) {
				this.executor.execute(() -> super.onClose(status, trailers));
			}
			else {
				super.onClose(status, trailers);
			}
		}

	}

}
