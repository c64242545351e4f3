package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;

import reactor.core.publisher.Mono;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.HookedTokenStore;
import io.github.oauth2pkce.testing.MovableClock;
import io.github.oauth2pkce.testing.TestCredentials;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenResponse;
import io.github.oauth2pkce.testing.Waiting;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One server, one clock, one store, and as many processes over it as a test wants.
 */
final class RefreshWorld implements AutoCloseable {

	static final CredentialId ID = CredentialId.ofApplication("demo");

	static final CredentialId MACHINE = CredentialId.ofApplication("machine");

	/** Longer than any token of the fake server lives, shorter than a login. */
	static final Duration LONG = Duration.ofMinutes(6);

	final MovableClock clock = new MovableClock(TestCredentials.NOW);

	final FakeAuthorizationServer server = FakeAuthorizationServer.start("", this.clock);

	final HookedTokenStore store = new HookedTokenStore();

	final Provider provider = TestProviders.device(this.server).build();

	private final ExecutorService workers = Executors.newCachedThreadPool((task) -> {
		Thread thread = new Thread(task, "refresh-worker");
		thread.setDaemon(true);
		return thread;
	});

	private final Phaser working = new Phaser(1);

	/** Happens when work is to be run on another thread. */
	volatile Runnable onExecute = () -> {
	};

	/** Whether nothing happens by itself, later. */
	volatile boolean withoutTimers;

	private Duration requestTimeout = Duration.ofSeconds(10);

	private Duration lockTimeout = Duration.ofSeconds(10);

	private Duration margin = Duration.ofSeconds(15);

	RefreshWorld margin(Duration margin) {
		this.margin = margin;
		return this;
	}

	/** The provider, whose endpoints have to be discovered. */
	Provider discovering() {
		return TestProviders.device(this.server).endpoints(Provider.Endpoints.NONE).build();
	}

	RefreshWorld requestTimeout(Duration timeout) {
		this.requestTimeout = timeout;
		return this;
	}

	RefreshWorld lockTimeout(Duration timeout) {
		this.lockTimeout = timeout;
		return this;
	}

	/** A process that has just started. */
	Node start() {
		return start(this.store, this.provider);
	}

	Node start(TokenStore store, Provider... providers) {
		return new Node(store, List.of(providers), List.of());
	}

	/** A process with more listeners, which hear of everything before its own. */
	Node start(RefreshListener... listeners) {
		return new Node(this.store, List.of(this.provider), List.of(listeners));
	}

	/** A process whose login is stored and whose access token has expired since. */
	Node startExpired() {
		Node node = start();
		node.login();
		this.clock.advance(LONG);
		return node;
	}

	private void execute(Runnable task) {
		this.onExecute.run();
		boolean timer = Thread.currentThread().getName().equals("CompletableFutureDelayScheduler");
		if (!timer || !this.withoutTimers) {
			this.working.register();
			this.workers.execute(() -> {
				try {
					task.run();
				}
				finally {
					this.working.arriveAndDeregister();
				}
			});
		}
	}

	/** Waits until the workers have nothing more to do. */
	void awaitWorkers() {
		this.working.arriveAndAwaitAdvance();
	}

	int tokenRequests() {
		return this.server.requests(Endpoint.TOKEN).size();
	}

	Credential stored() {
		Credential stored = this.store.load(ID);
		assertThat(stored).isNotNull();
		return stored;
	}

	@Override
	public void close() {
		this.server.close();
		this.workers.shutdownNow();
	}

	/** One process. */
	final class Node implements RefreshListener {

		private final List<Refresh> refreshes = new CopyOnWriteArrayList<>();

		private final List<String> storeFailures = new CopyOnWriteArrayList<>();

		final Credentials credentials;

		final RefreshingBearerTokenSource source;

		private final List<Provider> providers;

		private volatile RuntimeException listenerFailure;

		private Node(TokenStore store, List<Provider> providers, List<RefreshListener> before) {
			this.providers = providers;
			AuthorizationServerClient client = TestLogins.client(RefreshWorld.this.requestTimeout);
			RefreshSettings settings = new RefreshSettings(RefreshWorld.this.requestTimeout,
					RefreshWorld.this.lockTimeout, RefreshWorld.this.margin);
			List<RefreshListener> listeners = new ArrayList<>(before);
			listeners.add(this);
			this.credentials = Credentials
				.builder(new Providers(providers), new TokenEndpoint(client),
						new Discovery(client, RefreshWorld.this.clock))
				.store(store)
				.settings(settings)
				.clock(RefreshWorld.this.clock)
				.executor(RefreshWorld.this::execute)
				.listeners(listeners)
				.build();
			this.source = new RefreshingBearerTokenSource(new Providers(providers), this.credentials, Mono.empty(),
					settings);
		}

		Node login() {
			TokenResponse response = TestLogins.device(RefreshWorld.this.server, this.providers.get(0));
			this.credentials.loggedIn(ID, RefreshWorld.this.server.uri(Endpoint.TOKEN), response);
			return this;
		}

		Node failingListener(RuntimeException failure) {
			this.listenerFailure = failure;
			return this;
		}

		CompletableFuture<BearerToken> ask(RefreshTrigger trigger) {
			return this.credentials.current(ID, trigger);
		}

		BearerToken current() {
			return Waiting.await(ask(RefreshTrigger.EXPIRY));
		}

		BearerToken current(RefreshTrigger trigger) {
			return Waiting.await(ask(trigger));
		}

		String token() {
			return tokenOf(current());
		}

		SkipReason skip() {
			return skipOf(current());
		}

		BearerToken afterRejection(String token) {
			return this.source.afterRejection("demo", BearerToken.Available.of(token)).block(Duration.ofSeconds(20));
		}

		AuthorizationState state() {
			return status().state();
		}

		CredentialStatus status() {
			return this.credentials.status(ID);
		}

		List<RefreshOutcome> outcomes() {
			return refreshes().stream().map(Refresh::outcome).toList();
		}

		/** What the listeners heard, once they have heard it all. */
		List<Refresh> refreshes() {
			awaitListeners();
			return this.refreshes;
		}

		List<String> storeFailures() {
			awaitListeners();
			return this.storeFailures;
		}

		private void awaitListeners() {
			assertThat(this.credentials.awaitListeners(Duration.ofSeconds(20))).isTrue();
		}

		@Override
		public void refreshed(Refresh refresh) {
			this.refreshes.add(refresh);
			fail();
		}

		@Override
		public void storeFailed(CredentialId id, String operation, Exception failure) {
			this.storeFailures.add(operation);
			fail();
		}

		private void fail() {
			if (this.listenerFailure != null) {
				throw this.listenerFailure;
			}
		}

	}

	static String tokenOf(BearerToken token) {
		assertThat(token).isInstanceOf(BearerToken.Available.class);
		return ((BearerToken.Available) token).accessToken();
	}

	static SkipReason skipOf(BearerToken token) {
		assertThat(token).isInstanceOf(BearerToken.Skipped.class);
		return ((BearerToken.Skipped) token).reason();
	}

}
