package io.github.oauth2pkce.login;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.RequestLogins;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.ResourceDemand;
import io.github.oauth2pkce.discovery.ResourceDemands;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;

/**
 * Logins of the application that its requests start. However many requests of however
 * many processes wait, a person is asked once. A person is not asked the same more than
 * once a minute, and seldomer each time, nor more than three times a minute in all,
 * whatever resources answer. Thread-safe.
 */
public final class OnRequestLogins implements RequestLogins {

	private static final Duration PAUSE = Duration.ofMinutes(1);

	private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

	private static final int MOST = 3;

	private static final long LOOK_MILLIS = 500;

	private final Providers providers;

	private final Credentials credentials;

	private final Logins logins;

	private final ResourceDemands demands;

	private final Discovery discovery;

	private final InstantSource clock;

	private final LoginClaims claims;

	private final Map<String, CompletableFuture<Void>> attempts = new ConcurrentHashMap<>();

	/** Where the application was logged in last, by provider. */
	private final Map<String, String> issuers = new ConcurrentHashMap<>();

	/** When a person was last asked what, by provider. */
	private final Map<String, Map<List<Object>, Asked>> asked = new ConcurrentHashMap<>();

	/**
	 * Creates the logins.
	 * @param providers the providers
	 * @param credentials their logins
	 * @param logins starts logins
	 * @param demands what resources have demanded
	 * @param discovery knows whether a resource has moved
	 * @param claims keeps processes from asking a person at the same time
	 * @param clock a clock that nobody can set
	 */
	public OnRequestLogins(Providers providers, Credentials credentials, Logins logins, ResourceDemands demands,
			Discovery discovery, LoginClaims claims, InstantSource clock) {
		this.providers = providers;
		this.credentials = credentials;
		this.logins = logins;
		this.demands = demands;
		this.discovery = discovery;
		this.claims = claims;
		this.clock = clock;
	}

	/** A user's login begins in that user's browser, and not here. */
	@Override
	public boolean areAllowed(String providerId) {
		Provider provider = this.providers.find(providerId);
		return provider != null && provider.grant().needsPerson() && provider.principal() == PrincipalKind.APPLICATION
				&& this.logins.canStart(provider);
	}

	@Override
	public Mono<BearerToken.Available> logIn(String providerId, BearerToken.@Nullable Available refused) {
		return Mono.defer(() -> {
			CredentialId id = CredentialId.ofApplication(providerId);
			boolean missing = this.logins.running(id) != null || this.credentials.status(id).state().needsPerson();
			// Whoever was refused before others had logged in has their bearer now.
			return (missing || isCurrent(id, refused)) ? afterLogin(id, refused, false) : other(id, refused);
		});
	}

	@Override
	public Mono<BearerToken.Available> stepUp(String providerId, BearerToken.Available insufficient) {
		return Mono.defer(() -> {
			CredentialId id = CredentialId.ofApplication(providerId);
			if (!isCurrent(id, insufficient)) {
				return other(id, insufficient);
			}
			Credential known = this.credentials.known(id);
			// What a login has already it does not get by another one.
			return (known != null && this.demands.missing(providerId).isMetBy(known.scopes())) ? Mono.empty()
					: afterLogin(id, insufficient, true);
		});
	}

	private boolean isCurrent(CredentialId id, BearerToken.@Nullable Available refused) {
		Credential known = this.credentials.known(id);
		return refused != null && known != null && known.accessToken().equals(refused.accessToken());
	}

	/** All requests that wait share one attempt. Its end is told by its own events. */
	private Mono<BearerToken.Available> afterLogin(CredentialId id, BearerToken.@Nullable Available refused,
			boolean stepUp) {
		CompletableFuture<Void> attempt = this.attempts.computeIfAbsent(id.providerId(),
				(providerId) -> start(id, refused, stepUp));
		return Mono.fromFuture(attempt, true)
			// Its thread is not for the requests of all who waited.
			.publishOn(Schedulers.parallel())
			.then(Mono.defer(() -> other(id, refused)));
	}

