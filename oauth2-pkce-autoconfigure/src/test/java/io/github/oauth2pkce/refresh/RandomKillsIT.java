package io.github.oauth2pkce.refresh;

import java.io.IOException;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.refresh.RefreshProcess.Handle;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.SharedStores;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Answer;
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
import static org.assertj.core.api.Assertions.fail;

/**
 * Two processes share a login whose refresh tokens work once, and something breaks at a
 * random moment of each refresh: a process is killed, or stands still for longer than a
 * lease, or the store is cut off, stands still or is full. After each round the store has
 * the newest refresh token that the server has issued, and no refresh token was sent
 * twice, but for what no client can help: a process that dies with an answer that is not
 * saved yet takes the login with it, and one that stands still for longer than its lease,
 * after it has made sure for the last time that it is alone, sends a token that another
 * one sends as well. Every other login is bound to a key (RFC 9449), without which its
 * refresh tokens are worth nothing. How often is {@code -Dkills=}, over which stores
 * {@code -Dkills.stores=FILE,REDIS}, from which seed {@code -Dkills.seed=}.
 */
class RandomKillsIT {

	private static final int ROUNDS = Integer.getInteger("kills", 30);

	/** A new login, bound or not, every so many rounds. */
	private static final int LOGIN = 10;

	private static final Duration LEASE = Duration.ofSeconds(1);

	private static final CredentialId ID = CredentialId.ofApplication("demo");

	private final long seed = Long.getLong("kills.seed", System.nanoTime());

	private final Random random = new Random(this.seed);

	private final MovableClock clock = new MovableClock(TestCredentials.NOW);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start("", this.clock);

	private final Provider provider = TestProviders.device(this.server).build();

	private final ExecutorService readers = Executors.newCachedThreadPool();

	private final Handle[] processes = new Handle[2];

	private final Map<Disturbance, Integer> counts = new EnumMap<>(Disturbance.class);

	private final Map<Disturbance, Integer> lost = new EnumMap<>(Disturbance.class);

	private final Map<Disturbance, Integer> sentTwice = new EnumMap<>(Disturbance.class);

	private final Map<String, List<RecordedRequest>> sendings = new HashMap<>();

	private final Set<String> sentInRound = new HashSet<>();

	private int read;

	private String url = "";

	private TokenStore store;

	/** The refresh token of the last login. */
	private String first = "";

	/** The key that the last login is bound to, if it is. */
	private DpopKey key;

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
	@MethodSource("stores")
	void loginOutlivesWhateverBreaks(Shared shared, @TempDir Path directory) throws Exception {
		this.server.tokens().rotation(RefreshTokenRotation.ONE_TIME);
		// Only the logins' clock can be moved, and not the one of proofs.
		this.server.dpop().ignoreTime();
		Disk disk = (shared == Shared.FILE) ? Disk.mount(directory) : null;
		try {
			this.url = shared.url(directory);
			this.store = RefreshProcess.open(this.url, LEASE);
			logIn();
			for (int i = 0; i < this.processes.length; i++) {
				this.processes[i] = start();
			}
			for (int round = 1; round <= ROUNDS; round++) {
				round(shared, disk);
				if (round % LOGIN == 0) {
					logIn();
				}
			}
			System.out
				.println("random kills, " + shared + ": " + this.counts + ", logins lost between answer and save: "
						+ this.lost + ", refresh tokens sent twice: " + this.sentTwice + ", refreshes granted: "
						+ this.server.refreshesGranted() + ", seed: " + this.seed);
		}
		finally {
			if (disk != null) {
				disk.unmount();
			}
		}
	}

