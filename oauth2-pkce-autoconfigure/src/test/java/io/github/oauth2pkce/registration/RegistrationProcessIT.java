package io.github.oauth2pkce.registration;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.oauth2pkce.registration.RegistrationProcess.Handle;
import io.github.oauth2pkce.store.SharedStores;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;

import static org.assertj.core.api.Assertions.assertThat;

/** Real processes over one store: killed at every step of a first login, and racing. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RegistrationProcessIT {

	private final ResourceFirstWorld world = new ResourceFirstWorld();

	private final FakeAuthorizationServer server = this.world.server;

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@AfterEach
	void stop() {
		this.world.close();
	}

	/** What is on the disk counts; what is not costs one registration, or one login. */
	@ParameterizedTest
	@CsvSource({ "before-registration, 2, 1", "after-registration, 1, 1", "before-login, 1, 2", "after-login, 1, 1" })
	void killedAtAnyStepTheNextProcessGoesOn(String step, int registrations, int ceremonies) throws Exception {
		String store = this.directory.toUri().toString();
		try (Handle killed = start(store)) {
			assertThat(killed.ask("halt " + step)).isEqualTo("ok");
			assertThat(killed.ask("login")).isEqualTo("halted " + step);
			killed.kill();
		}
		try (Handle next = start(store)) {
			if (!step.equals("after-login")) {
				assertThat(next.ask("login")).isEqualTo("ok");
			}
			assertThat(next.ask("call")).isEqualTo("200");
			this.server.invalidateAccessTokens();
			assertThat(next.ask("call")).isEqualTo("200");
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(registrations);
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(ceremonies);
		assertThat(this.server.refreshesGranted()).isEqualTo(1);
	}

	/** Killed while a person is at the server: the claim of a dead process ends. */
	@Test
	void processThatIsKilledDuringItsLoginKeepsNobodyWaitingForLong() throws Exception {
		CountDownLatch never = new CountDownLatch(1);
		this.server.enqueue(Endpoint.AUTHORIZATION, Answer.normally().processedAfter(never));
		String store = this.directory.toUri().toString();
		try (Handle killed = start(store); Handle next = start(store)) {
			killed.send("call");
			this.server.takeRequest(Endpoint.AUTHORIZATION, ResourceFirstWorld.WAIT);
			next.send("call");
			killed.kill();
			assertThat(next.receive()).isEqualTo("200");
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(2);
	}

	@ParameterizedTest
	@EnumSource
	void processesThatStartTogetherMakeOneRegistrationAndOneCeremony(Shared shared) throws Exception {
		CountDownLatch together = new CountDownLatch(1);
		this.server.enqueue(Endpoint.AUTHORIZATION, Answer.normally().processedAfter(together));
		String store = shared.url(this.directory);
		try (Handle one = start(store); Handle two = start(store)) {
			one.send("call");
			two.send("call");
			this.server.takeRequest(Endpoint.AUTHORIZATION, ResourceFirstWorld.WAIT);
			this.world.api.takeRequest(Endpoint.RESOURCE, ResourceFirstWorld.WAIT);
			this.world.api.takeRequest(Endpoint.RESOURCE, ResourceFirstWorld.WAIT);
			together.countDown();
			assertThat(one.receive()).isEqualTo("200");
			assertThat(two.receive()).isEqualTo("200");
			// Refresh tokens work once; a second use ends the login.
			this.server.invalidateAccessTokens();
			one.send("calls 32");
			two.send("calls 32");
			assertThat(one.receive()).isEqualTo("[200]");
			assertThat(two.receive()).isEqualTo("[200]");
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(1);
		assertThat(this.server.refreshRequests()).isEqualTo(1);
	}

	private Handle start(String store) throws Exception {
		Handle process = new Handle(store, this.world.resource.uri());
		assertThat(process.receive()).isEqualTo("ready");
		return process;
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
