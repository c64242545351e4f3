package io.github.oauth2pkce.bearer.jdk;

import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.Flow.Subscription;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.bearer.StubTransport;

/** A client whose network is a {@link StubTransport}. */
class StubHttpClient extends HttpClient {

	private final StubTransport transport;

	StubHttpClient(StubTransport transport) {
		this.transport = transport;
	}

	@Override
	public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) throws IOException {
		org.springframework.http.HttpHeaders headers = new org.springframework.http.HttpHeaders();
		request.headers().map().forEach(headers::addAll);
		StubTransport.Scripted answer = this.transport.receive(request.uri(), headers, Map.of(), body(request));
		Map<String, List<String>> answerHeaders = new HashMap<>();
		answer.headers().forEach(answerHeaders::put);
		Answered answered = new Answered(answer.status(), HttpHeaders.of(answerHeaders, (name, value) -> true));
		BodySubscriber<T> subscriber = handler.apply(answered);
		subscriber.onSubscribe(new Subscription() {

			@Override
			public void request(long n) {
			}

			@Override
			public void cancel() {
			}

		});
		subscriber.onComplete();
		return new Response<>(request, answered, subscriber.getBody().toCompletableFuture().join());
	}

	private static String body(HttpRequest request) {
		BodySubscriber<String> body = BodySubscribers.ofString(StandardCharsets.UTF_8);
		request.bodyPublisher().ifPresent((publisher) -> publisher.subscribe(new Flow.Subscriber<ByteBuffer>() {

			@Override
			public void onSubscribe(Subscription subscription) {
				body.onSubscribe(subscription);
			}

			@Override
			public void onNext(ByteBuffer part) {
				body.onNext(List.of(part));
			}

			@Override
			public void onError(Throwable failure) {
				body.onError(failure);
			}

			@Override
			public void onComplete() {
				body.onComplete();
			}

		}));
		return request.bodyPublisher().isPresent() ? body.getBody().toCompletableFuture().join() : "";
	}

	@Override
	public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> handler) {
		try {
			return CompletableFuture.completedFuture(send(request, handler));
		}
		catch (IOException ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	@Override
	public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> handler,
			@Nullable PushPromiseHandler<T> pushPromiseHandler) {
		return sendAsync(request, handler);
	}

	@Override
	public Optional<CookieHandler> cookieHandler() {
		return Optional.empty();
	}

	@Override
	public Optional<Duration> connectTimeout() {
		return Optional.empty();
	}

	@Override
	public Redirect followRedirects() {
		return Redirect.NEVER;
	}

	@Override
	public Optional<ProxySelector> proxy() {
		return Optional.empty();
	}

	@Override
	public SSLContext sslContext() {
		throw new UnsupportedOperationException();
	}

	@Override
	public SSLParameters sslParameters() {
		throw new UnsupportedOperationException();
	}

	@Override
	public Optional<Authenticator> authenticator() {
		return Optional.empty();
	}

	@Override
	public Version version() {
		return Version.HTTP_1_1;
	}

	@Override
	public Optional<Executor> executor() {
		return Optional.empty();
	}

	private record Answered(int statusCode, HttpHeaders headers) implements ResponseInfo {

		@Override
		public Version version() {
			return Version.HTTP_1_1;
		}

	}

	private record Response<T>(HttpRequest request, Answered answer, T body) implements HttpResponse<T> {

		@Override
		public int statusCode() {
			return this.answer.statusCode();
		}

		@Override
		public HttpHeaders headers() {
			return this.answer.headers();
		}

		@Override
		public Optional<HttpResponse<T>> previousResponse() {
			return Optional.empty();
		}

		@Override
		public Optional<SSLSession> sslSession() {
			return Optional.empty();
		}

		@Override
		public URI uri() {
			return this.request.uri();
		}

		@Override
		public Version version() {
			return Version.HTTP_1_1;
		}

	}

}
