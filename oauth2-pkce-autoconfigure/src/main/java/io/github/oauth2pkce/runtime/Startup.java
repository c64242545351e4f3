package io.github.oauth2pkce.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.EventLog;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.RequestLogins;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.observability.LogEvents;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.ProviderStartedEvent;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.terminal.SystemFeatures;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

/**
 * What happens when the application starts: stored logins are read and refreshed, all at
 * once, under one deadline, never prompting; then, where a setting asks for it, logins
 * start. Neither keeps the application from starting.
 */
public final class Startup implements SmartLifecycle {

	private static final Logger logger = LoggerFactory.getLogger(Startup.class);

	private final Providers providers;

	private final Credentials credentials;

	private final Logins logins;

	private final RequestLogins requestLogins;

	private final OAuth2PkceProperties properties;

	private final Workers workers;

	private final LogEvents log;

	private final ApplicationEventPublisher events;

	private volatile @Nullable CompletableFuture<Void> warmUp;

	public Startup(Providers providers, Credentials credentials, Logins logins, RequestLogins requestLogins,
			OAuth2PkceProperties properties, Workers workers, LogEvents log, ApplicationEventPublisher events) {
		this.providers = providers;
		this.credentials = credentials;
		this.logins = logins;
		this.requestLogins = requestLogins;
		this.properties = properties;
		this.workers = workers;
		this.log = log;
		this.events = events;
	}

	@Override
	public void start() {
		if (this.warmUp == null && !this.providers.isEmpty()) {
			this.warmUp = warmUp();
		}
	}

	private CompletableFuture<Void> warmUp() {
		Map<String, CompletableFuture<AuthorizationState>> states = new LinkedHashMap<>();
		for (Provider provider : this.providers) {
			if (provider.principal() == PrincipalKind.APPLICATION) {
				states.put(provider.id(), warmUp(provider));
			}
		}
		Duration timeout = this.properties.startup().timeout();
		return CompletableFuture.allOf(states.values().toArray(CompletableFuture[]::new))
			.completeOnTimeout(null, timeout.toMillis(), TimeUnit.MILLISECONDS)
			.handleAsync((done, failure) -> {
				finished(states);
				return null;
			}, this.workers.executor("startup"));
	}

	private CompletableFuture<AuthorizationState> warmUp(Provider provider) {
		CredentialId id = CredentialId.ofApplication(provider.id());
		return CompletableFuture.supplyAsync(() -> this.credentials.load(id), this.workers.executor(provider.id()))
			.thenCompose((state) -> {
				boolean refresh = this.properties.startup().refresh() && provider.grant().needsPerson()
						&& state == AuthorizationState.AUTHORIZED;
				return refresh
						? this.credentials.current(id, RefreshTrigger.STARTUP)
							.thenApply((token) -> this.credentials.status(id).state())
						: CompletableFuture.completedFuture(state);
			});
	}

	private void finished(Map<String, CompletableFuture<AuthorizationState>> states) {
		Map<String, Integer> counts = new LinkedHashMap<>();
		states.forEach((providerId, future) -> {
			boolean done = future.isDone() && !future.isCompletedExceptionally();
			AuthorizationState state = this.credentials.status(CredentialId.ofApplication(providerId)).state();
			counts.merge(done ? state.name().toLowerCase(Locale.ROOT) : "pending", 1, Integer::sum);
			boolean lost = state == AuthorizationState.REAUTHENTICATION_REQUIRED;
			tell(new ProviderStartedEvent(providerId, state, lost ? state : null));
		});
		this.log.startupFinished(counts);
	}

	private void tell(ProviderStartedEvent event) {
		try {
			this.events.publishEvent(event);
		}
		catch (RuntimeException | Error ex) {
			// Nor does a listener keep the application from starting.
			logger.warn("A listener of ProviderStartedEvent failed", ex);
		}
	}

	/**
	 * Starts the logins that the settings ask for, after the warm-up.
	 * @return completes when all of them have ended, well or not
	 */
	public CompletableFuture<Void> logIn() {
		CompletableFuture<Void> warmUp = this.warmUp;
		if (warmUp == null) {
			return CompletableFuture.completedFuture(null);
		}
		return warmUp.thenCompose((done) -> {
			List<CompletableFuture<Void>> ends = new ArrayList<>();
			for (Provider provider : this.providers) {
				if (wantsLogin(provider)) {
					Login login = this.logins.start(provider.id());
					ends.add(login.completion().handle((end, failure) -> null));
				}
				else if (!isResumed(provider) && needsPerson(provider)) {
					this.log.loginNeeded(provider, whyNobodyIsAsked(provider));
				}
			}
			return CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new));
		});
	}

	/** A login that was under way when the application stopped or died. */
	private boolean isResumed(Provider provider) {
		if (provider.principal() != PrincipalKind.APPLICATION || !this.logins.canStart(provider)) {
			return false;
		}
		CredentialId id = CredentialId.ofApplication(provider.id());
		if (this.credentials.status(id).state() == AuthorizationState.UNKNOWN) {
			// The store is in trouble, or slow: a program does not wait for it again.
			return false;
		}
		this.logins.resume(id, false);
		return this.logins.running(id) != null;
	}

	private boolean isAsked() {
		return switch (this.properties.login().onStartup()) {
			case ALWAYS -> true;
			case AUTO -> SystemFeatures.isTerminal();
			case NEVER -> false;
		};
	}

	private boolean needsPerson(Provider provider) {
		return provider.principal() == PrincipalKind.APPLICATION && provider.grant().needsPerson()
				&& this.credentials.status(CredentialId.ofApplication(provider.id())).state().needsPerson();
	}

	private String whyNobodyIsAsked(Provider provider) {
		if (!this.logins.canStart(provider)) {
			return "a login to it begins in a browser";
		}
		if (this.requestLogins.areAllowed(provider.id())) {
			return "the first request that needs it will ask (oauth2.pkce.login.on-request)";
		}
		return (this.properties.login().onStartup() == OAuth2PkceProperties.Login.OnStartup.NEVER)
				? "oauth2.pkce.login.on-startup is never" : "standard input and output are not a terminal";
	}

	private boolean wantsLogin(Provider provider) {
		if (!isAsked() || provider.principal() != PrincipalKind.APPLICATION || !this.logins.canStart(provider)) {
			return false;
		}
		AuthorizationState state = this.credentials.status(CredentialId.ofApplication(provider.id())).state();
		if (state == AuthorizationState.UNKNOWN) {
			// Waiting longer would keep a program from starting; asking a person who may
			// be logged in would lose that login.
			EventLog.at(Level.WARN, "oauth2_login_not_started", provider.id())
				.log("No login to '{}' is started, because nobody knows yet whether one is stored: the token store"
						+ " failed, or was slower than oauth2.pkce.startup.timeout; mend it or set a longer time, and"
						+ " restart", provider.id());
		}
		return state.needsPerson();
	}

	@Override
	public void stop() {
		this.warmUp = null;
	}

	@Override
	public boolean isRunning() {
		return this.warmUp != null;
	}

	/** As early as possible: the first request should find a token. */
	@Override
	public int getPhase() {
		return Integer.MIN_VALUE + 1000;
	}

}
