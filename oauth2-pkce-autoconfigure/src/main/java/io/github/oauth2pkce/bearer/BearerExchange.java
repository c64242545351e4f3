package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

import io.github.oauth2pkce.target.BearerPolicy;
import io.github.oauth2pkce.token.DpopBinding;

import org.springframework.http.HttpHeaders;

/**
 * A request of a client that is not Spring's, and its answer, by the rules of
 * {@link BearerTokenFilter}. Thread-safe; never blocks, never prompts.
 */
public final class BearerExchange {

	private final BearerRules rules;

	private final BearerPolicy policy;

	private final @Nullable BearerToken immediate;

	private final RequestUser user;

	private volatile BearerToken carried;

	BearerExchange(BearerRules rules, BearerPolicy policy, @Nullable BearerToken immediate, RequestUser user) {
		this.rules = rules;
		this.policy = policy;
		this.immediate = immediate;
		this.user = user;
		this.carried = (immediate instanceof BearerToken.Skipped) ? immediate : BearerRules.NOTHING;
	}

	/**
	 * The bearer to send the request with. Counted: once per request, not for a replay.
	 * @return exactly one value, the bearer or why the request is to be sent without;
	 * fails with {@link AuthenticationRequiredException} when it must not be sent without
	 */
	public Mono<BearerToken> bearer() {
		return bearer(() -> true, (bearer) -> false);
	}

	/**
	 * {@link #bearer()} for a client that cannot send every request once more, or cannot
	 * tell before whether it sends one for the first time.
	 * @param replayable whether the request can be sent once more: if not, a login that
	 * it may wait for comes first
	 * @param replay whether the request with that bearer is a replay, and does not count
	 * @return as {@link #bearer()}
	 */
	public Mono<BearerToken> bearer(BooleanSupplier replayable, Predicate<BearerToken.Available> replay) {
		return carry(token(replayable), replay);
	}

	/**
	 * {@link #bearer()} for a client that cannot make proofs of possession: a token that
	 * is bound to a key is of no use without (RFC 9449 section 7.1).
	 * @return as {@link #bearer()}; for a bound token that it must not be sent
	 */
	public Mono<BearerToken> bearerWithoutProof() {
		return carry(token(() -> false)
			.map((token) -> (token instanceof BearerToken.Available available && available.binding() != null)
					? BearerRules.refused(SkipReason.INSECURE_TRANSPORT) : token),
				(bearer) -> false);
	}

	/**
	 * {@link #bearer()} where the client knows that others can listen, whatever the
	 * target looks like.
	 * @return as {@link #bearer()}, and never a bearer
	 */
	public Mono<BearerToken> bearerOverInsecureTransport() {
		return carry(Mono.just((this.immediate instanceof BearerToken.Skipped) ? this.immediate
				: BearerRules.refused(SkipReason.INSECURE_TRANSPORT)), (bearer) -> false);
	}

	private Mono<BearerToken> token(BooleanSupplier replayable) {
		return (this.immediate != null) ? Mono.just(this.immediate)
				: this.rules.current(this.policy, this.user, replayable);
	}

	private Mono<BearerToken> carry(Mono<BearerToken> token, Predicate<BearerToken.Available> replay) {
		return token.doOnNext((carried) -> {
			this.carried = carried;
			if (carried instanceof BearerToken.Skipped skipped) {
				AuthenticationRequiredException failure = this.rules.skipped(this.policy, skipped);
				if (failure != null) {
					throw failure;
				}
			}
			else if (carried instanceof BearerToken.Available available && !replay.test(available)) {
				this.rules.propagated(this.policy);
			}
		});
	}

	/** Whether the answer of {@link #bearer()} is known, whoever sends the request. */
	public boolean isSettled() {
		return this.immediate != null;
	}

	/**
	 * Whether a request that was sent before, and of which only that is known, had the
	 * bearer that is at hand. This is its exchange then.
	 * @param authorization the {@code Authorization} that it had
	 * @return whether it is the one at hand
	 */
	public boolean carried(String authorization) {
		if (this.immediate instanceof BearerToken.Available available
				&& available.headerValue().equals(authorization)) {
			this.carried = available;
			return true;
		}
		return false;
	}

	/** Whether the user may be known only from the thread that sent the request. */
	public boolean isOfThread() {
		return this.user.isOfThread();
	}

	/**
	 * What to do about a 401 or 403. To be asked once per request, whether it had a
	 * bearer or not, so that the second refusal is the caller's. An exchange whose
	 * {@link #bearer()} nobody has asked for is one without.
	 * @param authorization the {@code Authorization} that was really sent, {@code null}
	 * when that is not known
	 * @param status the status of the answer
	 * @param response the headers of the answer
	 * @param replayable whether the request can be sent once more, asked last
	 * @return exactly one value: the bearer to send it with, or empty when the caller
	 * gets the answer
	 */
	public Mono<Optional<BearerToken.Available>> replacement(@Nullable String authorization, int status,
			HttpHeaders response, BooleanSupplier replayable) {
		if (!BearerRules.isRefusal(status)) {
			return Mono.just(Optional.empty());
		}
		// What the application's source and listener throw is an error, too.
		return Mono.defer(() -> this.rules.replacement(this.policy, this.carried, authorization, status, response,
				this.user, replayable));
	}

	/**
	 * Whether to send a request once more with another proof (RFC 9449 section 9). This
	 * is no recovery: the next refusal is looked at.
	 * @param uri the target of the request
	 * @param proof the proof that it had, {@code null} when that is not known
	 * @param status the status of the answer
	 * @param response the headers of the answer
	 * @return {@code false} for a bearer that needs no proof
	 */
	public boolean wantsOtherProof(URI uri, @Nullable String proof, int status, HttpHeaders response) {
		DpopBinding binding = (this.carried instanceof BearerToken.Available bearer) ? bearer.binding() : null;
		return binding != null && BearerRules.wantsOtherProof(binding, uri, proof, status, response, () -> true);
	}

	/** The request was sent once more, and the answer was not another 401. */
	public void taken() {
		this.rules.taken(this.policy, this.user, Context.empty());
	}

}
