package io.github.oauth2pkce.bearer.jdk;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.Waiting;

/** A client whose requests carry bearers; everything else is the given client's. */
final class BearerClient extends HttpClient {

	private final HttpClient client;

	private final BearerExchanges exchanges;

	private final BearerExchanges blocking;

	private final @Nullable String providerId;

	private final Redirect redirects;

	private @Nullable HttpClient twin;

	private boolean ended;

	BearerClient(HttpClient client, BearerExchanges exchanges, @Nullable String providerId) {
		this.client = client;
		this.exchanges = exchanges;
		this.blocking = exchanges.blocking();
		this.providerId = providerId;
		// A mock has none.
		this.redirects = (client.followRedirects() != null) ? client.followRedirects() : Redirect.NEVER;
	}

	HttpClient client() {
		return this.client;
	}

	@Override
	public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
			throws IOException, InterruptedException {
		Conversation<T> conversation = Conversation.begin(this.blocking, this.providerId, this.redirects, request,
				handler);
		if (conversation == null) {
			return this.client.send(request, handler);
		}
		Mono<HttpRequest> next = conversation.first();
		while (true) {
			HttpRequest attempt = await(next);
			try {
				HttpResponse<T> response = sender().send(attempt, conversation);
				next = conversation.next(response);
				if (next == null) {
					return conversation.answer(response);
				}
			}
			catch (IOException ex) {
				if (!conversation.isCut(ex)) {
					throw ex;
				}
				next = conversation.afterCut(ex);
			}
		}
	}

	private static HttpRequest await(Mono<HttpRequest> next) throws IOException, InterruptedException {
		try {
			return Waiting.await(next, "use sendAsync here, or another thread", () -> false);
		}
		catch (InterruptedIOException ex) {
			// What send throws; whoever catches it knows.
			Thread.interrupted();
			throw new InterruptedException(ex.getMessage());
		}
		catch (IllegalStateException ex) {
			if (ex.getCause() instanceof IOException cause) {
				throw cause;
			}
			throw ex;
		}
	}

