package io.github.oauth2pkce.login;

import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ProviderBuilder;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.code.BrowserOpener;
import io.github.oauth2pkce.code.BrowserPrompt;
import io.github.oauth2pkce.code.LoopbackGrant;
import io.github.oauth2pkce.device.DeviceCeremonies;
import io.github.oauth2pkce.device.DeviceGrant;
import io.github.oauth2pkce.device.PollResult;
import io.github.oauth2pkce.device.PollingTime;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.device.UserCodePrompt;
import io.github.oauth2pkce.device.VirtualTime;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshListener;
import io.github.oauth2pkce.refresh.RefreshSettings;
import io.github.oauth2pkce.refresh.RefreshingBearerTokenSource;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.terminal.Terminal;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.HookedTokenStore;
import io.github.oauth2pkce.testing.MovableClock;
import io.github.oauth2pkce.testing.TestClients;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.RevocationEndpoint;
import io.github.oauth2pkce.token.TokenEndpoint;

import static io.github.oauth2pkce.testing.Waiting.await;

/**
 * A server, an application that logs in to it, and a time that passes only when the login
 * waits.
 */
final class LoginWorld implements AutoCloseable {

	static final CredentialId DEMO = CredentialId.ofApplication("demo");

	final MovableClock clock = new MovableClock(Instant.parse("2026-11-01T12:00:00Z"));

	final FakeAuthorizationServer server = FakeAuthorizationServer.start("", this.clock);

	final VirtualTime time = new VirtualTime(this.clock);

	final HookedTokenStore store = new HookedTokenStore();

	final List<UserCode> prompts = new CopyOnWriteArrayList<>();

	final Events events = new Events();

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final List<Logins> opened = new ArrayList<>();

	private final List<CountDownLatch> held = new CopyOnWriteArrayList<>();

	UserCodePrompt prompt = this.prompts::add;

	LoginWorld() {
		this.server.register(FakeClient.publicClient("cli").requirePkce());
	}

	ProviderBuilder provider() {
		return provider("demo");
	}

	ProviderBuilder provider(String id) {
		return Provider.withId(id, "cli")
			.issuerUri(this.server.issuer())
			.endpoints(TestProviders.endpoints(this.server));
	}

	Application start() {
		return start(provider().build());
	}

	/** An application, or the same one after a restart: they share the store. */
	Application start(Provider... providers) {
		return start(Duration.ofSeconds(20), List.of(this.events), List.of(), providers);
	}

	Application start(Duration lockTimeout, List<LoginListener> listeners, List<RefreshListener> refreshListeners,
			Provider... providers) {
		return start(lockTimeout, listeners, refreshListeners, this.time, false, providers);
	}

	/**
	 * An application whose device logins are kept in the store while they run.
	 * @param time its own, because each node waits for itself
	 */
	Application startKept(PollingTime time, Provider... providers) {
		return start(Duration.ofSeconds(20), List.of(this.events), List.of(), time, true, providers);
	}

	private Application start(Duration lockTimeout, List<LoginListener> listeners,
			List<RefreshListener> refreshListeners, PollingTime time, boolean kept, Provider... providers) {
		Providers all = new Providers(List.of(providers));
		AuthorizationServerClient client = TestLogins.client(Duration.ofSeconds(20));
		TokenEndpoint tokenEndpoint = new TokenEndpoint(client);
		Discovery discovery = new Discovery(client, this.clock);
		RefreshSettings settings = new RefreshSettings(Duration.ofSeconds(20), lockTimeout);
		Credentials credentials = Credentials.builder(all, tokenEndpoint, discovery)
			.store(this.store)
			.settings(settings)
			.clock(this.clock)
			.executor(this.executor)
			.listeners(refreshListeners)
			.build();
		DeviceGrant grant = new DeviceGrant(client, discovery, TestClients.identities(client, discovery), time,
				kept ? new DeviceCeremonies(this.store, this.clock) : null);
		LoginClaims claims = kept ? new LoginClaims(this.store, this.clock, this.clock) : null;
		Logins logins = new Logins(all, List.of(new DeviceLogin(grant, delegating(), claims)), credentials, this.clock,
				listeners);
		this.opened.add(logins);
		return new Application(logins,
				new Logout(all, credentials, logins, new RevocationEndpoint(client), discovery,
						TestClients.identities(client, discovery)),
				credentials, new RefreshingBearerTokenSource(all, credentials, Mono.empty(), settings));
	}

