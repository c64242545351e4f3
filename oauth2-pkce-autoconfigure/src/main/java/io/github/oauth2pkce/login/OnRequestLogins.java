package io.github.oauth2pkce.login;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.AuthorizationState;
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
 * many processes wait, a person is asked once; not the same more than once a minute, and
 * seldomer each time, nor more than three times a minute in all, whatever resources
 * answer. No request waits longer than it is told to; the login goes on without it.
 * Thread-safe.
 */
public final class OnRequestLogins implements RequestLogins, AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(OnRequestLogins.class);

	private static final long LOOK_MILLIS = 500;

	private final Providers providers;

	private final Credentials credentials;

	private final Logins logins;

	private final ResourceDemands demands;

	private final Discovery discovery;

	private final InstantSource clock;

	private final LoginClaims claims;

	private final Duration patience;

	private final Map<String, CompletableFuture<Void>> attempts = new ConcurrentHashMap<>();

	/** Where the application was logged in last, by provider. */
	private final Map<String, String> issuers = new ConcurrentHashMap<>();

	private final Map<String, PromptLimits> limits = new ConcurrentHashMap<>();

	private volatile boolean closed;

	/**
	 * Creates the logins.
	 * @param providers the providers
	 * @param credentials their logins
	 * @param logins starts logins
	 * @param demands what resources have demanded
	 * @param discovery knows whether a resource has moved
	 * @param claims keeps processes from asking a person at the same time; closed with
	 * these logins
	 * @param patience the longest that a request waits for a login
	 * @param clock a clock that nobody can set
	 */
	public OnRequestLogins(Providers providers, Credentials credentials, Logins logins, ResourceDemands demands,
			Discovery discovery, LoginClaims claims, Duration patience, InstantSource clock) {
		this.providers = providers;
		this.credentials = credentials;
		this.logins = logins;
		this.demands = demands;
		this.discovery = discovery;
		this.claims = claims;
		this.patience = patience;
		this.clock = clock;
	}

	/** A user's login begins in that user's browser, and not here. */
	@Override
	public boolean areAllowed(String providerId) {
		Provider provider = this.providers.find(providerId);
		return !this.closed && provider != null && provider.grant().needsPerson()
				&& provider.principal() == PrincipalKind.APPLICATION && this.logins.canStart(provider);
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
			ResourceDemand missing = this.demands.missing(providerId);
			// What a login has already it does not get by another one, nor what no
			// resource has named.
			return (missing.isEmpty() || (known != null && missing.isMetBy(known.scopes()))) ? Mono.empty()
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
		return Mono.fromFuture(attempt(id, refused, stepUp), true)
			.timeout(this.patience, Mono.empty())
			// Its thread is not for the requests of all who waited.
			.publishOn(Schedulers.parallel())
			.then(Mono.defer(() -> other(id, refused)));
	}

	/** On a thread of its own: those who wait for it may fill every pool. */
	private CompletableFuture<Void> attempt(CredentialId id, BearerToken.@Nullable Available refused, boolean stepUp) {
		CompletableFuture<Void> attempt = new CompletableFuture<>();
		CompletableFuture<Void> running = this.attempts.putIfAbsent(id.providerId(), attempt);
		if (running != null) {
			return running;
		}
		try {
			Thread thread = new Thread(() -> run(attempt, id, refused, stepUp), "oauth2-on-request-" + id.providerId());
			thread.setDaemon(true);
			thread.start();
		}
		catch (RuntimeException | Error ex) {
			// The system has no thread left: whoever waits goes on.
			ended(attempt, id);
			logger.error("A request could not start a login to provider '{}'", id.providerId(), ex);
		}
		return attempt;
	}

	private void run(CompletableFuture<Void> attempt, CredentialId id, BearerToken.@Nullable Available refused,
			boolean stepUp) {
		try {
			remember(id);
			Login running = this.logins.running(id);
			if (running != null) {
				await(running);
			}
			else if (isNeeded(id, refused, stepUp)) {
				logIn(id, refused, stepUp);
			}
		}
		catch (RuntimeException | Error ex) {
			logger.error("The login to provider '{}' that a request started has failed", id.providerId(), ex);
		}
		finally {
			ended(attempt, id);
		}
	}

	private void ended(CompletableFuture<Void> attempt, CredentialId id) {
		this.attempts.remove(id.providerId(), attempt);
		attempt.complete(null);
	}

	private void logIn(CredentialId id, BearerToken.@Nullable Available refused, boolean stepUp) {
		try (LoginClaims.Kept claim = claim(id)) {
			if (claim == null) {
				return;
			}
			// Whoever had the claim before may have logged in.
			this.credentials.load(id);
			if (isNeeded(id, refused, stepUp)) {
				ask(id);
			}
		}
	}

	private void ask(CredentialId id) {
		PromptLimits limits = this.limits.computeIfAbsent(id.providerId(), (key) -> new PromptLimits(this.clock));
		Object question = question(id.providerId());
		if (!limits.ask(question, this.credentials.status(id).state() == AuthorizationState.LOGIN_REQUIRED)) {
			return;
		}
		boolean success = false;
		try {
			success = await(this.logins.start(id));
		}
		finally {
			limits.ended(question, success);
		}
	}

	/**
	 * {@return whether there are tokens}
	 */
	private boolean await(Login login) {
		boolean success = login.completion().handle((done, failure) -> failure == null).join();
		remember(login.id());
		return success;
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

	/** Returns {@code null} when another process has seen to it. */
	private LoginClaims.@Nullable Kept claim(CredentialId id) {
		while (!this.closed) {
			LoginClaims.Kept claim = this.claims.take(id);
			if (claim != null) {
				return claim;
			}
			do {
				pause();
			}
			while (!this.closed && this.claims.isTaken(id));
			this.credentials.load(id);
			// What is left is the claim of a process that has died.
			if (!this.claims.isLeft(id)) {
				return null;
			}
		}
		return null;
	}

	private void pause() {
		try {
			TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException("Interrupted while another process logs in", ex);
		}
	}

	private Mono<BearerToken.Available> other(CredentialId id, BearerToken.@Nullable Available refused) {
		return Mono.fromFuture(() -> this.credentials.current(id, RefreshTrigger.EXPIRY))
			.ofType(BearerToken.Available.class)
			.filter((token) -> refused == null || !token.accessToken().equals(refused.accessToken()));
	}

	/** The same question to another server is another one. */
	private Object question(String providerId) {
		ResourceDemand demand = this.demands.of(providerId);
		String issuer = this.issuers.get(providerId);
		return Arrays.asList(demand.scopes(), demand.acrValues(), demand.maxAge(), demand.claims(),
				isTrusted(providerId, issuer) ? null : issuer);
	}

	/** Starts nothing any more; what runs ends with the login. */
	@Override
	public void close() {
		this.closed = true;
		this.claims.close();
	}

}
