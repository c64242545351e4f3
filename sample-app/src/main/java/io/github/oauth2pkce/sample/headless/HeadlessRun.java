package io.github.oauth2pkce.sample.headless;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.function.Supplier;

import io.github.oauth2pkce.sample.wire.Exchange.Kind;
import io.github.oauth2pkce.sample.wire.WireAccount;

import org.springframework.context.ConfigurableApplicationContext;

/**
 * The whole job without a person: log in, fetch over some token lifetimes, restart, fetch
 * again, and tell what happened.
 */
public final class HeadlessRun {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private final Supplier<ConfigurableApplicationContext> application;

	private final WireAccount account;

	private final PrintStream out;

	public HeadlessRun(Supplier<ConfigurableApplicationContext> application, WireAccount account, PrintStream out) {
		this.application = application;
		this.account = account;
		this.out = out;
	}

	/**
	 * Runs the job.
	 * @return the exit code
	 */
	public int run() {
		String problem = null;
		boolean mcp = false;
		try {
			this.account.heading("first start");
			try (ConfigurableApplicationContext context = this.application.get()) {
				mcp = context.getEnvironment().getProperty("demo.mcp", Boolean.class, false);
				if (!context.getEnvironment().getProperty("demo.embedded", Boolean.class, true)) {
					throw new IllegalStateException("demo.approve=auto needs the demo authorization server");
				}
				login(new Client(context.getEnvironment()));
			}
			this.account.heading("second start, nobody logs in");
			try (ConfigurableApplicationContext context = this.application.get()) {
				carryOn(new Client(context.getEnvironment()));
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			problem = "interrupted";
		}
		catch (Exception ex) {
			problem = ex.toString();
		}
		return new Verdict(this.account, mcp, problem).print(this.out) ? 0 : 1;
	}

	private void login(Client client) throws Exception {
		String link = waitFor("a running login", client::verificationUriComplete, (uri) -> !uri.isEmpty());
		// Not too quick, so that the client gets to see that nobody has approved yet.
		waitFor("a poll before the approval", () -> this.account.exchanges(Kind.POLL), (polls) -> !polls.isEmpty());
		new Person("alice", "alice").approve(URI.create(link));
		waitFor("the catalogue", client::models, (models) -> models > 0);
		waitFor("the catalogue after two refreshes", client::models, (models) -> models > 0 && refreshes() >= 2);
	}

	private void carryOn(Client client) throws Exception {
		int before = refreshes();
		waitFor("the catalogue after the restart", client::models, (models) -> models > 0);
		waitFor("the catalogue after one more refresh", client::models, (models) -> models > 0 && refreshes() > before);
	}

	private int refreshes() {
		return this.account.exchanges(Kind.REFRESH).size();
	}

	private static <T> T waitFor(String what, Callable<T> source, Predicate<T> condition) throws Exception {
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		while (System.nanoTime() < deadline) {
			T value = source.call();
			if (condition.test(value)) {
				return value;
			}
			Thread.sleep(200);
		}
		throw new IOException("Waited in vain for " + what);
	}

}