	/** The same with a browser on this machine. */
	Logins startWithBrowser(BrowserOpener opener) {
		Providers all = new Providers(List.of(provider().grant(Grant.AUTHORIZATION_CODE).build()));
		TokenEndpoint tokenEndpoint = new TokenEndpoint(TestLogins.client(Duration.ofSeconds(20)));
		Discovery discovery = new Discovery(TestLogins.client(Duration.ofSeconds(20)), this.clock);
		Credentials credentials = Credentials.builder(all, tokenEndpoint, discovery)
			.store(this.store)
			.clock(this.clock)
			.executor(this.executor)
			.build();
		LoopbackLogin login = new LoopbackLogin(
				new LoopbackGrant(tokenEndpoint, discovery, TestClients.identities(tokenEndpoint.client(), discovery),
						Duration.ofMinutes(5), null),
				new BrowserPrompt(Terminal.plain(() -> new PrintStream(OutputStream.nullOutputStream())), opener));
		Logins logins = new Logins(all, List.of(login), credentials, this.clock, List.of(this.events));
		this.opened.add(logins);
		return logins;
	}

	/** The prompt may be replaced at any time. */
	private UserCodePrompt delegating() {
		return new UserCodePrompt() {

			@Override
			public void prompt(UserCode userCode) {
				LoginWorld.this.prompt.prompt(userCode);
			}

			@Override
			public void ended(UserCode userCode, @Nullable RuntimeException failure) {
				LoginWorld.this.prompt.ended(userCode, failure);
			}

			@Override
			public void endedUnsaved(UserCode userCode) {
				LoginWorld.this.prompt.endedUnsaved(userCode);
			}

		};
	}

	/** What the listener of all applications heard, once it has heard it all. */
	List<String> told() {
		awaitListeners();
		return this.events.told;
	}

	List<LoginListener.Ended> ends() {
		awaitListeners();
		return this.events.ends;
	}

	private void awaitListeners() {
		this.opened.forEach((logins) -> logins.awaitListeners(Duration.ofSeconds(20)));
	}

	/** Lets logins wait in earnest, until they are let go or the test ends. */
	CountDownLatch holdPolling() {
		CountDownLatch goOn = hold();
		this.time.onWait((wait) -> goOn.await());
		return goOn;
	}

	/** A latch that does not outlive the test. */
	CountDownLatch hold() {
		CountDownLatch latch = new CountDownLatch(1);
		this.held.add(latch);
		return latch;
	}

	/** Counts polls that arrived. */
	int polls() {
		return (int) this.server.requests(Endpoint.TOKEN)
			.stream()
			.filter((request) -> request.hasParameter("device_code"))
			.count();
	}

	@Override
	public void close() {
		this.opened.forEach(Logins::close);
		this.held.forEach(CountDownLatch::countDown);
		this.server.close();
		this.executor.shutdownNow();
	}

	/** How a login failed. */
	static LoginException failureOf(CompletableFuture<?> future) throws InterruptedException, TimeoutException {
		try {
			throw new AssertionError("Not failed but " + future.get(30, TimeUnit.SECONDS));
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof LoginException failure) {
				return failure;
			}
			throw new AssertionError(ex);
		}
	}

	/** What wiring makes of the parts. */
	record Application(Logins logins, Logout logout, Credentials credentials, RefreshingBearerTokenSource source) {

		/** Logs in with somebody who approves at once. */
		Application loggedIn(LoginWorld world) throws Exception {
			world.server.device().approveAtOnce();
			await(this.logins.start("demo").completion());
			return this;
		}

		BearerToken bearer() {
			BearerToken bearer = this.source.current("demo").block(Duration.ofSeconds(20));
			if (bearer == null) {
				throw new AssertionError("No answer");
			}
			return bearer;
		}

	}

	/** What listeners are told, as words. */
	static final class Events implements LoginListener {

		private final List<String> told = new CopyOnWriteArrayList<>();

		private final List<Ended> ends = new CopyOnWriteArrayList<>();

		volatile Runnable onEnd = () -> {
		};

		@Override
		public void started(Login login) {
			this.told.add("started " + login.id());
		}

		@Override
		public void codeIssued(Login login, UserCode userCode) {
			this.told.add("code " + userCode.userCode());
		}

		@Override
		public void polled(Login login, PollResult result) {
			this.told.add("polled " + result.tag());
		}

		@Override
		public void ended(Ended ended) {
			this.told.add("ended " + ended.outcome().tag());
			this.ends.add(ended);
			this.onEnd.run();
		}

	}

}
