package io.github.oauth2pkce.code;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.code.LoopbackListener.Reply;

import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;

/**
 * Finds the one answer among whatever hits the listener: any page in the browser, and any
 * program on this machine, can call it. All others are turned away, and the login goes on
 * waiting. Thread-safe.
 */
final class LoopbackAnswers implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(LoopbackAnswers.class);

	private static final Duration DELIVERY = Duration.ofSeconds(2);

	private final String providerId;

	private final AuthorizationRequest request;

	private final IssuerCheck issuer;

	private final StartPage start;

	private final CompletableFuture<AuthorizationAnswer> answer = new CompletableFuture<>();

	private final CompletableFuture<CallbackPage> page = new CompletableFuture<>();

	private final CountDownLatch delivered = new CountDownLatch(1);

	private volatile boolean shared;

	LoopbackAnswers(String providerId, AuthorizationRequest request, IssuerCheck issuer, StartPage start) {
		this.providerId = providerId;
		this.request = request;
		this.issuer = issuer;
		this.start = start;
	}

	/** Sends a browser on to the authorization server, and no second one. */
	Reply begin(Hit hit) {
		try {
			return this.start.open(hit, () -> {
				this.shared = true;
				return this.answer.completeExceptionally(CodeLoginException.openedTwice()) ? last()
						: new Reply(CallbackPage.failed(400, this.providerId, CodeLoginException.OPENED_TWICE));
			});
		}
		catch (RuntimeException ex) {
			// The request could not be pushed: the browser is told at the end of the
			// login.
			return (!this.start.isSent() && this.answer.completeExceptionally(ex)) ? last()
					: ignored("This login cannot begin once more: " + ex.getMessage());
		}
	}

	/** Judges a hit; the reply to the answer comes when the login has ended. */
	Reply receive(Hit hit) {
		AuthorizationAnswer candidate = AuthorizationAnswer.parse(hit.query());
		if (candidate == null || !this.request.isState(candidate.get(OAuth2ParameterNames.STATE))) {
			return ignored("This is not the answer to the login that is open");
		}
		if (!this.start.isSameBrowser(hit)) {
			return ignored("This login was not begun in this browser, or the browser keeps no cookies for this address."
					+ " Finish it in the browser in which it was begun; if it is this one, allow cookies for this"
					+ " address and start the login anew in the application");
		}
		String iss = candidate.get(IssuerCheck.PARAMETER);
		if (!this.issuer.accepts(iss)) {
			IssuerCheck.refused(this.providerId, IssuerCheck.describe(iss));
			return new Reply(CallbackPage.otherServer());
		}
		if (candidate.get(OAuth2ParameterNames.CODE) == null && candidate.get(OAuth2ParameterNames.ERROR) == null) {
			return ignored("This answer has neither a code nor an error");
		}
		if (!this.answer.complete(candidate)) {
			return ignored("This login has been answered already");
		}
		return last().with("Set-Cookie", this.start.forget());
	}

	private Reply last() {
		return new Reply(this.page, Map.of(), this.delivered::countDown);
	}

	private static Reply ignored(String problem) {
		return new Reply(CallbackPage.ignored(400, problem));
	}

	/**
	 * Makes sure that nobody else opened the login's address while its code was redeemed.
	 * @throws CodeLoginException when somebody did
	 */
	void checkBrowser() {
		if (this.shared) {
			throw CodeLoginException.openedTwice();
		}
	}

	/**
	 * Waits for the answer.
	 * @param timeout how long
	 * @return the answer, {@code null} when there was none in time
	 * @throws CodeLoginException when two browsers opened the login's address
	 * @throws RuntimeException when the authorization request could not be pushed
	 */
	@Nullable AuthorizationAnswer await(Duration timeout) throws InterruptedException {
		try {
			return this.answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException ex) {
			// One that comes right now comes too late.
			return this.answer.cancel(false) ? null : this.answer.getNow(null);
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof RuntimeException cause) ? cause : CodeLoginException.openedTwice();
		}
	}

	/** Whether a browser has brought an answer. */
	boolean isAnswered() {
		return this.answer.isDone() && !this.answer.isCompletedExceptionally();
	}

	/** Whether a browser was sent on, and has brought nothing back. */
	boolean isOverdue() {
		return this.start.isOpened() && (!this.answer.isDone() || this.answer.isCancelled());
	}

	/**
	 * Shows the end of the login to whoever brought the answer.
	 * @param page the last page
	 */
	void finish(CallbackPage page) {
		this.page.complete(page);
		try {
			// The listener closes next, and a program may end: the page goes first.
			if (!this.delivered.await(DELIVERY.toNanos(), TimeUnit.NANOSECONDS)) {
				logger.debug("The browser did not take the last page of the login of '{}'", this.providerId);
			}
		}
		catch (InterruptedException ex) {
			// The login is decided; there is nothing left to cancel but this wait.
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public void close() {
		this.answer.cancel(false);
		this.page.complete(CallbackPage.failed(400, this.providerId, "The login has ended"));
	}

}
