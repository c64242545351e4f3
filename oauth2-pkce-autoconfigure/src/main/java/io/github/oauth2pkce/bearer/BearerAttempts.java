package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.util.Optional;
import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.token.DpopBinding;

import org.springframework.http.HttpHeaders;

/**
 * A {@link BearerExchange} of a client that sees each answer to its request: how often it
 * is sent, and with what. It is recovered once, and sent once more for another proof
 * before that, and after. Of one request; its attempts may be made by different threads,
 * one after another.
 */
public final class BearerAttempts {

	private final BearerExchange exchange;

	private volatile BearerToken carried;

	private volatile boolean proved;

	private volatile boolean recovered;

	private volatile boolean replayed;

	/**
	 * Creates the attempts.
	 * @param exchange the request
	 */
	public BearerAttempts(BearerExchange exchange) {
		this(exchange, BearerRules.NOTHING);
	}

	/**
	 * Creates the attempts of a request that has its bearer.
	 * @param exchange the request
	 * @param carried what {@link BearerExchange#bearer()} gave
	 */
	public BearerAttempts(BearerExchange exchange, BearerToken carried) {
		this.exchange = exchange;
		this.carried = carried;
	}

	/**
	 * The bearer of the first attempt.
	 * @param replayable whether the request can be sent once more
	 * @return as {@link BearerExchange#bearer()}
	 */
	public Mono<BearerToken> first(BooleanSupplier replayable) {
		return this.exchange.bearer(replayable, (bearer) -> false).doOnNext((bearer) -> this.carried = bearer);
	}

	/** Whether {@link #first} waits for nothing. */
	public boolean isSettled() {
		return this.exchange.isSettled();
	}

	/**
	 * What an answer means. To be asked about each, whatever its status: it may have the
	 * nonce of the next proof.
	 * @param authorization the {@code Authorization} that was really sent, {@code null}
	 * when that is not known, or when there was none
	 * @param proof the proof that was sent, {@code null} when there was none
	 * @param uri the target of the attempt
	 * @param status the status of the answer
	 * @param response the headers of the answer
	 * @param replayable whether the request can be sent once more, asked last
	 * @return exactly one value, and not later than at once when the status is neither
	 * 401 nor 403: the bearer of the next attempt, or empty when the answer is the
	 * caller's
	 */
	public Mono<Optional<BearerToken.Available>> next(@Nullable String authorization, @Nullable String proof, URI uri,
			int status, HttpHeaders response, BooleanSupplier replayable) {
		if (this.carried instanceof BearerToken.Available bearer && wantsOtherProof(bearer.binding(), uri, proof,
				status, response, () -> !this.proved && replayable.getAsBoolean())) {
			this.proved = true;
			return Mono.just(Optional.of(bearer));
		}
		if (BearerRules.isRefusal(status) && !this.recovered) {
			this.recovered = true;
			return this.exchange.replacement(authorization, status, response, replayable)
				.doOnNext((newer) -> newer.ifPresent((bearer) -> {
					this.carried = bearer;
					this.replayed = true;
					this.proved = false;
				}));
		}
		if (this.replayed && status != 401) {
			this.replayed = false;
			this.exchange.taken();
		}
		return Mono.just(Optional.empty());
	}

	private static boolean wantsOtherProof(@Nullable DpopBinding binding, URI uri, @Nullable String proof, int status,
			HttpHeaders response, BooleanSupplier replayable) {
		return binding != null && BearerRules.wantsOtherProof(binding, uri, proof, status, response, replayable);
	}

}
