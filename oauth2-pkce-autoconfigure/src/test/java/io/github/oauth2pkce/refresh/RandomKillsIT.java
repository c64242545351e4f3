package io.github.oauth2pkce.refresh;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.refresh.RefreshProcess.Handle;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.SharedStores;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.EmbeddedServers;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.MovableClock;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.RefreshTokenRotation;
import io.github.oauth2pkce.testing.TestCredentials;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.token.TokenResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Two processes share a login whose refresh tokens work once, and something breaks at a
 * random moment of each refresh: a process is killed, or stands still for longer than a
 * lease, or the store is cut off, stands still or is full. No login is lost, and no
 * refresh token is spent twice, with one exception that no client can help: a process
 * that dies, or stands still for longer than a lease, between the server's answer and the
 * save. How often is {@code -Dkills=}, from which seed {@code -Dkills.seed=}.
 */
class RandomKillsIT {

	private static final int ROUNDS = Integer.getInteger("kills", 30);

	private static final Duration LEASE = Duration.ofSeconds(1);

	private static final CredentialId ID = CredentialId.ofApplication("demo");

	private final Random random = new Random(Long.getLong("kills.seed", System.nanoTime()));

	private final MovableClock clock = new MovableClock(TestCredentials.NOW);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start("", this.clock);

	private final Provider provider = TestProviders.device(this.server).build();

	private final ExecutorService readers = Executors.newCachedThreadPool();

	private final Handle[] processes = new Handle[2];

	private final Map<Disturbance, Integer> counts = new EnumMap<>(Disturbance.class);

	private String store = "";

	private int unavoidable;

	@AfterEach
	void close() {
		for (Handle process : this.processes) {
			if (process != null) {
				process.close();
			}
		}
		this.readers.shutdownNow();
		this.server.close();
	}

	@ParameterizedTest
	@EnumSource
	void loginOutlivesWhateverBreaks(Shared shared, @TempDir Path directory) throws Exception {
		this.server.tokens().rotation(RefreshTokenRotation.ONE_TIME);
		Disk disk = (shared == Shared.FILE) ? Disk.mount(directory) : null;
		try {
			this.store = shared.url(directory);
			logIn();
			for (int i = 0; i < this.processes.length; i++) {
				this.processes[i] = start();
			}
			for (int round = 1; round <= ROUNDS; round++) {
				round(shared, disk);
			}
			assertThat(spentTwice()).isLessThanOrEqualTo(this.unavoidable);
			System.out.println("random kills, " + shared + ": " + this.counts
					+ ", logins lost between answer and save: " + this.unavoidable + ", refreshes granted: "
					+ this.server.refreshesGranted() + ", refresh tokens sent twice: " + spentTwice());
		}
		finally {
			if (disk != null) {
				disk.unmount();
			}
		}
	}

	private void round(Shared shared, Disk disk) throws Exception {
		this.clock.advance(RefreshWorld.LONG);
		List<Future<String>> answers = new ArrayList<>();
		for (Handle process : this.processes) {
			process.ask("at " + this.clock.instant().getEpochSecond());
			answers.add(this.readers.submit(() -> process.ask("refresh")));
		}
		pause(this.random.nextInt(60));
		List<Disturbance> possible = Disturbance.of(shared, disk != null);
		Disturbance disturbance = possible.get(this.random.nextInt(possible.size()));
		this.counts.merge(disturbance, 1, Integer::sum);
		disturb(disturbance, this.random.nextInt(this.processes.length), disk);
		for (Future<String> answer : answers) {
			try {
				answer.get(90, TimeUnit.SECONDS);
			}
			catch (ExecutionException ex) {
				// The one that was killed.
			}
		}
		settle(disturbance);
	}

	/** Everything works again: so does the login, in both processes. */
	private void settle(Disturbance disturbance) throws Exception {
		for (Handle process : this.processes) {
			String answer = "";
			for (int attempt = 0; attempt < 10 && !answer.startsWith("token "); attempt++) {
				this.clock.advance(Duration.ofMinutes(2));
				process.ask("at " + this.clock.instant().getEpochSecond());
				answer = process.ask("refresh");
				if (answer.startsWith("reauthentication_required") && disturbance.mayCostTheAnswer) {
					assertThat(this.server.refreshesGranted()).as("an answer that was never saved").isPositive();
					this.unavoidable++;
					logIn();
				}
			}
			assertThat(answer).as("after " + disturbance).startsWith("token ");
		}
	}

