package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.ErrorCodes;
import io.github.oauth2pkce.SecureTransport;
import io.github.oauth2pkce.discovery.ResourceDemand;
import io.github.oauth2pkce.target.BearerPolicies;
import io.github.oauth2pkce.target.BearerPolicy;
import io.github.oauth2pkce.target.InternationalHost;
import io.github.oauth2pkce.token.DpopBinding;

/**
 * What all HTTP clients have in common: which bearer a request gets, what becomes of a
 * request without one, and what is done about a 401. Each rule is written here and
 * nowhere else.
 */
final class BearerRules {

	private static final Logger logger = LoggerFactory.getLogger(BearerRules.class);

	/** Any case is found; this one is found without building a lower-case copy first. */
	private static final String AUTHORIZATION_IN_LOWER_CASE = "authorization";

	private static final String QUERY_PARAMETER = "access_token=";

	/**
	 * Stands for the empty answer of an application's own source; without it, the request
	 * would silently never be sent.
	 */
	static final BearerToken.Skipped NOTHING = new BearerToken.Skipped(SkipReason.NO_TOKEN,
			AuthorizationState.LOGIN_REQUIRED);

	/** The target is not to have the bearer, whatever the credential is. */
	private static final Set<SkipReason> REFUSED = EnumSet.of(SkipReason.USER_SET, SkipReason.ORIGIN_NOT_ALLOWED,
			SkipReason.INSECURE_TRANSPORT);

	private final BearerPolicies policies;

	private final BearerTokenSource source;

	private final BearerListener listener;

	private final RequestLogins logins;

	BearerRules(BearerPolicies policies, BearerTokenSource source, BearerListener listener, RequestLogins logins) {
		this.policies = policies;
		this.source = source;
		this.listener = listener;
		this.logins = logins;
	}

	/**
	 * The provider of a request.
	 * @param named the one that the request names, may be {@code null}
	 * @param uri the target of the request
	 * @return its policy, or {@code null} when the request is none of ours
	 */
	@Nullable BearerPolicy select(@Nullable String named, URI uri) {
		return this.policies.select(named, uri);
	}

	/**
	 * What can be said about a request at once: why it must have no bearer, or which one
	 * is at hand.
	 * @param policy the selected policy
	 * @param byName whether the request named it; otherwise the target has matched
	 * @param authorized whether the caller has set {@code Authorization}
	 * @param uri the target of the request
	 * @return the answer, or {@code null} when {@link #current} has to be asked
	 */
	@Nullable BearerToken immediate(BearerPolicy policy, boolean byName, boolean authorized, URI uri) {
		// First: whoever sets it knows what they do, wherever the request goes.
		if (authorized || hasTokenInQuery(uri)) {
			return refused(SkipReason.USER_SET);
		}
		if (byName && !policy.allows(uri)) {
			return refused(SkipReason.ORIGIN_NOT_ALLOWED);
		}
		if (!isSecure(uri)) {
			return refused(SkipReason.INSECURE_TRANSPORT);
		}
		return this.source.atHand(policy.providerId());
	}

	/** Whether the caller has set {@code Authorization}. */
	static boolean isAuthorized(HttpHeaders headers) {
		return headers.containsHeader(AUTHORIZATION_IN_LOWER_CASE);
	}

	/**
	 * RFC 6750 section 2.3. "Clients MUST NOT use more than one method to transmit the
	 * token in each request" (section 2). The form of section 2.2 is not looked for: it
	 * would have to be written first.
	 */
	private static boolean hasTokenInQuery(URI uri) {
		String query = uri.getRawQuery();
		if (query == null) {
			return false;
		}
		for (int at = query.indexOf(QUERY_PARAMETER); at >= 0; at = query.indexOf(QUERY_PARAMETER, at + 1)) {
			int end = at + QUERY_PARAMETER.length();
			// Without a value it is as if it were not there (RFC 6749 section 3.1).
			if ((at == 0 || query.charAt(at - 1) == '&') && end < query.length() && query.charAt(end) != '&') {
				return true;
			}
		}
		return false;
	}

	/** The credential was not looked at: whatever its state, it must not go there. */
	static BearerToken.Skipped refused(SkipReason reason) {
		return new BearerToken.Skipped(reason, AuthorizationState.UNKNOWN);
	}

	private static boolean isSecure(URI uri) {
		return SecureTransport.isSecure(uri)
				|| ("https".equalsIgnoreCase(uri.getScheme()) && InternationalHost.of(uri) != null);
	}

