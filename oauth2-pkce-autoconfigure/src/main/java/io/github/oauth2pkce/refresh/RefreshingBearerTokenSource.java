package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.TokenChains;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.store.CredentialId;

/**
 * The refresh-only source: reuses or refreshes, never prompts. Reactor begins here, at
 * the edge of the flights.
 */
public final class RefreshingBearerTokenSource implements BearerTokenSource {

	private final Providers providers;

	private final Credentials credentials;

	/**
	 * The credentials that are not a user's, at hand for every request: one look-up,
	 * without building a key.
	 */
	private final Map<String, RefreshableCredential> ofApplication = new HashMap<>();

	private final Mono<String> currentUser;

	private final OnBehalfOf onBehalfOf;

	private final TokenChains chains;

	private final Duration deadline;

	/**
	 * Creates the source.
	 * @param providers the providers
	 * @param credentials their credentials
	 * @param currentUser the name of the user of the subscription, empty without one
	 * @param settings limits, which bound how long a caller waits
	 */
	public RefreshingBearerTokenSource(Providers providers, Credentials credentials, Mono<String> currentUser,
			RefreshSettings settings) {
		this(providers, credentials, currentUser, OnBehalfOf.NOBODY, settings);
	}

	/**
	 * Creates the source.
	 * @param providers the providers
	 * @param credentials their credentials
	 * @param currentUser the name of the user of the subscription, empty without one
	 * @param onBehalfOf the bearer with which that user has called this application
	 * @param settings limits, which bound how long a caller waits
	 */
	public RefreshingBearerTokenSource(Providers providers, Credentials credentials, Mono<String> currentUser,
			OnBehalfOf onBehalfOf, RefreshSettings settings) {
		this.onBehalfOf = onBehalfOf;
		this.chains = new TokenChains(providers);
		this.providers = providers;
		this.credentials = credentials;
		this.currentUser = currentUser;
		this.deadline = settings.callerDeadline();
		for (Provider provider : providers) {
			if (provider.principal() == PrincipalKind.APPLICATION && provider.exchange().isForBearers()) {
				this.ofApplication.put(provider.id(), credentials.of(CredentialId.ofApplication(provider.id())));
			}
		}
	}

	@Override
	public BearerToken.@Nullable Available atHand(String providerId) {
		RefreshableCredential credential = this.ofApplication.get(providerId);
		if (credential != null) {
			return credential.atHand();
		}
		// A user's, or nobody's: that is an error.
		this.providers.get(providerId);
		return null;
	}

	@Override
	public Mono<BearerToken> current(String providerId) {
		return forPrincipal(providerId, this::current);
	}

	/**
	 * Whoever has a token that works waits for a better one, but not for long; if it ends
	 * meanwhile, there is nothing better to do than to wait as all others do.
	 */
	private Mono<BearerToken> current(RefreshableCredential credential) {
		Supplier<CompletableFuture<BearerToken>> flight = () -> credential.current(RefreshTrigger.EXPIRY);
		return join(flight, () -> credential.patience(this.deadline))
			.switchIfEmpty(Mono.defer(() -> Mono.justOrEmpty(credential.usable())))
			.switchIfEmpty(join(flight, () -> this.deadline))
			.switchIfEmpty(Mono.fromSupplier(() -> credential.bearerOr(SkipReason.REFRESH_FAILED)));
	}

	@Override
	public Mono<BearerToken> afterRejection(String providerId, BearerToken.Available rejected) {
		return forPrincipal(providerId,
				(credential) -> join(() -> credential.afterRejection(rejected), () -> this.deadline).switchIfEmpty(Mono
					.fromSupplier(() -> new BearerToken.Skipped(SkipReason.REFRESH_FAILED, credential.state()))));
	}

	@Override
	public Mono<Void> taken(String providerId) {
		return credential(providerId).doOnNext((credential) -> credential.confirmed()).then();
	}

	private Mono<BearerToken> forPrincipal(String providerId, Function<RefreshableCredential, Mono<BearerToken>> ask) {
		RefreshableCredential shared = this.ofApplication.get(providerId);
		if (shared != null) {
			return ask.apply(shared);
		}
		if (!this.providers.get(providerId).exchange().isForBearers()) {
			// To be shown to another server, and asked for only by whoever shows it.
			return Mono.just(new BearerToken.Skipped(SkipReason.NO_TOKEN, AuthorizationState.AUTHORIZED));
		}
		return credential(providerId).flatMap(ask)
			.defaultIfEmpty(new BearerToken.Skipped(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED));
	}

	/** Empty where there is no user. */
	private Mono<RefreshableCredential> credential(String providerId) {
		RefreshableCredential shared = this.ofApplication.get(providerId);
		if (shared != null) {
			return Mono.just(shared);
		}
		if (this.chains.isOnBehalf(providerId)) {
			return this.onBehalfOf.credential(providerId).map(this.credentials::of);
		}
		// Whoever is called so has no login of their own: it would be the application's.
		return this.currentUser.filter((name) -> !CredentialId.isReserved(name))
			.map((name) -> this.credentials.of(new CredentialId(providerId, name)));
	}

	/** The result of a flight; empty when it takes too long. */
	private static Mono<BearerToken> join(Supplier<CompletableFuture<BearerToken>> ask, Supplier<Duration> patience) {
		return Mono.defer(() -> {
			CompletableFuture<BearerToken> future = ask.get();
			BearerToken now = future.getNow(null);
			if (now != null) {
				return Mono.just(now);
			}
			// Suppressing cancellation: the flight belongs to everybody. Leaving its
			// worker: ten thousand callers must not continue on one thread.
			return Mono.fromFuture(future, true).publishOn(Schedulers.parallel()).timeout(patience.get(), Mono.empty());
		});
	}

}