	@Override
	public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> handler) {
		return sendAsync(request, handler, null);
	}

	@Override
	public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> handler,
			@Nullable PushPromiseHandler<T> pushPromiseHandler) {
		Conversation<T> conversation = Conversation.begin(this.exchanges, this.providerId, this.redirects, request,
				handler);
		if (conversation == null) {
			return send(this.client, request, handler, pushPromiseHandler);
		}
		Answer<T> answer = new Answer<>();
		sendAsync(conversation, conversation.first(), pushPromiseHandler, answer);
		return answer;
	}

	private <T> void sendAsync(Conversation<T> conversation, Mono<HttpRequest> next,
			@Nullable PushPromiseHandler<T> pushPromiseHandler, Answer<T> answer) {
		answer.awaiting(next.toFuture())
			.thenCompose((request) -> answer.awaiting(send(sender(), request, conversation, pushPromiseHandler)))
			.whenComplete((response, failure) -> {
				if (failure != null) {
					Throwable cause = (failure instanceof CompletionException && failure.getCause() != null)
							? failure.getCause() : failure;
					if (conversation.isCut(cause)) {
						sendAsync(conversation, conversation.afterCut(cause), pushPromiseHandler, answer);
					}
					else {
						answer.completeExceptionally(cause);
					}
					return;
				}
				Mono<HttpRequest> another = conversation.next(response);
				if (another != null) {
					sendAsync(conversation, another, pushPromiseHandler, answer);
				}
				else {
					answer.complete(conversation.answer(response));
				}
			});
	}

	private static <T> CompletableFuture<HttpResponse<T>> send(HttpClient client, HttpRequest request,
			BodyHandler<T> handler, @Nullable PushPromiseHandler<T> pushPromiseHandler) {
		return (pushPromiseHandler != null) ? client.sendAsync(request, handler, pushPromiseHandler)
				: client.sendAsync(request, handler);
	}

	/**
	 * Whom requests with bearers are sent by. The JDK's client takes the headers of a
	 * request over each redirect that it follows, to other origins too in its older
	 * versions; whether it follows is a setting of the client.
	 */
	private HttpClient sender() {
		return (this.redirects == Redirect.NEVER) ? this.client : twin();
	}

	private synchronized HttpClient twin() {
		HttpClient twin = this.twin;
		if (twin == null && this.ended) {
			// It says so to whoever still sends.
			return this.client;
		}
		if (twin == null) {
			HttpClient.Builder builder = HttpClient.newBuilder()
				.followRedirects(Redirect.NEVER)
				.version(this.client.version())
				.sslContext(this.client.sslContext())
				.sslParameters(this.client.sslParameters());
			this.client.cookieHandler().ifPresent(builder::cookieHandler);
			this.client.connectTimeout().ifPresent(builder::connectTimeout);
			this.client.proxy().ifPresent(builder::proxy);
			this.client.authenticator().ifPresent(builder::authenticator);
			this.client.executor().ifPresent(builder::executor);
			twin = builder.build();
			this.twin = twin;
		}
		return twin;
	}

	@Override
	public Optional<CookieHandler> cookieHandler() {
		return this.client.cookieHandler();
	}

	@Override
	public Optional<Duration> connectTimeout() {
		return this.client.connectTimeout();
	}

	@Override
	public Redirect followRedirects() {
		return this.client.followRedirects();
	}

	@Override
	public Optional<ProxySelector> proxy() {
		return this.client.proxy();
	}

	@Override
	public SSLContext sslContext() {
		return this.client.sslContext();
	}

	@Override
	public SSLParameters sslParameters() {
		return this.client.sslParameters();
	}

	@Override
	public Optional<Authenticator> authenticator() {
		return this.client.authenticator();
	}

	@Override
	public Version version() {
		return this.client.version();
	}

	@Override
	public Optional<Executor> executor() {
		return this.client.executor();
	}

	@Override
	public WebSocket.Builder newWebSocketBuilder() {
		return this.client.newWebSocketBuilder();
	}

	// The following are HttpClient's since JDK 21, and its close() is made of them.

	/** Ends both clients when their requests have ended. */
	public void shutdown() {
		ClientLifecycle.shutdown(this.client);
		HttpClient twin = lastTwin();
		if (twin != null) {
			ClientLifecycle.shutdown(twin);
		}
	}

	/** Ends both clients at once. */
	public void shutdownNow() {
		ClientLifecycle.shutdownNow(this.client);
		HttpClient twin = lastTwin();
		if (twin != null) {
			ClientLifecycle.shutdownNow(twin);
		}
	}

	public boolean isTerminated() {
		HttpClient twin = currentTwin();
		return ClientLifecycle.isTerminated(this.client) && (twin == null || ClientLifecycle.isTerminated(twin));
	}

	/**
	 * Waits for the end of both clients.
	 * @param duration for how long, each
	 * @return whether they have ended
	 */
	public boolean awaitTermination(Duration duration) {
		HttpClient twin = currentTwin();
		return ClientLifecycle.awaitTermination(this.client, duration)
				&& (twin == null || ClientLifecycle.awaitTermination(twin, duration));
	}

	private synchronized @Nullable HttpClient lastTwin() {
		this.ended = true;
		return this.twin;
	}

	private synchronized @Nullable HttpClient currentTwin() {
		return this.twin;
	}

	/** Cancelled, it cancels what it waits for. */
	private static final class Answer<T> extends CompletableFuture<HttpResponse<T>> {

		private volatile @Nullable CompletableFuture<?> awaited;

		<V> CompletableFuture<V> awaiting(CompletableFuture<V> future) {
			this.awaited = future;
			if (isCancelled()) {
				future.cancel(true);
			}
			return future;
		}

		@Override
		public boolean cancel(boolean mayInterruptIfRunning) {
			boolean cancelled = super.cancel(mayInterruptIfRunning);
			CompletableFuture<?> awaited = this.awaited;
			if (cancelled && awaited != null) {
				awaited.cancel(true);
			}
			return cancelled;
		}

	}

}