	/**
	 * The bearer of a request, or why it has none.
	 * @param replayable whether the request can be sent once more. If not, or if it must
	 * not be sent without a bearer, a login that it may wait for comes first
	 */
	Mono<BearerToken> current(BearerPolicy policy, RequestUser user, BooleanSupplier replayable) {
		String id = policy.providerId();
		Mono<BearerToken> current = user.ask(this.source.current(id)).defaultIfEmpty(NOTHING);
		if (!this.logins.areAllowed(id) || (!policy.failOnMissingToken() && replayable.getAsBoolean())) {
			return current;
		}
		return current.flatMap((token) -> (token instanceof BearerToken.Available) ? Mono.just(token)
				: this.logins.logIn(id, null).cast(BearerToken.class).defaultIfEmpty(token));
	}

	/**
	 * A request is about to be sent with a bearer. Once per request: a replay does not
	 * count again.
	 */
	void propagated(BearerPolicy policy) {
		this.listener.propagated(policy.providerId());
	}

	/**
	 * A request has no bearer.
	 * @return what it fails with, or {@code null} when it is to be sent all the same
	 */
	@Nullable AuthenticationRequiredException skipped(BearerPolicy policy, BearerToken.Skipped skipped) {
		this.listener.skipped(policy.providerId(), skipped.reason());
		// The caller who has brought a credential of their own misses nothing.
		boolean fails = policy.failOnMissingToken() && skipped.reason() != SkipReason.USER_SET;
		return fails ? new AuthenticationRequiredException(policy.providerId(), skipped.state(), skipped.reason())
				: null;
	}

	/**
	 * What to do about a 401 or 403: once per request, so that the second one is the
	 * caller's.
	 * @param policy the policy that chose the bearer
	 * @param carried the bearer that the request had, or why it had none
	 * @param authorization what was really sent, {@code null} when that is not known
	 * @param status 401 or 403
	 * @param response the headers of the answer
	 * @param user the user who sends the request
	 * @param replayable whether the request can be sent once more, asked last
	 * @return exactly one value: the bearer to send it with, or empty when the caller
	 * gets the answer. The listener has been told.
	 */
	Mono<Optional<BearerToken.Available>> replacement(BearerPolicy policy, BearerToken carried,
			@Nullable String authorization, int status, HttpHeaders response, RequestUser user,
			BooleanSupplier replayable) {
		if (!(carried instanceof BearerToken.Available sent)) {
			// Without a bearer a refusal is no surprise, and no refresh would help.
			if (authorization != null || REFUSED.contains(((BearerToken.Skipped) carried).reason())) {
				return Mono.just(Optional.empty());
			}
			challenged(policy, response, false);
			return (status == 401) ? afterLogin(policy, replayable, () -> this.logins.logIn(policy.providerId(), null))
					: Mono.just(Optional.empty());
		}
		if (authorization != null && !authorization.equals(sent.headerValue())) {
			// A later filter has put its own credential there: not ours to recover.
			return Mono.just(Optional.empty());
		}
		List<BearerChallenge> challenges = challenged(policy, response, true);
		boolean invalid = status == 401 && BearerChallenge.isInvalidToken(challenges);
		if (!invalid && challenges.stream().anyMatch(BearerChallenge::isInsufficient)) {
			this.listener.unauthorized(policy.providerId(), RecoveryOutcome.INSUFFICIENT_SCOPE);
			return afterLogin(policy, replayable, () -> this.logins.stepUp(policy.providerId(), sent));
		}
		if (status != 401) {
			return Mono.just(Optional.empty());
		}
		boolean bound = sent.binding() != null;
		if (challenges.stream().anyMatch((challenge) -> isAboutProof(challenge, bound))) {
			this.listener.unauthorized(policy.providerId(),
					bound ? RecoveryOutcome.PROOF_REFUSED : RecoveryOutcome.NOT_RECOVERABLE);
			return Mono.just(Optional.empty());
		}
		if (!policy.retryUnauthorized()) {
			this.listener.unauthorized(policy.providerId(), RecoveryOutcome.NOT_RECOVERABLE);
			return Mono.just(Optional.empty());
		}
		if (!invalid) {
			return lost(policy, sent, replayable);
		}
		// Looked at before asking: afterwards nobody could tell it from a refreshed one.
		BearerToken.Available newer = this.source.atHand(policy.providerId());
		if (newer != null && !newer.accessToken().equals(sent.accessToken())) {
			return Mono.just(replay(policy, newer, RecoveryOutcome.ADOPTED, replayable));
		}
		return user.ask(this.source.afterRejection(policy.providerId(), sent))
			.defaultIfEmpty(NOTHING)
			.flatMap((token) -> (token instanceof BearerToken.Available other
					&& !other.accessToken().equals(sent.accessToken()))
							? Mono.just(replay(policy, other, RecoveryOutcome.REPLAYED, replayable))
							: lost(policy, sent, replayable));
	}

