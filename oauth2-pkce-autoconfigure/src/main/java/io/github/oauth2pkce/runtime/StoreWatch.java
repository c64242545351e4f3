package io.github.oauth2pkce.runtime;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.CredentialId;

import org.springframework.context.SmartLifecycle;

/**
 * Looks every other second whether it is time to read what other processes may have
 * changed in a store that they share, and every half minute whether they have begun a
 * login.
 */
public final class StoreWatch implements SmartLifecycle {

	private static final Logger logger = LoggerFactory.getLogger(StoreWatch.class);

	private static final Duration PERIOD = Duration.ofSeconds(2);

	/** So many periods are half a minute. */
	private static final int BETWEEN_LOGINS = 15;

	private final Providers providers;

	private final Credentials credentials;

	private final Logins logins;

	private final Workers workers;

	private final boolean shared;

	private final Set<CredentialId> lookedFor = ConcurrentHashMap.newKeySet();

	private int periods;

	private @Nullable ScheduledThreadPoolExecutor timer;

	/**
	 * Creates the watch.
	 * @param providers the providers
	 * @param credentials what is read
	 * @param logins goes on with those that others have begun
	 * @param workers read
	 * @param shared whether anybody else can change what is stored
	 */
	public StoreWatch(Providers providers, Credentials credentials, Logins logins, Workers workers, boolean shared) {
		this.providers = providers;
		this.credentials = credentials;
		this.logins = logins;
		this.workers = workers;
		this.shared = shared;
	}

	@Override
	public synchronized void start() {
		if (!this.shared || this.timer != null) {
			return;
		}
		ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, (task) -> {
			Thread thread = new Thread(task, "oauth2-store-watch");
			thread.setDaemon(true);
			return thread;
		});
		timer.scheduleWithFixedDelay(this::look, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
		this.timer = timer;
	}

	/** An exception would end the watch. */
	private void look() {
		try {
			this.credentials.lookWhenIdle();
			if (++this.periods % BETWEEN_LOGINS == 0) {
				lookForLogins();
			}
		}
		catch (RuntimeException | Error ex) {
			logger.debug("Nobody has looked at the store this time", ex);
		}
	}

	/** Whoever shows a code may die: somebody has to go on polling for it. */
	void lookForLogins() {
		for (Provider provider : this.providers) {
			CredentialId id = CredentialId.ofApplication(provider.id());
			if (provider.principal() == PrincipalKind.APPLICATION && this.logins.canStart(provider)
					&& this.logins.running(id) == null && !this.credentials.isUnreadable(id)) {
				lookForLogin(id);
			}
		}
	}

	/** A store that hangs keeps one worker of each provider, and not all of them. */
	private void lookForLogin(CredentialId id) {
		if (!this.lookedFor.add(id)) {
			return;
		}
		try {
			this.workers.executor(id.providerId()).execute(() -> {
				try {
					this.logins.resume(id, true);
				}
				finally {
					this.lookedFor.remove(id);
				}
			});
		}
		catch (RuntimeException | Error ex) {
			this.lookedFor.remove(id);
			throw ex;
		}
	}

	@Override
	public synchronized void stop() {
		if (this.timer != null) {
			this.timer.shutdownNow();
			this.timer = null;
		}
	}

	@Override
	public synchronized boolean isRunning() {
		return this.timer != null;
	}

	/** Stops before what it has started is waited for. */
	@Override
	public int getPhase() {
		return Shutdown.PHASE + 1;
	}

}
