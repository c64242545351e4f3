package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.Faults;
import io.github.oauth2pkce.testing.Faults.Fault;
import io.github.oauth2pkce.testing.MovableClock;
import io.github.oauth2pkce.testing.TestCredentials;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.TokenEndpoint;

import org.springframework.web.reactive.function.client.WebClient;

import static io.github.oauth2pkce.testing.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A refresh, a login and a logout in which every single call that leaves our code fails
 * once, in each way: nobody hangs, no token that the server has issued is lost, and the
 * next call works. The server ends a login whose spent refresh token it sees again.
 */
@Timeout(300)
class FlightFaultTests {

	private final ExecutorService workers = Executors.newCachedThreadPool((task) -> {
		Thread thread = new Thread(task, "worker");
		thread.setDaemon(true);
		return thread;
	});

	@AfterEach
	void close() {
		this.workers.shutdownNow();
	}

	@Test
	void everyCallOfARefreshIsSeen() throws Exception {
		try (World world = new World()) {
			assertThat(world.callsOf(world::refresh)).contains("Executor.execute", "TokenStore.load", "TokenStore.lock",
					"Lock.isHeld", "Lock.close", "TokenStore.checkWritable", "TokenStore.save", "WebClient", "clock",
					"steady", "RefreshListener.refreshed");
		}
	}

	@ParameterizedTest
	@EnumSource
	void noFaultInARefreshLosesATokenOrLeavesACallerWaiting(Fault fault) throws Exception {
		each(fault, World::refresh);
	}

	@ParameterizedTest
	@EnumSource
	void noFaultInALoginLosesItsTokens(Fault fault) throws Exception {
		each(fault, World::logIn);
	}

	@ParameterizedTest
	@EnumSource
	void noFaultInALogoutIsInTheWayOfTheNextLogin(Fault fault) throws Exception {
		each(fault, World::logOut);
	}

	private void each(Fault fault, Work work) throws Exception {
		List<String> failures = new ArrayList<>();
		boolean reached = true;
		for (int call = 0; reached; call++) {
			try (World world = new World()) {
				String name = world.at(call, fault, work, failures);
				reached = name != null;
			}
		}
		assertThat(failures).isEmpty();
	}

	/** What is done with one call failing. */
	interface Work {

		void run(World world) throws Exception;

	}

	/** A process over wrapped parts, with an expired login. */
	private final class World implements AutoCloseable {

		private final MovableClock time = new MovableClock(TestCredentials.NOW);

		private final FakeAuthorizationServer server = FakeAuthorizationServer.start("", this.time);

		private final Provider provider = TestProviders.device(this.server).build();

		private final MemoryTokenStore store = new MemoryTokenStore();

		private final Faults faults = new Faults();

		private final Credentials credentials = start(this.faults);

		private World() {
			keepNewLogin();
			this.time.advance(RefreshWorld.LONG);
		}

		private Credentials start(Faults faults) {
			WebClient webClient = WebClient.create();
			AuthorizationServerClient client = new AuthorizationServerClient((provider) -> {
				faults.call("WebClient");
				return webClient;
			}, Duration.ofSeconds(10));
			Executor executor = faults.wrap(Executor.class, FlightFaultTests.this.workers);
			return Credentials
				.builder(new Providers(List.of(this.provider)), new TokenEndpoint(client),
						new Discovery(client, this.time))
				.store(faults.wrap(TokenStore.class, this.store))
				.settings(new RefreshSettings(Duration.ofSeconds(10), Duration.ofSeconds(10)))
				.clocks(faults.clock("clock", this.time), faults.clock("steady", this.time))
				.executor(executor)
				.listeners(List.of(faults.wrap(RefreshListener.class, new RefreshListener() {
				})))
				.build();
		}

		private void keepNewLogin() {
			this.credentials.loggedIn(RefreshWorld.ID, this.server.uri(Endpoint.TOKEN),
					TestLogins.device(this.server, this.provider));
		}

		private List<String> callsOf(Runnable work) {
			this.faults.count();
			work.run();
			assertThat(this.credentials.awaitListeners(Duration.ofSeconds(20))).isTrue();
			this.faults.disarm();
			return this.faults.calls();
		}

		private void refresh() {
			BearerToken token = await(this.credentials.current(RefreshWorld.ID, RefreshTrigger.EXPIRY));
			assertThat(token).isNotNull();
		}

		private void logIn() {
			// What is left of the login of before does not count.
			this.server.endSessions();
			keepNewLogin();
		}

		private void logOut() {
			this.credentials.forget(RefreshWorld.ID, (credential) -> this.faults.call("revoke"));
		}

		/**
		 * Lets one call fail, and looks at what is left.
		 * @return the call's name, {@code null} when there are not so many
		 */
		private String at(int call, Fault fault, Work work, List<String> failures) throws Exception {
			this.faults.arm(call, fault);
			try {
				work.run(this);
			}
			catch (AssertionError ex) {
				failures.add(call + " " + this.faults.calls() + ": " + ex);
			}
			catch (Exception | Error ex) {
				// The caller is told; nobody waits.
			}
			Thread.interrupted();
			this.credentials.awaitListeners(Duration.ofSeconds(20));
			boolean reached = this.faults.reached();
			String name = reached ? this.faults.calls().get(call) : null;
			this.faults.disarm();
			if (reached) {
				look(call + " " + name, failures);
			}
			return name;
		}

		private void look(String where, List<String> failures) {
			// Whatever is to be waited for, a backoff for example, is over.
			this.time.advance(Duration.ofMinutes(2));
			BearerToken token = await(this.credentials.current(RefreshWorld.ID, RefreshTrigger.EXPIRY));
			if (this.store.load(RefreshWorld.ID) == null) {
				// A logout that got through.
				keepNewLogin();
				token = await(this.credentials.current(RefreshWorld.ID, RefreshTrigger.EXPIRY));
			}
			if (!(token instanceof BearerToken.Available)) {
				failures.add(where + ": the next call got " + token);
				return;
			}
			this.time.advance(RefreshWorld.LONG);
			token = await(this.credentials.current(RefreshWorld.ID, RefreshTrigger.EXPIRY));
			if (!(token instanceof BearerToken.Available)) {
				failures.add(where + ": the next refresh got " + token);
				return;
			}
			this.time.advance(RefreshWorld.LONG);
			token = await(start(new Faults()).current(RefreshWorld.ID, RefreshTrigger.EXPIRY));
			if (!(token instanceof BearerToken.Available)) {
				failures.add(where + ": after a restart there is " + token);
			}
		}

		@Override
		public void close() {
			this.server.close();
		}

	}

}
