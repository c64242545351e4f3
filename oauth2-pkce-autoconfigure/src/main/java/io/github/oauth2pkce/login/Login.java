package io.github.oauth2pkce.login;

import java.net.URI;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.store.CredentialId;

/**
 * A login, running or ended. Whoever asks for a login of the same credential meanwhile
 * gets this one. Thread-safe.
 */
public final class Login {

	private final CredentialId id;

	private final Runnable cancellation;

	private final CompletableFuture<Shown> shown = new CompletableFuture<>();

	private final CompletableFuture<Page> page = new CompletableFuture<>();

	private final CompletableFuture<Void> completion = new CompletableFuture<>();

	private volatile @Nullable Grant grant;

	private @Nullable Thread prompting;

	private boolean resumed;

	private boolean quiet;

	private boolean quietWhenJoined;

	private final Queue<Runnable> untold = new ArrayDeque<>();

	private boolean telling;

	private boolean givenUpByPrompt;

	private boolean cancelled;

	private boolean decided;

	Login(CredentialId id, Runnable cancellation) {
		this.id = id;
		this.cancellation = cancellation;
	}

	/**
	 * Whose login.
	 * @return the credential that it will make
	 */
	public CredentialId id() {
		return this.id;
	}

	/** The grant was chosen. */
	void goesBy(Grant grant) {
		this.grant = grant;
	}

	/**
	 * The grant that this login goes by.
	 * @return the grant, {@code null} when it was not chosen, or not yet
	 */
	public @Nullable Grant grant() {
		return this.grant;
	}

	/**
	 * What a person needs to finish the login.
	 * @return a future that fails with {@link LoginException} when there will be no code
	 */
	public CompletableFuture<Shown> shown() {
		return this.shown.copy();
	}

	/**
	 * The page to log in at, for browser logins on the application's machine.
	 * @return the page, {@code null} when there is none, or not yet
	 */
	public @Nullable Page page() {
		return this.page.getNow(null);
	}

	/**
	 * The end of the login.
	 * @return a future that fails with {@link LoginException} when there are no tokens;
	 * cancelling it does not cancel the login
	 */
	public CompletableFuture<Void> completion() {
		return this.completion.copy();
	}

	/**
	 * Waits for the end of the login, which takes minutes. Interrupting the waiting
	 * thread ends the waiting, not the login; use {@link #cancel()} for that. When the
	 * process is ending, by Ctrl-C for example, this method does not return.
	 * @throws LoginException when there are no tokens; its
	 * {@link LoginException#outcome() outcome} says whether the person said no, nobody
	 * came in time, it was given up, or it failed
	 */
	public void join() {
		try {
			this.completion.get();
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof LoginException failure) {
				if (failure.outcome() == LoginOutcome.CANCELLED) {
					ProcessEnd.await();
				}
				throw failure;
			}
			throw new IllegalStateException(ex.getCause());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new LoginException(LoginOutcome.CANCELLED, Problem.INTERRUPTED,
					"Interrupted while waiting for the login", ex);
		}
	}

	/**
	 * The end of the login for reactive code. Cancelling the subscription does not cancel
	 * the login.
	 * @return completes empty when there are tokens; fails with {@link LoginException}
	 * when there are none
	 */
	public Mono<Void> toMono() {
		return Mono.fromFuture(this.completion, true);
	}

	/** Gives the login up; no effect once its tokens have come. */
	public void cancel() {
		giveUp();
	}

	/**
	 * Goes on with what another process has begun, and begins nothing.
	 * @param quietly whether that process shows it already: this one does when somebody
	 * asks here
	 */
	synchronized void resume(boolean quietly) {
		this.resumed = true;
		this.quiet = true;
		this.quietWhenJoined = quietly;
	}

	synchronized boolean isResumed() {
		return this.resumed;
	}

	/** There is something to go on with. */
	void joined() {
		boolean tells;
		synchronized (this) {
			tells = !this.quietWhenJoined;
		}
		if (tells) {
			ask();
		}
	}

	/** Somebody wants to know of it: tells what was kept quiet. */
	void ask() {
		synchronized (this) {
			this.quiet = false;
		}
		tellAll();
	}

	/**
	 * Tells something, now or when somebody wants to know. When another thread is telling
	 * already, that one tells this, too, after what comes before.
	 */
	void tell(Runnable telling) {
		synchronized (this) {
			this.untold.add(telling);
		}
		tellAll();
	}

	/** With no lock held: a prompt may take its time, or give the login up. */
	private void tellAll() {
		for (Runnable telling = nextToTell(); telling != null; telling = nextToTell()) {
			try {
				telling.run();
			}
			finally {
				told();
			}
		}
	}

	private synchronized @Nullable Runnable nextToTell() {
		if (this.quiet || this.telling) {
			return null;
		}
		Runnable next = this.untold.poll();
		this.telling = next != null;
		return next;
	}

	private synchronized void told() {
		this.telling = false;
	}

	/** Whether nobody has heard of it. */
	synchronized boolean isQuiet() {
		return this.quiet;
	}

	/**
	 * Gives the login up.
	 * @return {@code false} when it is too late: the tokens are being stored, or it has
	 * ended
	 */
	synchronized boolean giveUp() {
		if (this.decided) {
			return false;
		}
		this.cancelled = true;
		this.givenUpByPrompt |= this.prompting == Thread.currentThread();
		this.cancellation.run();
		return true;
	}

	/** Runs the prompt, on the thread that is the person's. */
	void prompt(Runnable prompt) {
		prompting(Thread.currentThread());
		try {
			prompt.run();
		}
		finally {
			prompting(null);
		}
	}

	private synchronized void prompting(@Nullable Thread thread) {
		this.prompting = thread;
	}

	/** Whether the prompt did so, directly or by ending the application. */
	synchronized boolean isGivenUpByPrompt() {
		return this.givenUpByPrompt;
	}

	/**
	 * Ends the time in which the login can be given up, so that nothing interrupts the
	 * storing of tokens. Called on the login's thread.
	 * @return {@code false} when it was given up before
	 */
	synchronized boolean decide() {
		this.decided = true;
		Thread.interrupted();
		return !this.cancelled;
	}

	/**
	 * Whether it cannot be given up any more.
	 * @return {@code true} from when its tokens are being stored
	 */
	public synchronized boolean isDecided() {
		return this.decided;
	}

	void show(UserCode userCode, Instant now) {
		this.shown.complete(new Shown(userCode, now.plus(userCode.expiresIn())));
	}

	/** A login by a page goes on; whoever waits for a code need not. */
	void show(URI page, Instant expiresAt) {
		this.page.complete(new Page(page, expiresAt));
		this.shown.completeExceptionally(new LoginException(LoginOutcome.FAILED, Problem.NO_CODE,
				"Finish the login in a browser on the application's machine; the page to open is on its standard output",
				null));
	}

	void end(@Nullable LoginException failure) {
		if (failure == null) {
			this.completion.complete(null);
			return;
		}
		this.shown.completeExceptionally(failure);
		this.completion.completeExceptionally(failure);
	}

	/**
	 * A code on display.
	 *
	 * @param userCode the code
	 * @param expiresAt when it stops working
	 */
	public record Shown(UserCode userCode, Instant expiresAt) {

	}

	/**
	 * A page that waits for its person. Its text leaves the address out, which gives the
	 * login to whoever opens it first.
	 *
	 * @param uri where the login begins, for a browser on the application's machine
	 * @param expiresAt when it stops working
	 */
	public record Page(URI uri, Instant expiresAt) {

		@Override
		public String toString() {
			return "Page[expiresAt=" + this.expiresAt + "]";
		}

	}

}