	private void disturb(Disturbance disturbance, int victim, Disk disk) throws Exception {
		switch (disturbance) {
			case KILL -> {
				this.processes[victim].kill();
				this.processes[victim] = start();
			}
			case STAND_STILL -> standStill(this.processes[victim].pid(), LEASE.toMillis() + 500);
			case CUT_SESSIONS -> cutSessions();
			case STORE_STANDS_STILL -> standStill(EmbeddedServers.redisPid(), 300);
			case DISK_FULL -> {
				disk.fill();
				pause(this.random.nextInt(200));
				disk.free();
			}
		}
	}

	private void standStill(long pid, long millis) throws Exception {
		signal("STOP", pid);
		pause(millis);
		signal("CONT", pid);
	}

	private static void signal(String signal, long pid) throws Exception {
		new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start().waitFor();
	}

	/** A wait that is meant: the moment is what is random. */
	private static void pause(long millis) throws InterruptedException {
		new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
	}

	private void cutSessions() throws SQLException {
		try (Connection connection = DriverManager.getConnection(this.store);
				Statement statement = connection.createStatement()) {
			statement.execute("select pg_terminate_backend(pid) from pg_stat_activity"
					+ " where pid <> pg_backend_pid() and backend_type = 'client backend'");
		}
	}

	private void logIn() {
		TokenResponse response = TestLogins.device(this.server, this.provider);
		URI tokenEndpoint = this.server.uri(Endpoint.TOKEN);
		TokenStore opened = RefreshProcess.open(this.store, LEASE);
		Credential before = opened.load(ID);
		long generation = (before != null) ? before.generation() : Credential.NONE;
		assertThat(opened
			.save(Credential.issued(ID, new Origin(null, tokenEndpoint.toString(), this.provider.clientId()), response,
					this.provider.scopes(), response.expiresIn(), generation, this.clock.instant()), generation))
			.isTrue();
	}

	private Handle start() throws IOException {
		Handle process = new Handle(this.store, LEASE, this.server.uri(Endpoint.TOKEN), this.provider.clientId());
		assertThat(process.receive()).isEqualTo("ready");
		return process;
	}

	private long spentTwice() {
		Map<String, Integer> sent = new HashMap<>();
		for (RecordedRequest request : this.server.requests(Endpoint.TOKEN)) {
			request.parameters("refresh_token").forEach((token) -> sent.merge(token, 1, Integer::sum));
		}
		return sent.values().stream().filter((times) -> times > 1).count();
	}

	/** What breaks. */
	enum Disturbance {

		/** As {@code kill -9}. */
		KILL(true),

		/** SIGSTOP for longer than a lease, and SIGCONT. */
		STAND_STILL(true), CUT_SESSIONS(false), STORE_STANDS_STILL(false), DISK_FULL(false);

		private final boolean mayCostTheAnswer;

		Disturbance(boolean mayCostTheAnswer) {
			this.mayCostTheAnswer = mayCostTheAnswer;
		}

		static List<Disturbance> of(Shared shared, boolean disk) {
			List<Disturbance> all = new ArrayList<>(List.of(KILL, STAND_STILL));
			switch (shared) {
				case FILE -> {
					if (disk) {
						all.add(DISK_FULL);
					}
				}
				case POSTGRESQL -> all.add(CUT_SESSIONS);
				case REDIS -> all.add(STORE_STANDS_STILL);
			}
			return all;
		}

	}

	/** What processes share. */
	enum Shared {

		FILE, POSTGRESQL, REDIS;

		String url(Path directory) {
			return switch (this) {
				case FILE -> directory.resolve("logins").toUri().toString();
				case POSTGRESQL -> SharedStores.postgres().url();
				case REDIS -> SharedStores.redis().url();
			};
		}

	}

	/** A small file system of its own, which only root can mount. */
	record Disk(Path directory) {

		static Disk mount(Path directory) throws Exception {
			int status = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", directory.toString())
				.start()
				.waitFor();
			return (status == 0) ? new Disk(directory) : null;
		}

		void fill() throws IOException {
			try {
				Files.write(this.directory.resolve("filler"), new byte[1 << 20], StandardOpenOption.CREATE);
			}
			catch (IOException ex) {
				// That is the point.
			}
		}

		void free() throws IOException {
			Files.deleteIfExists(this.directory.resolve("filler"));
		}

		void unmount() throws Exception {
			new ProcessBuilder("umount", "-l", this.directory.toString()).start().waitFor();
		}

	}

}
