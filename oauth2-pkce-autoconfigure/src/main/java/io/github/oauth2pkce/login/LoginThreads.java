package io.github.oauth2pkce.login;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import io.github.oauth2pkce.store.CredentialId;

/**
 * The threads of logins, one each: a login waits for a person, for minutes. Thread-safe.
 */
final class LoginThreads {

	/** A store that hangs must not hang a logout or the end of the application. */
	private static final Duration LONGEST_STORING = Duration.ofSeconds(10);

	/** Nor must a prompt that does not let go. */
	private static final Duration LONGEST_ENDING = Duration.ofSeconds(2);

	/** Includes logins that are over while listeners have not heard of the end. */
	private final Map<Login, Thread> threads = new ConcurrentHashMap<>();

	Login start(CredentialId id, Consumer<Login> body) {
		Thread[] thread = new Thread[1];
		Login login = new Login(id, () -> thread[0].interrupt());
		thread[0] = new Thread(() -> body.accept(login), "oauth2-login-" + id.providerId());
		thread[0].setDaemon(true);
		this.threads.put(login, thread[0]);
		try {
			thread[0].start();
		}
		catch (RuntimeException | Error ex) {
			// The system has no thread left.
			this.threads.remove(login);
			throw ex;
		}
		return login;
	}

	/** The end of a login has been told. */
	void ended(Login login) {
		this.threads.remove(login);
	}

	/** Waits for a login that is too late to be given up. */
	void awaitStoring(Login login) {
		await(login, LONGEST_STORING);
	}

	/**
	 * Waits until the ends of all logins have been told.
	 * @param storing those that are too late to be given up
	 */
	void awaitAll(Set<Login> storing) {
		this.threads.forEach((login, thread) -> {
			// Unless it was told to somebody who then ended the application.
			if (thread != Thread.currentThread()) {
				await(login, storing.contains(login) ? LONGEST_STORING : LONGEST_ENDING);
			}
		});
	}

	private static void await(Login login, Duration patience) {
		try {
			login.completion().get(patience.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException | TimeoutException ex) {
			// It ended without tokens, or the store hangs.
		}
	}

}
