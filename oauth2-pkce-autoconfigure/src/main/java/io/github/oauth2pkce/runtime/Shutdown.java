package io.github.oauth2pkce.runtime;

import java.time.Duration;

import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.refresh.Credentials;

import org.springframework.context.SmartLifecycle;

/**
 * What happens when the application stops, in this order: logins are given up, what could
 * not be saved is tried once more, flights land, the listeners hear the last of it,
 * connections are closed. All of it while databases, Redis and event loops are still
 * there: a refresh that the server has answered should be saved, and an event loop that
 * has ended answers a connection that is closed with a stack trace.
 */
public final class Shutdown implements SmartLifecycle {

	/** After the web server, whose last requests need tokens; before connections. */
	static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 4096;

	/** A listener that is stuck does not keep the application from ending. */
	private static final Duration LONGEST_TELLING = Duration.ofSeconds(2);

	private final Logins logins;

	private final Credentials credentials;

	private final Workers workers;

	private final HttpClients clients;

	private volatile boolean running;

	public Shutdown(Logins logins, Credentials credentials, Workers workers, HttpClients clients) {
		this.logins = logins;
		this.credentials = credentials;
		this.workers = workers;
		this.clients = clients;
	}

	@Override
	public void start() {
		this.logins.reopen();
		this.running = true;
	}

	@Override
	public void stop() {
		this.running = false;
		this.logins.close();
		this.credentials.saveUnsaved();
		this.workers.land();
		this.credentials.awaitListeners(LONGEST_TELLING);
		this.clients.closeConnections();
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

}
