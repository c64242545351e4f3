package io.github.oauth2pkce.refresh;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.refresh.RefreshProcess.Handle;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.SharedStores;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.MovableClock;
import io.github.oauth2pkce.testing.TestCredentials;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.token.TokenResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Real processes over one store, with refresh tokens that work once and whose reuse ends
 * the login: racing, and killed at every step of a refresh.
 */
@ParameterizedClass
@EnumSource
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RefreshProcessIT {

	private static final int ROUNDS = 50;

	/** Nobody else gets a lock while a test lasts, unless its holder gives it back. */
	private static final Duration ALONE = Duration.ofMinutes(5);

	/** How long a killed process keeps a lock that no operating system frees. */
	private static final Duration SHORT = Duration.ofSeconds(2);

	private final MovableClock clock = new MovableClock(TestCredentials.NOW);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start("", this.clock);

	private final Provider provider = TestProviders.device(this.server).build();

	private final Shared shared;

	private String store = "";

	RefreshProcessIT(Shared shared) {
		this.shared = shared;
	}

	@BeforeEach
	void logIn(@TempDir Path directory) {
		this.store = this.shared.url(directory);
		TokenResponse response = TestLogins.device(this.server, this.provider);
		Credential credential = Credential.issued(CredentialId.ofApplication("demo"),
				new Origin(null, this.server.uri(Endpoint.TOKEN).toString(), this.provider.client().id()), response,
				this.provider.request().scopes(), response.expiresIn(), Credential.NONE, this.clock.instant());
		assertThat(RefreshProcess.open(this.store, ALONE).save(credential, Credential.NONE)).isTrue();
		this.clock.advance(RefreshWorld.LONG);
	}

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void twoProcessesRefreshOnceInEveryRound() throws Exception {
		try (Handle one = start(ALONE); Handle two = start(ALONE)) {
			for (int round = 1; round <= ROUNDS; round++) {
				setClock(one);
				setClock(two);
				one.send("refresh");
				two.send("refresh");
				String token = one.receive();
				assertThat(token).startsWith("token ").isEqualTo(two.receive());
				assertThat(this.server.refreshRequests()).isEqualTo(round);
				this.clock.advance(RefreshWorld.LONG);
			}
			assertThat(this.server.refreshesGranted()).isEqualTo(ROUNDS);
		}
	}

	@Test
	void killedBeforeTheRequestNothingIsLost() throws Exception {
		killAt("before-request");
		assertThat(this.server.refreshRequests()).isZero();
		try (Handle next = start()) {
			setClock(next);
			assertThat(next.ask("refresh")).startsWith("token ");
			assertThat(this.server.refreshesGranted()).isOne();
		}
	}

	@Test
	void killedBeforeTheSaveTheAnswerIsLostAndTheStateSaysSo() throws Exception {
		killAt("before-save");
		assertThat(this.server.refreshesGranted()).isOne();
		try (Handle next = start()) {
			setClock(next);
			String said = "reauthentication_required REAUTHENTICATION_REQUIRED";
			assertThat(next.ask("refresh")).isEqualTo(said);
			assertThat(next.ask("refresh")).isEqualTo(said);
			assertThat(this.server.refreshRequests()).isEqualTo(2);
		}
	}

	@Test
	void killedAfterTheSaveTheNextProcessAdoptsIt() throws Exception {
		killAt("after-save");
		try (Handle next = start()) {
			setClock(next);
			assertThat(next.ask("refresh")).startsWith("token ");
			assertThat(this.server.refreshRequests()).isOne();
			this.clock.advance(RefreshWorld.LONG);
			setClock(next);
			assertThat(next.ask("refresh")).startsWith("token ");
			assertThat(this.server.refreshesGranted()).isEqualTo(2);
		}
	}

	@Test
	void killedHolderSetsAWaitingProcessFree() throws Exception {
		try (Handle holder = start(); Handle waiting = start()) {
			setClock(holder);
			setClock(waiting);
			assertThat(holder.ask("halt before-request")).isEqualTo("ok");
			assertThat(holder.ask("refresh")).isEqualTo("halted before-request");
			waiting.send("refresh");
			holder.kill();
			assertThat(waiting.receive()).startsWith("token ");
			assertThat(this.server.refreshesGranted()).isOne();
		}
	}

	private void killAt(String step) throws Exception {
		try (Handle process = start()) {
			setClock(process);
			assertThat(process.ask("halt " + step)).isEqualTo("ok");
			assertThat(process.ask("refresh")).isEqualTo("halted " + step);
			process.kill();
		}
	}

	private Handle start() throws IOException {
		return start(SHORT);
	}

	private Handle start(Duration lease) throws IOException {
		Handle process = new Handle(this.store, lease, this.server.uri(Endpoint.TOKEN), this.provider.client().id());
		assertThat(process.receive()).isEqualTo("ready");
		return process;
	}

	private void setClock(Handle process) throws IOException {
		assertThat(process.ask("at " + this.clock.instant().getEpochSecond())).isEqualTo("ok");
	}

	/** What processes share. */
	enum Shared {

		FILE, POSTGRESQL, REDIS;

		String url(Path directory) {
			return switch (this) {
				case FILE -> directory.toUri().toString();
				case POSTGRESQL -> SharedStores.postgres().url();
				case REDIS -> SharedStores.redis().url();
			};
		}

	}

}
