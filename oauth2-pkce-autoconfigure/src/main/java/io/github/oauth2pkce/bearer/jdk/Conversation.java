package io.github.oauth2pkce.bearer.jdk;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.net.http.HttpTimeoutException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.bearer.BearerAttempts;
import io.github.oauth2pkce.bearer.BearerExchange;
import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.token.DpopProofs;

import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextHolder;

/**
 * A request of a caller, and the attempts that it takes: for a nonce, after a 401, over
 * redirects. Where an answer ends, the next attempt begins; so one thread after another
 * is here.
 *
 * @param <T> what the caller makes of a body
 */
final class Conversation<T> implements BodyHandler<T> {

	/** No thread that follows a redirect stands for a user. */
	private static final Authentication NOBODY = new AnonymousAuthenticationToken("redirect", "nobody",
			AuthorityUtils.createAuthorityList("ROLE_ANONYMOUS"));

	private final BearerExchanges exchanges;

	private final Redirect policy;

	private final BodyHandler<T> handler;

	private final Authentication user;

	private @Nullable String providerId;

	/** Without a bearer of ours. */
	private HttpRequest request;

	/** {@code null} where a redirect has led to a target of no provider. */
	private @Nullable BearerAttempts attempts;

	/** What the attempt has that is under way. */
	private @Nullable String authorization;

	private @Nullable String proof;

	private int redirects;

	private @Nullable Mono<HttpRequest> next;

	/** What becomes of a refusal, {@code null} where the last answer was none. */
	private @Nullable CompletableFuture<Optional<BearerToken.Available>> newer;

	private @Nullable HttpResponse<T> previous;

	private boolean redirected;

	private Conversation(BearerExchanges exchanges, @Nullable String providerId, Redirect policy, HttpRequest request,
			BodyHandler<T> handler, BearerExchange exchange) {
		this.exchanges = exchanges;
		this.providerId = providerId;
		this.policy = policy;
		this.request = request;
		this.handler = handler;
		this.attempts = new BearerAttempts(exchange);
		Authentication user = SecurityContextHolder.getContext().getAuthentication();
		this.user = (user != null && user.isAuthenticated()) ? user : NOBODY;
	}

	/**
	 * Begins, on the thread that sends the request.
	 * @return {@code null} when the request is none of ours
	 */
	static <T> @Nullable Conversation<T> begin(BearerExchanges exchanges, @Nullable String providerId, Redirect policy,
			HttpRequest request, BodyHandler<T> handler) {
		BearerExchange exchange = exchanges.begin(providerId, request.uri(), isAuthorized(request), Map.of());
		return (exchange != null) ? new Conversation<>(exchanges, providerId, policy, request, handler, exchange)
				: null;
	}

	private static boolean isAuthorized(HttpRequest request) {
		return request.headers().firstValue(HttpHeaders.AUTHORIZATION).isPresent();
	}

	/** The first attempt. */
	Mono<HttpRequest> first() {
		BearerAttempts attempts = this.attempts;
		if (attempts == null) {
			return Mono.just(this.request);
		}
		Mono<BearerToken> bearer = attempts.first(this::isReplayable);
		return (attempts.isSettled() ? bearer : inTime(bearer)).map(this::attempt);
	}

	private <V> Mono<V> inTime(Mono<V> bearer) {
		return this.request.timeout()
			.map((timeout) -> bearer.timeout(timeout)
				.onErrorMap(TimeoutException.class,
						(ex) -> new HttpTimeoutException("request timed out while it waited for a bearer")))
			.orElse(bearer);
	}

	private boolean isReplayable() {
		return ReplayableBody.isReplayable(this.request);
	}

	private HttpRequest attempt(BearerToken token) {
		if (token instanceof BearerToken.Available available) {
			HttpRequest.Builder attempt = HttpRequest.newBuilder(this.request, (name, value) -> true);
			available.authorize(this.request.method(), this.request.uri(), attempt::setHeader);
			this.authorization = available.headerValue();
			HttpRequest authorized = attempt.build();
			this.proof = (available.binding() != null) ? authorized.headers().firstValue(DpopProofs.HEADER).orElse(null)
					: null;
			return authorized;
		}
		this.authorization = this.request.headers().firstValue(HttpHeaders.AUTHORIZATION).orElse(null);
		return this.request;
	}

