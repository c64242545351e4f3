package io.github.oauth2pkce.login;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.device.DeviceGrant;
import io.github.oauth2pkce.device.PollResult;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.device.UserCodePrompt;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.token.IssuedTokens;

import org.springframework.security.oauth2.core.AuthorizationGrantType;

/**
 * Starts logins: the only place that prompts a person, and only because a person or a
 * setting asked. One running login for each credential, however many ask for it.
 * Thread-safe.
 */
public final class Logins implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(Logins.class);

	/** A store that hangs must not hang a logout or the end of the application. */
	private static final Duration LONGEST_STORING = Duration.ofSeconds(10);

	private final Providers providers;

	private final Map<AuthorizationGrantType, LoginGrant> grants;

	private final Credentials credentials;

	private final InstantSource clock;

	private final List<LoginListener> listeners;

	private final Map<CredentialId, Login> running = new ConcurrentHashMap<>();

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
	 * Creates the logins; starts none.
	 * @param providers the providers
	 * @param grants the ways to log in; the first of a type is used
	 * @param credentials keeps what a login yields
	 * @param clock the wall clock
	 * @param listeners are told what happens
	 */
	public Logins(Providers providers, List<LoginGrant> grants, Credentials credentials, InstantSource clock,
			List<LoginListener> listeners) {
		this.providers = providers;
		Map<AuthorizationGrantType, LoginGrant> byType = new LinkedHashMap<>();
		grants.forEach((grant) -> byType.putIfAbsent(grant.type(), grant));
		this.grants = Map.copyOf(byType);
		this.credentials = credentials;
		this.clock = clock;
		this.listeners = List.copyOf(listeners);
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
	 * @param id whose
	 * @return the login
	 * @throws IllegalArgumentException when no provider has that id, or a person cannot
	 * log in to it
	 */
	public Login start(CredentialId id) {
		Provider provider = this.providers.get(id.providerId());
		if (!canStart(provider)) {
			throw new IllegalArgumentException("Provider '" + provider.id() + "' uses " + provider.grant().getValue()
					+ ": this application cannot start a login for it");
		}
		return this.running.computeIfAbsent(id, (key) -> launch(key, provider));
	}

	/**
	 * Whether this application can start a login.
	 * @param provider the provider
	 * @return {@code false} for grants that need no person or begin elsewhere
	 */
	public boolean canStart(Provider provider) {
		return this.grants.containsKey(provider.grant());
	}

	/**
	 * The login that runs now.
	 * @param id whose
	 * @return the login, or {@code null} when none does
	 */
	public @Nullable Login running(CredentialId id) {
		return this.running.get(id);
	}

	/**
	 * Gives all running logins up; waits for those whose tokens are being stored.
	 */
	@Override
	public void close() {
		List<Login> late = this.running.values().stream().filter((login) -> !login.giveUp()).toList();
		late.forEach(Logins::awaitEnd);
	}

	/**
	 * Gives a running login up, so that it stores nothing after this method; if that is
	 * too late, waits until it has stored.
	 * @param id whose
	 */
	void giveUp(CredentialId id) {
		Login login = this.running.get(id);
		if (login != null && !login.giveUp()) {
			awaitEnd(login);
		}
	}

	private static void awaitEnd(Login login) {
		try {
			login.completion().get(LONGEST_STORING.toSeconds(), TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException | TimeoutException ex) {
			// It ended without tokens, or the store hangs.
		}
	}

	/** A thread of its own: a login waits for a person, for minutes. */
	private Login launch(CredentialId id, Provider provider) {
		Thread[] thread = new Thread[1];
		Login login = new Login(id, () -> thread[0].interrupt());
		thread[0] = new Thread(() -> run(login, provider), "oauth2-login-" + provider.id());
		thread[0].setDaemon(true);
		thread[0].start();
		return login;
	}

	private void run(Login login, Provider provider) {
		long started = System.nanoTime();
		tell((listener) -> listener.started(login));
		LoginException failure = attempt(login, provider);
		this.running.remove(login.id(), login);
		end(login, Duration.ofNanos(System.nanoTime() - started), failure);
	}

	/**
	 * Tells of a login that Spring Security's filters have performed.
	 * @param id whose
	 * @param duration how long it took
	 * @param failure why there are no tokens, {@code null} when they are kept
	 */
	public void endedElsewhere(CredentialId id, Duration duration, @Nullable Throwable failure) {
		Login login = new Login(id, () -> {
		});
		end(login, duration, (failure != null) ? failure(failure) : null);
	}

	private void end(Login login, Duration duration, @Nullable LoginException failure) {
		LoginOutcome outcome = (failure != null) ? failure.outcome() : LoginOutcome.SUCCESS;
		AuthorizationGrantType grant = this.providers.get(login.id().providerId()).grant();
		LoginListener.Ended ended = new LoginListener.Ended(login, grant, outcome, duration,
				(failure != null) ? failure.errorCode() : null, (failure != null) ? failure.getMessage() : null);
		tell((listener) -> listener.ended(ended));
		login.end(failure);
	}

	/**
	 * Whatever happens, the login ends: others may be waiting for it, or for the next.
	 */
	private @Nullable LoginException attempt(Login login, Provider provider) {
		try {
			grant(provider).login(provider, new Steps(login));
			return null;
		}
		catch (InterruptedException ex) {
			login.decide();
			return cancelled();
		}
		catch (RuntimeException | Error ex) {
			return login.decide() ? failure(ex) : cancelled();
		}
	}

	private static LoginException cancelled() {
		return new LoginException(LoginOutcome.CANCELLED, "cancelled", "The login was cancelled", null);
	}

	private LoginGrant grant(Provider provider) {
		LoginGrant grant = this.grants.get(provider.grant());
		if (grant == null) {
			throw new IllegalStateException("There is no login by " + provider.grant().getValue());
		}
		return grant;
	}

	private static LoginException failure(Throwable ex) {
		LoginException failure = LoginException.of(ex);
		if (failure.isUnexpected()) {
			logger.error("A login failed unexpectedly", ex);
		}
		return failure;
	}

	private void tell(Consumer<LoginListener> event) {
		for (LoginListener listener : this.listeners) {
			try {
				event.accept(listener);
			}
			catch (RuntimeException | Error ex) {
				logger.warn("A login listener failed", ex);
			}
		}
	}

	/** What the listeners of one login are told of its progress. */
	private final class Steps implements LoginGrant.Progress {

		private final Login login;

		Steps(Login login) {
			this.login = login;
		}

		@Override
		public void codeIssued(UserCode userCode, Runnable prompt) {
			this.login.show(userCode, Logins.this.clock.instant());
			tell((listener) -> listener.codeIssued(this.login, userCode));
			try {
				prompt.run();
			}
			catch (RuntimeException | Error ex) {
				// The code is in the log and at the endpoint, too.
				logger.warn("The prompt for the login of '{}' failed", this.login.id(), ex);
			}
			this.login.remind();
		}

		@Override
		public void pageOpened(URI page, Duration timeout) {
			this.login.show(page, Logins.this.clock.instant().plus(timeout));
		}

		@Override
		public boolean issued(IssuedTokens tokens) {
			if (!this.login.decide()) {
				throw cancelled();
			}
			return Logins.this.credentials.loggedIn(this.login.id(), tokens.tokenEndpoint(), tokens.response());
		}

		@Override
		public void polled(PollResult result) {
			tell((listener) -> listener.polled(this.login, result));
			this.login.remind();
		}

	}

}
