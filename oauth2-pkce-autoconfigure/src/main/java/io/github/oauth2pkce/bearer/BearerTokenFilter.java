package io.github.oauth2pkce.bearer;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.target.BearerPolicies;
import io.github.oauth2pkce.target.BearerPolicy;
import io.github.oauth2pkce.token.DpopBinding;
import io.github.oauth2pkce.token.DpopProofs;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRequest;
import org.springframework.security.oauth2.client.web.ClientAttributes;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Puts a bearer on requests that should have one (RFC 6750 section 2.1), and says why
 * when there is none. Boot's {@code WebClient.Builder} has this filter; add it to clients
 * that are built by hand. The provider is the one that the request names, by Spring
 * Security's {@code clientRegistrationId} attribute or {@code @ClientRegistrationId},
 * else the one whose {@code base-urls} match best. Thread-safe; never blocks, and prompts
 * only as {@code login.on-request} allows.
 * <p>
 * After a 401 that blames the token, a request is sent once more if its body was given as
 * a value, as a form, or not at all; a body that comes from a publisher is not sent
 * twice.
 * <p>
 * Redirects are followed below this filter. Reactor Netty, which Boot prefers, drops
 * {@code Authorization} when one leaves the origin. The JDK's {@code HttpClient} does not
 * in all of its versions (17.0.15 does not, 25.0.3 does): with it, set Boot's
 * {@code spring.http.clients.redirects=dont-follow}.
 */
public final class BearerTokenFilter implements ExchangeFilterFunction {

	/**
	 * Request attribute with the {@link SkipReason} of a request that was sent without a
	 * bearer, for filters and interceptors further down.
	 */
	public static final String SKIP_REASON_ATTRIBUTE = SkipReason.class.getName();

	/**
	 * Attribute of a request that was sent without a bearer: the policy by which. Only
	 * the copy that goes down has it, so that a retry is looked at afresh.
	 */
	private static final String SKIPPED = BearerTokenFilter.class.getName() + ".SKIPPED";

	private static final Duration RELEASE = Duration.ofSeconds(1);

	private final BearerRules rules;

	/**
	 * Creates a filter.
	 * @param policies where bearers may go
	 * @param source supplies them
	 * @param listener is told what each request carried
	 */
	public BearerTokenFilter(BearerPolicies policies, BearerTokenSource source, BearerListener listener) {
		this(policies, source, listener, RequestLogins.NEVER);
	}

	/**
	 * Creates a filter under which a request may wait for a login.
	 * @param policies where bearers may go
	 * @param source supplies them
	 * @param listener is told what each request carried
	 * @param logins logs people in
	 */
	public BearerTokenFilter(BearerPolicies policies, BearerTokenSource source, BearerListener listener,
			RequestLogins logins) {
		this.rules = new BearerRules(policies, source, listener, logins);
	}

	/**
	 * Adds this filter to a client that is built by hand, and lets its requests remember
	 * who built them: for {@code principal: current-user}, when another thread sends
	 * them. Boot's {@code WebClient.Builder} has both.
	 * @return for {@link WebClient.Builder#apply}
	 */
	public Consumer<WebClient.Builder> oauth2Configuration() {
		return (builder) -> builder.defaultRequest((request) -> request.attributes(RequestUser::remember)).filter(this);
	}

	/**
	 * The provider whose bearer a request should have had. Why it had none is its
	 * {@link #SKIP_REASON_ATTRIBUTE}.
	 * @param request such as that of a {@code WebClientResponseException}
	 * @return the id, {@code null} for a request with a bearer, or none of ours
	 */
	public static @Nullable String skippedProvider(HttpRequest request) {
		return (request.getAttributes().get(SKIPPED) instanceof BearerPolicy policy) ? policy.providerId() : null;
	}