	/** The next attempt after an answer, {@code null} when it is the caller's. */
	@Nullable Mono<HttpRequest> next(HttpResponse<T> response) {
		Mono<HttpRequest> next = this.next;
		this.next = null;
		if (this.redirected) {
			this.redirected = false;
			this.previous = answer(response);
		}
		return next;
	}

	/**
	 * Whether there may be a next attempt although this one has failed: the rest of a
	 * refusal may be lost before it is decided what becomes of it, and nobody wants it.
	 */
	boolean isCut(Throwable failure) {
		return this.newer != null && failure instanceof IOException && !(failure instanceof HttpTimeoutException);
	}

	/** The next attempt after a refusal whose rest was lost, or that failure. */
	Mono<HttpRequest> afterCut(Throwable failure) {
		CompletableFuture<Optional<BearerToken.Available>> newer = this.newer;
		this.newer = null;
		this.next = null;
		return (newer == null) ? Mono.error(failure)
				: Mono.fromFuture(newer)
					.flatMap((bearer) -> bearer.isPresent() ? Mono.fromSupplier(() -> attempt(bearer.get()))
							: Mono.error(failure));
	}

	HttpResponse<T> answer(HttpResponse<T> response) {
		return new CallersResponse<>(response, this.request, this.previous);
	}

	@Override
	public BodySubscriber<T> apply(ResponseInfo answer) {
		BearerAttempts attempts = this.attempts;
		this.newer = null;
		if (attempts == null) {
			return unlessRedirect(answer);
		}
		Mono<Optional<BearerToken.Available>> next = attempts
			.next(this.authorization, this.proof, this.request.uri(), answer.statusCode(), headers(answer),
					this::isReplayable)
			.onErrorMap((ex) -> new IOException("The source of bearers failed", ex));
		boolean refusal = answer.statusCode() == 401 || answer.statusCode() == 403;
		CompletableFuture<Optional<BearerToken.Available>> newer = (refusal ? inTime(next) : next).toFuture();
		this.newer = refusal ? newer : null;
		return refusal ? new UndecidedBody<>(newer.thenApply((bearer) -> unlessRefused(answer, bearer)))
				: unlessRedirect(answer);
	}

	private BodySubscriber<T> unlessRefused(ResponseInfo answer, Optional<BearerToken.Available> bearer) {
		return bearer.isPresent() ? andThen(Mono.fromSupplier(() -> attempt(bearer.get())))
				: this.handler.apply(answer);
	}

	private BodySubscriber<T> unlessRedirect(ResponseInfo answer) {
		URI to = (this.redirects < Redirects.MOST) ? Redirects.target(this.policy, this.request.uri(), answer) : null;
		if (to == null) {
			return this.handler.apply(answer);
		}
		this.redirected = true;
		return andThen(Mono.defer(() -> redirect(answer.statusCode(), to)));
	}

	private BodySubscriber<T> andThen(Mono<HttpRequest> next) {
		this.next = next;
		return new DroppedBody<>();
	}

	private Mono<HttpRequest> redirect(int status, URI to) {
		this.redirects++;
		if (!Redirects.isSameOrigin(this.request.uri(), to)) {
			this.providerId = null;
		}
		this.request = Redirects.follow(this.request, status, to);
		BearerExchange exchange = this.exchanges.begin(this.providerId, to, isAuthorized(this.request),
				Map.of(Authentication.class.getName(), this.user));
		this.attempts = (exchange != null) ? new BearerAttempts(exchange) : null;
		return first();
	}

	private static HttpHeaders headers(ResponseInfo answer) {
		HttpHeaders headers = new HttpHeaders();
		answer.headers().map().forEach((name, values) -> headers.addAll(name, List.copyOf(values)));
		return headers;
	}

}