	private void round(Shared shared, Disk disk) throws Exception {
		this.clock.advance(RefreshWorld.LONG);
		// Something breaks while an answer is on its way, too.
		Duration onItsWay = Duration.ofMillis(this.random.nextBoolean() ? this.random.nextInt(40) : 0);
		this.server.answerAlways(Endpoint.TOKEN, Answer.normally().delayed(onItsWay));
		List<Future<String>> answers = new ArrayList<>();
		for (Handle process : this.processes) {
			process.ask("at " + this.clock.instant().getEpochSecond());
			answers.add(this.readers.submit(() -> process.ask("refresh")));
		}
		pause(this.random.nextInt(60));
		List<Disturbance> possible = Disturbance.of(shared, disk != null);
		Disturbance disturbance = possible.get(this.random.nextInt(possible.size()));
		this.counts.merge(disturbance, 1, Integer::sum);
		Hit hit = disturb(disturbance, this.random.nextInt(this.processes.length), disk, shared);
		for (Future<String> answer : answers) {
			try {
				if (answer.get(90, TimeUnit.SECONDS).startsWith("reauthentication_required")) {
					assertThat(hit.processes()).as("a rejected refresh token after " + hit).isTrue();
				}
			}
			catch (ExecutionException ex) {
				assertThat(disturbance).as("a process has ended").isEqualTo(Disturbance.KILL);
			}
		}
		settle(hit);
	}

	/** Everything works again: so does the login, in both processes. */
	private void settle(Hit hit) throws Exception {
		for (Handle process : this.processes) {
			String answer = "";
			for (int attempt = 0; attempt < 10 && !answer.startsWith("token "); attempt++) {
				this.clock.advance(Duration.ofMinutes(2));
				process.ask("at " + this.clock.instant().getEpochSecond());
				answer = process.ask("refresh");
				if (answer.startsWith("reauthentication_required")) {
					assertLossIsNobodysFault(hit);
					this.lost.merge(hit.disturbance(), 1, Integer::sum);
					logIn();
				}
			}
			assertThat(answer).as("after " + hit).startsWith("token ");
		}
		assertStoreHasTheNewest(hit);
		assertThat(this.store.load(ID).origin().key()).as("the login's key, after " + hit).isEqualTo(this.key);
		assertThat(this.server.dpop().refusals()).as("refused proofs, after " + hit).isEmpty();
		assertNobodySentTwiceWhoCouldHelpIt(hit);
	}

	/** The server has answered a process that was killed before it could save. */
	private void assertLossIsNobodysFault(Hit hit) {
		readSendings();
		String stored = stored();
		String newest = this.server.newestRefreshToken(this.first);
		assertThat(newest).as("granted, and not stored, after " + hit).isNotEqualTo(stored);
		assertThat(hit.costsTheAnswerTo(this.sendings.get(stored).get(0))).as("lost by whoever was hit, after " + hit)
			.isTrue();
		assertThat(this.sendings).as("only the last answer, after " + hit).doesNotContainKey(newest);
	}

	private void assertStoreHasTheNewest(Hit hit) throws InterruptedException {
		for (int i = 0; i < 1000; i++) {
			if (stored().equals(this.server.newestRefreshToken(this.first))) {
				return;
			}
			// A refresh ahead is under way.
			pause(10);
		}
		fail("The store does not have the newest refresh token after " + hit);
	}

	private void assertNobodySentTwiceWhoCouldHelpIt(Hit hit) {
		readSendings();
		for (String token : this.sentInRound) {
			List<RecordedRequest> sent = this.sendings.get(token);
			if (sent.size() > 1) {
				assertThat(sent).as("sent twice, after " + hit).hasSize(2);
				assertThat(hit.excuses(sent.get(0), sent.get(1)))
					.as(hit + " makes " + sender(sent.get(0)) + " and " + sender(sent.get(1)) + " send the same token")
					.isTrue();
				this.sentTwice.merge(hit.disturbance(), 1, Integer::sum);
			}
		}
		this.sentInRound.clear();
	}

	private void readSendings() {
		List<RecordedRequest> requests = this.server.requests(Endpoint.TOKEN);
		for (RecordedRequest request : requests.subList(this.read, requests.size())) {
			String token = request.parameter("refresh_token");
			if (token != null) {
				this.sendings.computeIfAbsent(token, (first) -> new ArrayList<>()).add(request);
				this.sentInRound.add(token);
			}
		}
		this.read = requests.size();
	}

	private String stored() {
		return this.store.load(ID).refreshToken();
	}

	private static String sender(RecordedRequest request) {
		return request.header("User-Agent");
	}

