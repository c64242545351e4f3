package io.github.oauth2pkce.login;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.device.DeviceGrant;
import io.github.oauth2pkce.device.PollingTime;
import io.github.oauth2pkce.device.UserCodePrompt;
import io.github.oauth2pkce.device.VirtualTime;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshListener;
import io.github.oauth2pkce.refresh.RefreshSettings;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.Faults;
import io.github.oauth2pkce.testing.Faults.Fault;
import io.github.oauth2pkce.testing.MovableClock;
import io.github.oauth2pkce.testing.TestClients;
import io.github.oauth2pkce.testing.TestCredentials;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.RevocationEndpoint;
import io.github.oauth2pkce.token.TokenEndpoint;

import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A device login, and a logout, in which every single call that leaves our code fails
 * once, in each way: whoever waits gets an answer, tokens that have come are kept, and
 * the next login works.
 */
@Timeout(300)
class LoginFaultTests {

	private static final CredentialId ID = CredentialId.ofApplication("demo");

	private final ExecutorService workers = Executors.newCachedThreadPool();

	@AfterEach
	void close() {
		this.workers.shutdownNow();
	}

	@Test
	void everyCallOfALoginIsSeen() throws Exception {
		try (World world = new World()) {
			world.faults.count();
			world.logIn();
			world.awaitListeners();
			assertThat(world.faults.calls()).contains("UserCodePrompt.prompt", "UserCodePrompt.ended",
					"LoginListener.started", "LoginListener.codeIssued", "LoginListener.polled", "LoginListener.ended",
					"PollingTime.sleep", "TokenStore.lock", "TokenStore.load", "TokenStore.save", "Lock.close",
					"WebClient", "clock");
		}
	}

	@ParameterizedTest
	@EnumSource
	void noFaultInALoginLosesItsTokensOrLeavesAnybodyWaiting(Fault fault) throws Exception {
		each(fault, false);
	}

	@ParameterizedTest
	@EnumSource
	void noFaultInALogoutIsInTheWayOfTheNextLogin(Fault fault) throws Exception {
		each(fault, true);
	}

	private void each(Fault fault, boolean logout) throws Exception {
		List<String> failures = new ArrayList<>();
		boolean reached = true;
		for (int call = 0; reached; call++) {
			try (World world = new World()) {
				if (logout) {
					world.logIn();
				}
				reached = world.at(call, fault, logout, failures);
			}
		}
		assertThat(failures).isEmpty();
	}

	/** An application over wrapped parts, and a person who approves at once. */
	private final class World implements AutoCloseable {

		private final MovableClock time = new MovableClock(TestCredentials.NOW);

		private final FakeAuthorizationServer server = FakeAuthorizationServer.start("", this.time);

		private final Faults faults = new Faults();

		private final Logins logins;

		private final Logout logout;

		private final Credentials credentials;

		private World() {
			this.server.device().approveAtOnce();
			Provider provider = TestProviders.device(this.server).build();
			Providers providers = new Providers(List.of(provider));
			WebClient webClient = WebClient.create();
			AuthorizationServerClient client = new AuthorizationServerClient((any) -> {
				this.faults.call("WebClient");
				return webClient;
			}, Duration.ofSeconds(10));
			TokenEndpoint tokenEndpoint = new TokenEndpoint(client);
			Discovery discovery = new Discovery(client, this.time);
			Executor executor = this.faults.wrap(Executor.class, LoginFaultTests.this.workers);
			this.credentials = Credentials.builder(providers, tokenEndpoint, discovery)
				.store(this.faults.wrap(TokenStore.class, new MemoryTokenStore()))
				.settings(new RefreshSettings(Duration.ofSeconds(10), Duration.ofSeconds(10)))
				.clocks(this.faults.clock("clock", this.time), this.faults.clock("steady", this.time))
				.executor(executor)
				.listeners(List.of(this.faults.wrap(RefreshListener.class, new RefreshListener() {
				})))
				.build();
			this.logins = new Logins(providers,
					new DeviceGrant(client, discovery, TestClients.identities(client, discovery),
							this.faults.wrap(PollingTime.class, new VirtualTime(this.time))),
					this.faults.wrap(UserCodePrompt.class, (userCode) -> {
					}), this.credentials, this.faults.clock("clock", this.time),
					List.of(this.faults.wrap(LoginListener.class, new LoginListener() {
					})));
			this.logout = new Logout(providers, this.credentials, this.logins, new RevocationEndpoint(client),
					discovery, TestClients.identities(client, discovery));
		}

		private void logIn() throws Exception {
			try {
				this.logins.start(ID).completion().get(20, TimeUnit.SECONDS);
			}
			catch (ExecutionException ex) {
				assertThat(ex).hasCauseInstanceOf(LoginException.class);
			}
		}

		private void awaitListeners() {
			this.logins.awaitListeners(Duration.ofSeconds(20));
			this.credentials.awaitListeners(Duration.ofSeconds(20));
		}

		private boolean at(int call, Fault fault, boolean logout, List<String> failures) throws Exception {
			this.faults.arm(call, fault);
			try {
				if (logout) {
					this.logout.forget(ID);
				}
				else {
					logIn();
				}
			}
			catch (RuntimeException | Error ex) {
				// The caller is told; nobody waits.
			}
			Thread.interrupted();
			awaitListeners();
			boolean reached = this.faults.reached();
			String where = reached ? call + " " + this.faults.calls().get(call) : "";
			this.faults.disarm();
			if (reached) {
				look(where, fault, logout, failures);
			}
			return reached;
		}

		private void look(String where, Fault fault, boolean logout, List<String> failures) throws Exception {
			this.time.advance(Duration.ofSeconds(2));
			boolean issued = this.server.issuedSecrets().stream().anyMatch((secret) -> secret.startsWith("rt"));
			// An interrupt is how a login is given up.
			if (!logout && issued && fault != Fault.INTERRUPT && !hasBearer()) {
				failures.add(where + ": the tokens that were issued are lost");
			}
			if (this.logins.running(ID) != null) {
				failures.add(where + ": the login still runs");
			}
			logIn();
			if (!hasBearer()) {
				failures.add(where + ": the next login yields no bearer");
			}
		}

		private boolean hasBearer() throws Exception {
			CompletableFuture<BearerToken> token = this.credentials.current(ID, RefreshTrigger.EXPIRY);
			return token.get(10, TimeUnit.SECONDS) instanceof BearerToken.Available;
		}

		@Override
		public void close() {
			this.server.close();
		}

	}

}
