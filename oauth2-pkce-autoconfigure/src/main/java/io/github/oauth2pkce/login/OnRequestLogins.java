package io.github.oauth2pkce.login;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.RequestLogins;
import io.github.oauth2pkce.discovery.ResourceDemands;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;

/**
 * Logins of the application that its requests start. A person is not asked for the same
 * scopes more than once a minute, nor more than three times a minute in all, whatever
 * resources answer. Thread-safe.
 */
public final class OnRequestLogins implements RequestLogins {

	private static final Duration PAUSE = Duration.ofMinutes(1);

	private static final int MOST = 3;

	private final Providers providers;

	private final Credentials credentials;

	private final Logins logins;

	private final ResourceDemands demands;

	private final InstantSource clock;

	/** When a person was last asked for which scopes, by provider. */
	private final Map<String, Map<Set<String>, Instant>> asked = new ConcurrentHashMap<>();

	/**
	 * Creates the logins.
	 * @param providers the providers
	 * @param credentials their logins
	 * @param logins starts logins
	 * @param demands what resources have demanded
	 * @param clock a clock that nobody can set
	 */
	public OnRequestLogins(Providers providers, Credentials credentials, Logins logins, ResourceDemands demands,
			InstantSource clock) {
		this.providers = providers;
		this.credentials = credentials;
		this.logins = logins;
		this.demands = demands;
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
		return Mono.defer(() -> needsLogin(CredentialId.ofApplication(providerId), refused)
				? afterLogin(providerId, refused) : Mono.empty());
	}

	/** A passing failure is no reason to ask a person. */
	private boolean needsLogin(CredentialId id, BearerToken.@Nullable Available refused) {
		if (this.logins.running(id) != null || this.credentials.status(id).state().needsPerson()) {
			return true;
		}
		Credential known = this.credentials.known(id);
		return refused != null && known != null && known.accessToken().equals(refused.accessToken())
				&& (known.refreshToken() == null || known.isRefreshTokenRejected());
	}

	@Override
	public Mono<BearerToken.Available> stepUp(String providerId, BearerToken.Available insufficient) {
		return Mono.defer(() -> {
			Credential known = this.credentials.known(CredentialId.ofApplication(providerId));
			boolean replaced = known != null && !known.accessToken().equals(insufficient.accessToken());
			// Whoever got the same answer before has logged in meanwhile.
			return replaced ? other(providerId, insufficient) : afterLogin(providerId, insufficient);
		});
	}

	private Mono<BearerToken.Available> afterLogin(String providerId, BearerToken.@Nullable Available refused) {
		CredentialId id = CredentialId.ofApplication(providerId);
		if (this.logins.running(id) == null && !mayAsk(providerId)) {
			return Mono.empty();
		}
		return this.logins.start(id)
			.toMono()
			// It has been told by its own events.
			.onErrorComplete(LoginException.class)
			// Its thread is not for the requests of all who waited.
			.publishOn(Schedulers.parallel())
			.then(Mono.defer(() -> other(providerId, refused)));
	}

	private Mono<BearerToken.Available> other(String providerId, BearerToken.@Nullable Available refused) {
		return Mono
			.fromFuture(() -> this.credentials.current(CredentialId.ofApplication(providerId), RefreshTrigger.EXPIRY))
			.ofType(BearerToken.Available.class)
			.filter((token) -> refused == null || !token.accessToken().equals(refused.accessToken()));
	}

	private boolean mayAsk(String providerId) {
		Set<String> scopes = this.demands.of(providerId).scopes();
		Instant now = this.clock.instant();
		Map<Set<String>, Instant> lately = this.asked.computeIfAbsent(providerId, (id) -> new HashMap<>());
		synchronized (lately) {
			lately.values().removeIf((time) -> !now.isBefore(time.plus(PAUSE)));
			return lately.size() < MOST && lately.putIfAbsent(scopes, now) == null;
		}
	}

}
