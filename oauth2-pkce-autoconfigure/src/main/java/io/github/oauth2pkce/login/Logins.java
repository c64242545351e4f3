package io.github.oauth2pkce.login;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Listeners;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.device.DeviceGrant;
import io.github.oauth2pkce.device.UserCodePrompt;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;

/**
 * Starts logins: the only place that prompts a person, and only because a person or a
 * setting asked. One running login for each credential, however many ask for it.
 * Thread-safe.
 */
public final class Logins implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(Logins.class);

	private final Providers providers;

	private final Map<Grant, LoginGrant> grants;

	private final Credentials credentials;

	private final InstantSource clock;

	private final Listeners<LoginListener> listeners;

	private final Map<CredentialId, Login> running = new ConcurrentHashMap<>();

	private final LoginThreads threads = new LoginThreads();

	private final LoginEnds ends;

	private final @Nullable LoginPreparation preparation;

	private volatile boolean closed;

	/**
	 * Creates the logins by device code only; starts none.
	 * @param providers the providers
	 * @param deviceGrant how a device login goes
	 * @param prompt shows codes
	 * @param credentials keeps what a login yields
	 * @param clock the wall clock
	 * @param listeners are told what happens
	 */
	public Logins(Providers providers, DeviceGrant deviceGrant, UserCodePrompt prompt, Credentials credentials,
			InstantSource clock, List<LoginListener> listeners) {
		this(providers, List.of(new DeviceLogin(deviceGrant, prompt)), credentials, clock, listeners);
	}

	/**
	 * Creates the logins of providers that are configured whole; starts none.
	 * @param providers the providers
	 * @param grants the ways to log in; the first of a kind is used
	 * @param credentials keeps what a login yields
	 * @param clock the wall clock
	 * @param listeners are told what happens
	 */
	public Logins(Providers providers, List<LoginGrant> grants, Credentials credentials, InstantSource clock,
			List<LoginListener> listeners) {
		this(providers, grants, null, credentials, clock, listeners);
	}

	/**
	 * Creates the logins; starts none.
	 * @param providers the providers
	 * @param grants the ways to log in; the first of a kind is used
	 * @param preparation what logins ask for beyond their configuration, {@code null} for
	 * nothing
	 * @param credentials keeps what a login yields
	 * @param clock the wall clock
	 * @param listeners are told what happens
	 */
	public Logins(Providers providers, List<LoginGrant> grants, @Nullable LoginPreparation preparation,
			Credentials credentials, InstantSource clock, List<LoginListener> listeners) {
		this.providers = providers;
		this.preparation = preparation;
		Map<Grant, LoginGrant> byGrant = new EnumMap<>(Grant.class);
		grants.forEach((grant) -> byGrant.putIfAbsent(grant.grant(), grant));
		this.grants = Map.copyOf(byGrant);
		this.credentials = credentials;
		this.clock = clock;
		this.listeners = credentials.listenersWith(listeners);
		this.ends = new LoginEnds(providers, this.listeners);
	}

	/**
	 * Starts the login of the application's credential, or joins the one that runs.
	 * @param providerId the provider
	 * @return the login
	 * @throws IllegalArgumentException when no provider has that id, or a person cannot
	 * log in to it
	 */
	public Login start(String providerId) {
		return start(CredentialId.ofApplication(providerId));
	}

	/**
	 * Starts a login, or joins the one that runs for the same credential.
	 * @return the login; one that is cancelled when the application is stopping
	 * @throws IllegalArgumentException when no provider has that id, or a person cannot
	 * log in to it
	 */
	public Login start(CredentialId id) {
		return start(id, (started) -> {
		}, Login::ask);
	}

	/**
	 * Goes on with a login that another process has begun, or this application before it
	 * was started anew, if there is one: its code still works, and somebody may be typing
	 * it. Reads the store; blocking.
	 * @param quietly whether the code is shown only to those who ask for it, because
	 * another process shows it
	 */
	public void resume(CredentialId id, boolean quietly) {
		Provider provider = this.providers.get(id.providerId());
		if (!this.closed && this.running.get(id) == null && underWay(id, provider) != null) {
			start(id, (started) -> started.resume(quietly), (login) -> {
			});
		}
	}

	private @Nullable Grant underWay(CredentialId id, Provider provider) {
		Credential known = this.credentials.known(id);
		Instant loggedInAt = (known != null) ? known.loggedInAt() : null;
		return possible(provider).filter((grant) -> provider.grantOpen() || grant == provider.grant())
			.filter((grant) -> grant(grant).isUnderWay(id, loggedInAt))
			.findFirst()
			.orElse(null);
	}

	private Login start(CredentialId id, Consumer<Login> prepare, Consumer<Login> asked) {
		Provider provider = this.providers.get(id.providerId());
		if (!isPossible(provider)) {
			throw new IllegalArgumentException("Provider '" + provider.id() + "' uses " + provider.grant().tag()
					+ ": this application cannot start a login for it");
		}
		if (this.closed) {
			Login cancelled = new Login(id, () -> {
			});
			cancelled.end(LoginException.cancelled());
			return cancelled;
		}
		try {
			Login login = this.running.computeIfAbsent(id, (key) -> this.threads.start(key, (started) -> {
				prepare.accept(started);
				run(started, provider);
			}));
			asked.accept(login);
			if (this.closed) {
				// Whoever has closed may not have seen it.
				login.giveUp();
			}
			return login;
		}
		catch (Error ex) {
			// The system has no thread left: a login that has failed, not a caller.
			Login failed = new Login(id, () -> {
			});
			ended(failed, Duration.ZERO, new LoginGrant.End(failure(provider, ex), false));
			return failed;
		}
	}

	/**
	 * Logs the application in, or joins the login that runs, and waits for the end: a
	 * line for programs with a person in front of them. Replaces a login that is there.
	 * @param providerId the provider
	 * @throws LoginException when there are no tokens
	 * @throws IllegalArgumentException when no provider has that id, or a person cannot
	 * log in to it
	 * @see Login#join()
	 */
	public void logIn(String providerId) {
		start(providerId).join();
	}

	/**
	 * The same, unless there is a login that works: it may be expired, as long as it can
	 * be refreshed. Asks no server for that.
	 * @param providerId the provider
	 * @return whether a person had to log in
	 * @throws LoginException when there are no tokens
	 * @throws IllegalArgumentException when no provider has that id, or a person would
	 * have to log in and cannot
	 */
	public boolean logInIfNeeded(String providerId) {
		this.providers.get(providerId);
		if (this.credentials.load(CredentialId.ofApplication(providerId)) == AuthorizationState.AUTHORIZED) {
			return false;
		}
		logIn(providerId);
		return true;
	}

	/**
	 * Whether this application can start a login.
	 * @param provider the provider
	 * @return {@code false} for grants that need no person or begin elsewhere, and when
	 * the application is stopping
	 */
	public boolean canStart(Provider provider) {
		return !this.closed && isPossible(provider);
	}

	private boolean isPossible(Provider provider) {
		return possible(provider).anyMatch((grant) -> provider.grantOpen() || grant == provider.grant());
	}

	private Stream<Grant> possible(Provider provider) {
		return this.grants.values().stream().filter((grant) -> grant.canLogIn(provider)).map(LoginGrant::grant);
	}

	/**
	 * The login that runs now.
	 * @return the login, or {@code null} when none does
	 */
	public @Nullable Login running(CredentialId id) {
		return this.running.get(id);
	}

	/** The application starts again that was stopped. */
	public void reopen() {
		this.closed = false;
	}

	/**
	 * Starts no more logins, gives all running ones up; waits until those that are too
	 * late for that have stored their tokens, and, not for long, until the listeners have
	 * heard of the end of each.
	 */
	@Override
	public void close() {
		this.closed = true;
		Set<Login> storing = this.running.values()
			.stream()
			.filter((login) -> !login.giveUp())
			.collect(Collectors.toSet());
		this.threads.awaitAll(storing);
		this.listeners.close();
	}

	/**
	 * Waits until the listeners have heard what has happened so far.
	 * @param patience the longest to wait
	 * @return {@code false} when it was not enough
	 */
	public boolean awaitListeners(Duration patience) {
		return this.listeners.await(patience);
	}

	/**
	 * Gives a running login up, so that it stores nothing after this method; if that is
	 * too late, waits until it has stored. Other processes end it when they next look.
	 */
	void giveUp(CredentialId id) {
		Login login = this.running.get(id);
		boolean storing = login != null && !login.giveUp();
		this.grants.values().forEach((grant) -> grant.abandon(id));
		if (login != null && storing) {
			this.threads.awaitStoring(login);
		}
	}

	void loggedOut(CredentialId id, boolean revoked) {
		this.listeners.tell((listener) -> listener.loggedOut(id, revoked));
	}

	/** Whatever happens, the login ends: others wait for it, or for the next. */
	private void run(Login login, Provider provider) {
		long started = System.nanoTime();
		LoginGrant.End end = null;
		try {
			login.tell(() -> this.listeners.tell((listener) -> listener.started(login)));
			LoginProgress progress = new LoginProgress(login, this.credentials, this.clock, this.listeners,
					() -> this.closed);
			end = progress.end(attempt(login, provider, progress));
		}
		catch (RuntimeException | Error ex) {
			end = new LoginGrant.End(failure(provider, ex), false);
		}
		finally {
			this.running.remove(login.id(), login);
			ended(login, Duration.ofNanos(System.nanoTime() - started), end);
		}
	}

	private void ended(Login login, Duration duration, LoginGrant.@Nullable End end) {
		LoginException failure = (end != null) ? end.failure() : LoginException.cancelled();
		try {
			if (login.isQuiet()) {
				return;
			}
			this.ends.tell(login, duration, (end != null) ? end : new LoginGrant.End(failure, false));
		}
		finally {
			login.end(failure);
			this.threads.ended(login);
		}
	}

	/**
	 * Tells of a login that Spring Security's filters have performed.
	 * @param duration how long it took
	 * @param failure why there are no tokens, {@code null} when they are kept
	 * @param saved whether there are tokens and the store has them
	 */
	public void endedElsewhere(CredentialId id, Duration duration, @Nullable Throwable failure, boolean saved) {
		Login login = new Login(id, () -> {
		});
		Provider provider = this.providers.get(id.providerId());
		this.ends.tell(login, duration,
				new LoginGrant.End((failure != null) ? failure(provider, failure) : null, saved));
	}

	/**
	 * Why the last login of the application's credential has failed.
	 * @return an error code, {@code null} after a login that succeeded, or was cancelled,
	 * and when there was none
	 */
	public @Nullable String lastError(CredentialId id) {
		return this.ends.lastError(id);
	}

	/** Runs the grant; returns why there are no tokens, {@code null} on success. */
	private @Nullable LoginException attempt(Login login, Provider provider, LoginProgress progress) {
		try {
			Provider prepared = prepared(provider, login.id());
			login.goesBy(prepared.grant());
			grant(prepared.grant()).login(prepared, progress);
			return null;
		}
		catch (InterruptedException ex) {
			login.decide();
			return LoginException.cancelled();
		}
		catch (RuntimeException | Error ex) {
			return login.decide() ? failure(provider, ex) : LoginException.cancelled();
		}
	}

	private Provider prepared(Provider provider, CredentialId id) {
		Provider prepared = (this.preparation != null)
				? this.preparation.prepare(provider, this.credentials.known(id), possible(provider).toList())
				: provider;
		Grant underWay = provider.grantOpen() ? underWay(id, provider) : null;
		if (underWay != null) {
			prepared = prepared.withGrant(underWay);
		}
		return provider.tokens().dpop() ? prepared.withKey(DpopKey.generate()) : prepared;
	}

	private LoginGrant grant(Grant kind) {
		LoginGrant grant = this.grants.get(kind);
		if (grant == null) {
			throw new IllegalStateException("There is no login by " + kind.tag());
		}
		return grant;
	}

	private static LoginException failure(Provider provider, Throwable ex) {
		LoginException failure = LoginException.of(ex).withAdvice(provider);
		if (failure.isUnexpected()) {
			logger.error("A login failed unexpectedly", ex);
		}
		return failure;
	}

}
