package io.github.oauth2pkce.refresh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.refresh.RefreshProcess.Handle;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.MovableClock;
import io.github.oauth2pkce.testing.TestCredentials;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.token.TokenResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A process that may only read the directory of its logins. Permissions do not hold root
 * back: for root the directory is mounted read-only, in a mount namespace of the process.
 */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ReadOnlyStoreTests {

	private static final Duration LEASE = Duration.ofSeconds(30);

	private static final List<String> READ_ONLY = List.of("unshare", "--mount", "sh", "-c",
			"mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" && exec \"$@\"");

	private final MovableClock clock = new MovableClock(TestCredentials.NOW);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start("", this.clock);

	private final Provider provider = TestProviders.device(this.server).build();

	@TempDir
	private Path directory;

	@BeforeEach
	void logIn() {
		TokenResponse response = TestLogins.device(this.server, this.provider);
		Credential credential = Credential.issued(CredentialId.ofApplication("demo"),
				new Origin(null, this.server.uri(Endpoint.TOKEN).toString(), this.provider.client().id()), response,
				this.provider.request().scopes(), response.expiresIn(), Credential.NONE, this.clock.instant());
		assertThat(RefreshProcess.open(store(), LEASE).save(credential, Credential.NONE)).isTrue();
	}

	@AfterEach
	void stop() throws IOException {
		this.server.close();
		Files.setPosixFilePermissions(this.directory, PosixFilePermissions.fromString("rwx------"));
	}

	@Test
	void tokenThatHasNotEndedNeedsNoDirectoryToWriteTo() throws Exception {
		try (Handle process = start()) {
			setClock(process);
			assertThat(process.ask("refresh")).startsWith("token ");
		}
		assertThat(this.server.refreshRequests()).isZero();
	}

	@Test
	void refreshTokenIsNotSpentWhereItsSuccessorHasNoPlace() throws Exception {
		this.clock.advance(RefreshWorld.LONG);
		try (Handle process = start()) {
			setClock(process);
			assertThat(process.ask("refresh")).isEqualTo("store_error AUTHORIZED");
		}
		assertThat(this.server.refreshRequests()).isZero();
	}

	private Handle start() throws Exception {
		Handle process = new Handle(prepared(), store(), LEASE, this.server.uri(Endpoint.TOKEN),
				this.provider.client().id());
		assertThat(process.receive()).isEqualTo("ready");
		return process;
	}

	/** What has to run the process, so that it cannot write. */
	private List<String> prepared() throws Exception {
		Files.setPosixFilePermissions(this.directory, PosixFilePermissions.fromString("r-x------"));
		if (!Files.isWritable(this.directory)) {
			return List.of();
		}
		List<String> within = new ArrayList<>(READ_ONLY);
		within.add(this.directory.toRealPath().toString());
		Assumptions.assumeTrue(canRun(within), "root, and not allowed to mount: nothing here is read-only");
		return within;
	}

	private static boolean canRun(List<String> within) throws Exception {
		List<String> command = new ArrayList<>(within);
		command.add("true");
		try {
			return new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.start()
				.waitFor() == 0;
		}
		catch (IOException ex) {
			return false;
		}
	}

	private String store() {
		return this.directory.toUri().toString();
	}

	private void setClock(Handle process) throws IOException {
		assertThat(process.ask("at " + this.clock.instant().getEpochSecond())).isEqualTo("ok");
	}

}
