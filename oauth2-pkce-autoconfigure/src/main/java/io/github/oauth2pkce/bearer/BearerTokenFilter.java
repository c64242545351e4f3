package io.github.oauth2pkce.bearer;

import reactor.core.publisher.Mono;

import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.client.web.ClientAttributes;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.SecureTransport;

/**
 * Puts a bearer on requests that should have one (RFC 6750 section 2.1), and says why
 * when there is none. Boot's {@code WebClient.Builder} has this filter; add it to clients
 * that are built by hand. The provider is the one that the request names, by Spring
 * Security's {@code clientRegistrationId} attribute or {@code @ClientRegistrationId},
 * else the one whose {@code base-urls} match best. Thread-safe; never blocks, never
 * prompts.
 */
public final class BearerTokenFilter implements ExchangeFilterFunction {

	/**
	 * Request attribute with the {@link SkipReason} of a request that was sent without a
	 * bearer, for filters and observations further down.
	 */
	public static final String SKIP_REASON_ATTRIBUTE = SkipReason.class.getName();

	private final BearerPolicies policies;

	private final BearerTokenSource source;

	private final BearerListener listener;

	/**
	 * Creates a filter.
	 * @param policies where bearers may go
	 * @param source supplies them
	 * @param listener is told what each request carried
	 */
	public BearerTokenFilter(BearerPolicies policies, BearerTokenSource source, BearerListener listener) {
		this.policies = policies;
		this.source = source;
		this.listener = listener;
	}

	@Override
	public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
		BearerPolicy policy = this.policies.select(ClientAttributes.resolveClientRegistrationId(request.attributes()),
				request.url());
		if (policy == null) {
			return next.exchange(request);
		}
		if (request.headers().containsHeader(HttpHeaders.AUTHORIZATION)) {
			// Never a failure: the caller has brought a credential of their own.
			return unauthorized(request, policy, SkipReason.USER_SET, next);
		}
		if (!policy.allows(request.url())) {
			return skip(request, policy, refused(SkipReason.ORIGIN_NOT_ALLOWED), next);
		}
		if (!SecureTransport.isSecure(request.url())) {
			return skip(request, policy, refused(SkipReason.INSECURE_TRANSPORT), next);
		}
		BearerToken.Available atHand = this.source.atHand(policy.providerId());
		if (atHand != null) {
			return authorize(request, policy, atHand, next);
		}
		return this.source.current(policy.providerId())
			.flatMap((token) -> (token instanceof BearerToken.Available available)
					? authorize(request, policy, available, next)
					: skip(request, policy, (BearerToken.Skipped) token, next));
	}

	private Mono<ClientResponse> authorize(ClientRequest request, BearerPolicy policy, BearerToken.Available token,
			ExchangeFunction next) {
		this.listener.propagated(policy.providerId());
		return next.exchange(new AuthorizedRequest(request, token.headerValue()));
	}

	private Mono<ClientResponse> skip(ClientRequest request, BearerPolicy policy, BearerToken.Skipped skipped,
			ExchangeFunction next) {
		if (!policy.failOnMissingToken()) {
			return unauthorized(request, policy, skipped.reason(), next);
		}
		this.listener.skipped(policy.providerId(), skipped.reason());
		return Mono.error(new AuthenticationRequiredException(policy.providerId(), skipped.state(), skipped.reason()));
	}

	/** The credential was not looked at: whatever its state, it must not go there. */
	private static BearerToken.Skipped refused(SkipReason reason) {
		return new BearerToken.Skipped(reason, AuthorizationState.UNKNOWN);
	}

	private Mono<ClientResponse> unauthorized(ClientRequest request, BearerPolicy policy, SkipReason reason,
			ExchangeFunction next) {
		this.listener.skipped(policy.providerId(), reason);
		return next.exchange(ClientRequest.from(request).attribute(SKIP_REASON_ATTRIBUTE, reason).build());
	}

}
