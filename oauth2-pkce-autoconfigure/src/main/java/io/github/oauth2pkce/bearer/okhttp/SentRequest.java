package io.github.oauth2pkce.bearer.okhttp;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import okhttp3.Call;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.bearer.BearerAttempts;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.bearer.Waiting;
import io.github.oauth2pkce.token.DpopProofs;

import org.springframework.http.HttpHeaders;

/**
 * What interceptor and authenticator share of a request: a tag of it, which OkHttp takes
 * over redirects.
 */
final class SentRequest {

	private final BearerAttempts attempts;

	private final Call call;

	/** Values of headers that are ours, of all attempts. */
	private final Set<String> stamped = ConcurrentHashMap.newKeySet();

	/** What the attempt has that is under way. */
	private volatile @Nullable String authorization;

	private volatile @Nullable HttpUrl url;

	SentRequest(BearerAttempts attempts, Call call) {
		this.attempts = attempts;
		this.call = call;
	}

	/** Whether a request is an attempt of this call, rather than a copy of one. */
	boolean isOf(Call call) {
		return this.call == call;
	}

	/** A copy as its caller would have made it, who may have had headers of their own. */
	Request withoutBearer(Request copy) {
		return withoutHeaders(copy).tag(SentRequest.class, null).tag(SkipReason.class, null).build();
	}

	private Request.Builder withoutHeaders(Request copy) {
		Request.Builder request = copy.newBuilder();
		for (String name : List.of(HttpHeaders.AUTHORIZATION, DpopProofs.HEADER)) {
			String value = copy.header(name);
			if (value != null && this.stamped.contains(value)) {
				request.removeHeader(name);
			}
		}
		return request;
	}

	/**
	 * An answer as callers may print or keep it: without the bearers that its requests
	 * have had.
	 */
	Response withoutBearers(Response response) {
		Response.Builder shown = response.newBuilder().request(withoutHeaders(response.request()).build());
		if (response.networkResponse() != null) {
			shown.networkResponse(withoutBearers(response.networkResponse()));
		}
		if (response.cacheResponse() != null) {
			shown.cacheResponse(withoutBearers(response.cacheResponse()));
		}
		if (response.priorResponse() != null) {
			shown.priorResponse(withoutBearers(response.priorResponse()));
		}
		return shown.build();
	}

	/** The first attempt. */
	Request first(Request request) throws IOException {
		this.url = request.url();
		return attempt(request, await(this.attempts.first(() -> isReplayable(request))));
	}

	/** The next attempt after an answer, {@code null} when it is the caller's. */
	@Nullable Request next(Response response) throws IOException {
		Request request = response.request();
		if (!isTheOneSent(request)) {
			// A redirect has led elsewhere, or somebody has replaced what we have sent.
			return null;
		}
		HttpHeaders headers = new HttpHeaders();
		Headers names = response.headers();
		for (int i = 0; i < names.size(); i++) {
			headers.add(names.name(i), names.value(i));
		}
		Optional<BearerToken.Available> newer = await(
				this.attempts.next(this.authorization, request.header(DpopProofs.HEADER), request.url().uri(),
						response.code(), headers, () -> isReplayable(request)));
		return newer.isPresent() ? attempt(request, newer.get()) : null;
	}

	private Request attempt(Request request, BearerToken token) {
		Request.Builder attempt = request.newBuilder().tag(SentRequest.class, this);
		if (token instanceof BearerToken.Available available) {
			available.authorize(request.method(), request.url().uri(), (name, value) -> {
				attempt.header(name, value);
				this.stamped.add(value);
			});
			this.authorization = available.headerValue();
			return attempt.tag(SkipReason.class, null).build();
		}
		this.authorization = request.header(HttpHeaders.AUTHORIZATION);
		return attempt.tag(SkipReason.class, ((BearerToken.Skipped) token).reason()).build();
	}

	private boolean isTheOneSent(Request request) {
		HttpUrl url = this.url;
		return Objects.equals(request.header(HttpHeaders.AUTHORIZATION), this.authorization) && url != null
				&& url.scheme().equals(request.url().scheme()) && url.host().equals(request.url().host())
				&& url.port() == request.url().port();
	}

	private static boolean isReplayable(Request request) {
		RequestBody body = request.body();
		return body == null || !(body.isOneShot() || body.isDuplex());
	}

	/** OkHttp ends a thread with every exception that is none of I/O. */
	private <T> T await(Mono<T> answer) throws IOException {
		try {
			return Waiting.await(answer, "call OkHttp on another thread", this.call::isCanceled);
		}
		catch (RuntimeException ex) {
			throw new IOException(ex.getMessage(), ex);
		}
	}

	/** Printed with the tags of a request. */
	@Override
	public String toString() {
		return "SentRequest";
	}

}