	private Hit disturb(Disturbance disturbance, int victim, Disk disk, Shared shared) throws Exception {
		long pid = this.processes[victim].pid();
		long before = this.server.requests().size();
		switch (disturbance) {
			case KILL -> {
				this.processes[victim].kill();
				this.processes[victim] = start();
			}
			case STAND_STILL -> standStill(pid, LEASE.toMillis() + 500);
			case CUT_SESSIONS -> cutSessions();
			case STORE_STANDS_STILL -> standStill(EmbeddedServers.redisPid(), 300);
			case DISK_FULL -> {
				disk.fill();
				pause(this.random.nextInt(200));
				disk.free();
			}
		}
		return new Hit(disturbance, shared, RefreshProcess.userAgent(pid), before, System.currentTimeMillis());
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
		try (Connection connection = DriverManager.getConnection(this.url);
				Statement statement = connection.createStatement()) {
			statement.execute("select pg_terminate_backend(pid) from pg_stat_activity"
					+ " where pid <> pg_backend_pid() and backend_type = 'client backend'");
		}
	}

	private void logIn() {
		this.key = (this.key == null) ? DpopKey.generate() : null;
		TokenResponse response = TestLogins.device(this.server, this.provider.withKey(this.key));
		Origin origin = new Origin(null, this.server.uri(Endpoint.TOKEN).toString(), this.provider.client().id(), null,
				null, null, this.key);
		// A refresh ahead may be under way.
		try (TokenStore.Lock lock = this.store.lock(ID, Duration.ofSeconds(30))) {
			assertThat(lock.isHeld()).isTrue();
			Credential before = this.store.load(ID);
			long generation = (before != null) ? before.generation() : Credential.NONE;
			assertThat(this.store.save(Credential.issued(ID, origin, response, this.provider.request().scopes(),
					response.expiresIn(), generation, this.clock.instant()), generation))
				.isTrue();
		}
		this.first = response.refreshToken();
	}

	private Handle start() throws IOException {
		Handle process = new Handle(this.url, LEASE, this.server.uri(Endpoint.TOKEN), this.provider.client().id());
		assertThat(process.receive()).isEqualTo("ready");
		return process;
	}

	static Stream<Shared> stores() {
		return Stream.of(System.getProperty("kills.stores", "FILE,POSTGRESQL,REDIS").split(",")).map(Shared::valueOf);
	}

	/**
	 * What broke in a round.
	 *
	 * @param victim the process that was hit, if one was
	 * @param before how many requests the server had got then
	 * @param until when it was over
	 */
	record Hit(Disturbance disturbance, Shared shared, String victim, long before, long until) {

		/** Whether it hit a process and not the store. */
		boolean processes() {
			return this.disturbance == Disturbance.KILL || this.disturbance == Disturbance.STAND_STILL;
		}

		/** Whether the answer to a request ended with the process that waited for it. */
		boolean costsTheAnswerTo(RecordedRequest request) {
			return this.disturbance == Disturbance.KILL && isVictims(request);
		}

		/** Whether two processes could not know of each other's request. */
		boolean excuses(RecordedRequest first, RecordedRequest second) {
			if (second.order() <= this.before) {
				return false;
			}
			return switch (this.disturbance) {
				case KILL -> costsTheAnswerTo(first);
				case STAND_STILL -> this.shared != Shared.FILE && (isFromBefore(first) || isFromBefore(second));
				default -> false;
			};
		}

		/** Whether the victim made sure that it was alone before it stood still. */
		private boolean isFromBefore(RecordedRequest request) {
			return isVictims(request) && Long.parseLong(request.header(RefreshProcess.HELD_AT)) <= this.until;
		}

		private boolean isVictims(RecordedRequest request) {
			return this.victim.equals(sender(request));
		}

	}

	/** What breaks. */
	enum Disturbance {

		/** As {@code kill -9}. */
		KILL,

		/** SIGSTOP for longer than a lease, and SIGCONT. */
		STAND_STILL, CUT_SESSIONS, STORE_STANDS_STILL, DISK_FULL;

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