	/**
	 * Challenges count only from resources that may receive the bearer. If the request
	 * carried none, a challenge does not mean that the login is insufficient.
	 */
	private List<BearerChallenge> challenged(BearerPolicy policy, HttpHeaders response, boolean shown) {
		List<BearerChallenge> challenges = BearerChallenge.parse(response.getOrEmpty(HttpHeaders.WWW_AUTHENTICATE));
		if (!challenges.isEmpty()) {
			ResourceDemand demand = BearerChallenge.demand(challenges);
			this.listener.challenged(policy.providerId(), shown ? demand : demand.merelyNamed());
		}
		return challenges;
	}

	/** The bearer is of no use, and there is no other without a person. */
	private Mono<Optional<BearerToken.Available>> lost(BearerPolicy policy, BearerToken.Available sent,
			BooleanSupplier replayable) {
		this.listener.unauthorized(policy.providerId(), RecoveryOutcome.NOT_RECOVERABLE);
		return afterLogin(policy, replayable, () -> this.logins.logIn(policy.providerId(), sent));
	}

	/** Whoever cannot be sent once more has no use for a login, and prompts nobody. */
	private Mono<Optional<BearerToken.Available>> afterLogin(BearerPolicy policy, BooleanSupplier replayable,
			Supplier<Mono<BearerToken.Available>> login) {
		return (this.logins.areAllowed(policy.providerId()) && replayable.getAsBoolean())
				? login.get().map(Optional::of).defaultIfEmpty(Optional.empty()) : Mono.just(Optional.empty());
	}

	/**
	 * Whether to send a request once more with another proof (RFC 9449 section 9). This
	 * is no recovery: the token was not looked at, and the next refusal is.
	 * @param binding what the request was proved by
	 * @param proof the proof that was really sent, {@code null} when that is not known
	 * @param status the status of the answer
	 * @param replayable whether the request can be sent once more, asked last
	 */
	static boolean wantsOtherProof(DpopBinding binding, URI uri, @Nullable String proof, int status,
			HttpHeaders response, BooleanSupplier replayable) {
		binding.proofs().learn(uri, proof, status, response);
		return status == 401
				&& BearerChallenge.parse(response.getOrEmpty(HttpHeaders.WWW_AUTHENTICATE))
					.stream()
					.anyMatch((challenge) -> binding.proofs().isWorthAnother(uri, challenge.error(), response))
				&& replayable.getAsBoolean();
	}

	/**
	 * The token was not looked at, so another one, or a person, would not help. Spring
	 * Security calls a request whose proof is missing an invalid one.
	 */
	static boolean isAboutProof(BearerChallenge challenge, boolean bound) {
		return ErrorCodes.USE_DPOP_NONCE.equals(challenge.error())
				|| ErrorCodes.INVALID_DPOP_PROOF.equals(challenge.error())
				|| (bound && OAuth2ErrorCodes.INVALID_REQUEST.equals(challenge.error()));
	}

	/** Whether a bearer may have been refused. */
	static boolean isRefusal(int status) {
		return status == 401 || status == 403;
	}

	/**
	 * A request that was sent once more has been answered by something else than 401. The
	 * answer is the caller's, whatever becomes of the note: nobody waits for it.
	 */
	void taken(BearerPolicy policy, RequestUser user, ContextView context) {
		Mono.defer(() -> user.ask(this.source.taken(policy.providerId())))
			.contextWrite(context)
			.subscribe(null, (ex) -> logger.debug("The source of bearers did not note a taken token", ex));
	}

	private Optional<BearerToken.Available> replay(BearerPolicy policy, BearerToken.Available token,
			RecoveryOutcome recovery, BooleanSupplier replayable) {
		boolean possible = replayable.getAsBoolean();
		this.listener.unauthorized(policy.providerId(), possible ? recovery : RecoveryOutcome.NOT_REPLAYABLE);
		return possible ? Optional.of(token) : Optional.empty();
	}

}