	@Override
	public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
		String named = ClientAttributes.resolveClientRegistrationId(request.attributes());
		BearerPolicy policy = this.rules.select(named, request.url());
		// A client may have this filter twice: by Boot's builder, and by hand.
		if (policy == null || request instanceof AuthorizedRequest) {
			return next.exchange(request);
		}
		BearerToken immediate = this.rules.immediate(policy, named != null, BearerRules.isAuthorized(request.headers()),
				request.url());
		if (immediate != null) {
			return send(request, policy, immediate, RequestUser.ANYBODY, next);
		}
		if (isSkipped(request, policy)) {
			return next.exchange(request);
		}
		// No deferring: WebClient calls its filters once per subscription, retries too.
		RequestUser user = RequestUser.of(request.attributes());
		return this.rules.current(policy, user, () -> ReplayableBody.isReplayable(request.body()))
			.flatMap((token) -> send(request, policy, token, user, next));
	}

	private Mono<ClientResponse> send(ClientRequest request, BearerPolicy policy, BearerToken token, RequestUser user,
			ExchangeFunction next) {
		return (token instanceof BearerToken.Available available) ? sendWith(available, request, policy, user, next)
				: sendWithout((BearerToken.Skipped) token, request, policy, user, next);
	}

	private Mono<ClientResponse> sendWith(BearerToken.Available token, ClientRequest request, BearerPolicy policy,
			RequestUser user, ExchangeFunction next) {
		this.rules.propagated(policy);
		return exchange(new AuthorizedRequest(request, token), request, policy, token, user, next);
	}

	private Mono<ClientResponse> sendWithout(BearerToken.Skipped skipped, ClientRequest request, BearerPolicy policy,
			RequestUser user, ExchangeFunction next) {
		if (isSkipped(request, policy)) {
			return next.exchange(request);
		}
		AuthenticationRequiredException failure = this.rules.skipped(policy, skipped);
		if (failure != null) {
			return Mono.error(failure);
		}
		ClientRequest without = ClientRequest.from(request)
			.attribute(SKIP_REASON_ATTRIBUTE, skipped.reason())
			.attribute(SKIPPED, policy)
			.build();
		return exchange(without, request, policy, skipped, user, next);
	}

	private Mono<ClientResponse> exchange(ClientRequest sent, ClientRequest request, BearerPolicy policy,
			BearerToken carried, RequestUser user, ExchangeFunction next) {
		return UnlessRefused.of(exchange(sent, request, carried, next),
				(response) -> recover(request, policy, carried, user, next, response));
	}

	/** Once more, if the server wants another proof. */
	private static Mono<ClientResponse> exchange(ClientRequest sent, ClientRequest request, BearerToken carried,
			ExchangeFunction next) {
		Mono<ClientResponse> answer = next.exchange(sent);
		if (!(carried instanceof BearerToken.Available token) || token.binding() == null) {
			return answer;
		}
		DpopBinding binding = token.binding();
		return answer.flatMap((response) -> BearerRules.wantsOtherProof(binding, request.url(), proofOf(response),
				response.statusCode().value(), response.headers().asHttpHeaders(),
				() -> ReplayableBody.isReplayable(request.body()))
						? release(response).then(Mono.defer(() -> next.exchange(new AuthorizedRequest(request, token))))
							.doOnNext((again) -> binding.proofs()
								.learn(request.url(), proofOf(again), again.statusCode().value(),
										again.headers().asHttpHeaders()))
						: Mono.just(response));
	}

	private static @Nullable String proofOf(ClientResponse response) {
		return response.request().getHeaders().getFirst(DpopProofs.HEADER);
	}

	/** By this filter's twin; a filter of another provider has its own say. */
	private static boolean isSkipped(ClientRequest request, BearerPolicy policy) {
		return policy.equals(request.attributes().get(SKIPPED));
	}

	private Mono<ClientResponse> recover(ClientRequest request, BearerPolicy policy, BearerToken carried,
			RequestUser user, ExchangeFunction next, ClientResponse response) {
		AtomicBoolean undecided = new AtomicBoolean(true);
		// Nobody will ever read a body that is left behind, and it keeps its connection.
		Mono<Optional<BearerToken.Available>> replacement = replacement(request, policy, carried, user, response)
			.doOnCancel(() -> {
				if (undecided.get()) {
					release(response).subscribe();
				}
			})
			.onErrorResume((ex) -> {
				undecided.set(false);
				return release(response).then(Mono.error(ex));
			});
		return replacement.flatMap((newer) -> {
			undecided.set(false);
			return newer.isEmpty() ? Mono.just(response) : release(response).then(Mono.deferContextual(
					(context) -> exchange(new AuthorizedRequest(request, newer.get()), request, newer.get(), next)
						.doOnNext((answer) -> {
							if (answer.statusCode().value() != 401) {
								this.rules.taken(policy, user, context);
							}
						})));
		});
	}

	/** Deferred: what the application's source and listener throw is an error, too. */
	private Mono<Optional<BearerToken.Available>> replacement(ClientRequest request, BearerPolicy policy,
			BearerToken carried, RequestUser user, ClientResponse response) {
		return Mono.defer(() -> {
			String authorization = response.request().getHeaders().getFirst(HttpHeaders.AUTHORIZATION);
			return this.rules.replacement(policy, carried, authorization, response.statusCode().value(),
					response.headers().asHttpHeaders(), user, () -> ReplayableBody.isReplayable(request.body()));
		});
	}

	/**
	 * What is left of an answer that is given up does not matter, errors included: one
	 * that does not end is cut off, with its connection.
	 */
	private static Mono<Void> release(ClientResponse response) {
		return response.releaseBody().timeout(RELEASE).onErrorComplete();
	}

}
