package io.github.oauth2pkce.code;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.testing.Browser;
import io.github.oauth2pkce.token.IssuedTokens;

import static io.github.oauth2pkce.testing.Waiting.await;

/**
 * A loopback login on a thread of its own, as the application would run it.
 */
final class PendingLogin {

	private static final Duration SOON = Duration.ofSeconds(30);

	private final CompletableFuture<URI> startPage = new CompletableFuture<>();

	private final CompletableFuture<IssuedTokens> end = new CompletableFuture<>();

	private final Browser browser;

	private final Thread thread;

	private URI page;

	private PendingLogin(LoopbackGrant grant, Provider provider, Browser browser, Consumer<IssuedTokens> keep) {
		this.browser = browser;
		this.thread = new Thread(() -> {
			try {
				AtomicReference<IssuedTokens> issued = new AtomicReference<>();
				grant.login(provider, (known, page) -> this.startPage.complete(page), (tokens) -> {
					keep.accept(tokens);
					issued.set(tokens);
					return true;
				});
				this.end.complete(issued.get());
			}
			catch (InterruptedException | RuntimeException ex) {
				this.startPage.completeExceptionally(ex);
				this.end.completeExceptionally(ex);
			}
		}, "login");
		this.thread.setDaemon(true);
		this.thread.start();
	}

	static PendingLogin start(LoopbackGrant grant, Provider provider, Browser browser) {
		return start(grant, provider, browser, (tokens) -> {
		});
	}

	static PendingLogin start(LoopbackGrant grant, Provider provider, Browser browser, Consumer<IssuedTokens> keep) {
		return new PendingLogin(grant, provider, browser, keep);
	}

	/** The page that the person is to open. */
	URI startPage() {
		return await(this.startPage);
	}

	/** Where the start page sends the browser of the person, which opens it once. */
	synchronized URI page() {
		if (this.page == null) {
			this.page = this.browser.redirect(startPage());
		}
		return this.page;
	}

	URI redirectUri() {
		return URI.create(Browser.query(page()).get("redirect_uri"));
	}

	IssuedTokens issued() {
		return await(this.end);
	}

	Throwable failure() {
		try {
			this.end.get(SOON.toMillis(), TimeUnit.MILLISECONDS);
			throw new AssertionError("The login succeeded");
		}
		catch (ExecutionException ex) {
			return ex.getCause();
		}
		catch (InterruptedException | TimeoutException ex) {
			throw new AssertionError("The login goes on", ex);
		}
	}

	boolean isPending() {
		return !this.end.isDone();
	}

	void cancel() {
		this.thread.interrupt();
	}

}