	private CompletableFuture<Void> start(CredentialId id, BearerToken.@Nullable Available refused, boolean stepUp) {
		CompletableFuture<Void> attempt = new CompletableFuture<>();
		Schedulers.boundedElastic().schedule(() -> {
			try {
				attempt(id, refused, stepUp);
			}
			finally {
				this.attempts.remove(id.providerId());
				attempt.complete(null);
			}
		});
		return attempt;
	}

	private void attempt(CredentialId id, BearerToken.@Nullable Available refused, boolean stepUp) {
		remember(id);
		if (this.logins.running(id) != null) {
			await(id);
		}
		else if (isNeeded(id, refused, stepUp)) {
			while (!this.claims.take(id)) {
				if (!awaitOtherProcess(id)) {
					return;
				}
			}
			try (LoginClaims.Kept claim = this.claims.keep(id)) {
				// Whoever had the claim before may have logged in.
				this.credentials.load(id);
				if (isNeeded(id, refused, stepUp) && mayAsk(id.providerId())) {
					await(id);
				}
			}
		}
	}

	private void await(CredentialId id) {
		this.logins.start(id).completion().exceptionally((failure) -> null).join();
		remember(id);
	}

	private void remember(CredentialId id) {
		Credential known = this.credentials.known(id);
		if (known != null && known.origin().issuer() != null) {
			this.issuers.put(id.providerId(), known.origin().issuer());
		}
	}

	/**
	 * A passing failure is no reason to ask a person, nor is a resource that refuses
	 * every token.
	 */
	private boolean isNeeded(CredentialId id, BearerToken.@Nullable Available refused, boolean stepUp) {
		if (this.credentials.status(id).state().needsPerson()) {
			return true;
		}
		Credential known = this.credentials.known(id);
		if (known == null || !isCurrent(id, refused)) {
			return false;
		}
		return stepUp || known.refreshToken() == null || known.isRefreshTokenRejected()
				|| !isTrusted(id.providerId(), known.origin().issuer());
	}

	private boolean isTrusted(String providerId, @Nullable String issuer) {
		return issuer == null || this.discovery.isTrusted(this.providers.get(providerId), issuer);
	}

	/**
	 * {@return whether its login is ours now: the process has died}
	 */
	private boolean awaitOtherProcess(CredentialId id) {
		try {
			while (this.claims.isTaken(id)) {
				TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
			}
			this.credentials.load(id);
			return this.claims.isLeft(id);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	private Mono<BearerToken.Available> other(CredentialId id, BearerToken.@Nullable Available refused) {
		return Mono.fromFuture(() -> this.credentials.current(id, RefreshTrigger.EXPIRY))
			.ofType(BearerToken.Available.class)
			.filter((token) -> refused == null || !token.accessToken().equals(refused.accessToken()));
	}

	/** The same question to another server is another one. */
	private boolean mayAsk(String providerId) {
		ResourceDemand demand = this.demands.of(providerId);
		String issuer = this.issuers.get(providerId);
		List<Object> question = Arrays.asList(demand.scopes(), demand.acrValues(), demand.maxAge(), demand.claims(),
				isTrusted(providerId, issuer) ? null : issuer);
		Instant now = this.clock.instant();
		Map<List<Object>, Asked> lately = this.asked.computeIfAbsent(providerId, (id) -> new HashMap<>());
		synchronized (lately) {
			lately.values().removeIf((asked) -> !now.isBefore(asked.at().plus(LONGEST_PAUSE)));
			long justNow = lately.values().stream().filter((asked) -> now.isBefore(asked.at().plus(PAUSE))).count();
			Asked last = lately.get(question);
			if (justNow >= MOST || (last != null && now.isBefore(last.at().plus(last.pause())))) {
				return false;
			}
			lately.put(question, (last != null) ? last.again(now) : new Asked(now, PAUSE));
			return true;
		}
	}

	/**
	 * That a person was asked. Who asks the same again and again waits longer each time.
	 *
	 * @param at when
	 * @param pause how long they are not asked the same again
	 */
	private record Asked(Instant at, Duration pause) {

		/** A login that has lasted for a while was not in vain. */
		Asked again(Instant now) {
			Duration twice = this.pause.multipliedBy(2);
			return new Asked(now, now.isBefore(this.at.plus(twice)) ? twice : PAUSE);
		}

	}

}
