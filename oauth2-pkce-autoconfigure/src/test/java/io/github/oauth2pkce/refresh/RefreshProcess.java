package io.github.oauth2pkce.refresh;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Endpoints;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.FileTokenStore;
import io.github.oauth2pkce.store.SharedStores;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.ForwardingTokenStore;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.TokenEndpoint;

/**
 * A process of its own over a store that processes share. Reads commands from its
 * standard input, one a line, and answers each with a line: {@code at <epoch second>}
 * sets its clock, {@code halt <step>} makes it stop for good at a step of its next
 * refresh, {@code refresh} asks for a token.
 */
final class RefreshProcess {

	/** Header with the time when this process asked whether it still holds the lock. */
	static final String HELD_AT = "Held-At";

	private final AtomicLong heldAt = new AtomicLong();

	private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);

	private final AtomicReference<String> haltAt = new AtomicReference<>("");

	private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

	private final Credentials credentials;

	private RefreshProcess(TokenStore store, URI tokenEndpoint, String clientId) {
		Provider provider = Provider.withId("demo", clientId)
			.endpoints(new Endpoints(null, null, tokenEndpoint, null))
			.build();
		AuthorizationServerClient client = TestLogins.client(Duration.ofSeconds(30), (headers) -> {
			headers.set("User-Agent", userAgent(ProcessHandle.current().pid()));
			headers.set(HELD_AT, Long.toString(this.heldAt.get()));
		});
		this.credentials = Credentials
			.builder(new Providers(List.of(provider)), new TokenEndpoint(client), new Discovery(client, this.now::get))
			.store(new HaltingStore(store))
			.settings(new RefreshSettings(Duration.ofSeconds(30), Duration.ofSeconds(30)))
			.clock(this.now::get)
			.build();
	}

	public static void main(String[] args) throws Exception {
		new RefreshProcess(open(args[0], Duration.parse(args[1])), URI.create(args[2]), args[3]).serve();
	}

	/** By which a server tells processes apart. */
	static String userAgent(long pid) {
		return "process/" + pid;
	}

	/** A store by its URL, as every process finds it. */
	static TokenStore open(String url, Duration lease) {
		return url.startsWith("file:") ? new FileTokenStore(Path.of(URI.create(url)), null, List.of())
				: SharedStores.of(url).open(lease);
	}

	private void serve() throws Exception {
		this.out.println("ready");
		BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		for (String line = in.readLine(); line != null; line = in.readLine()) {
			this.out.println(answer(line.split(" ")));
		}
		System.exit(0);
	}

	private String answer(String[] command) throws Exception {
		switch (command[0]) {
			case "at" -> this.now.set(Instant.ofEpochSecond(Long.parseLong(command[1])));
			case "halt" -> this.haltAt.set(command[1]);
			default -> {
				BearerToken token = this.credentials.current(CredentialId.ofApplication("demo"), RefreshTrigger.EXPIRY)
					.get(60, TimeUnit.SECONDS);
				return (token instanceof BearerToken.Skipped skipped) ? skipped.reason() + " " + skipped.state()
						: "token " + ((BearerToken.Available) token).accessToken();
			}
		}
		return "ok";
	}

	/** Tells where it is, and stays there until it is killed. */
	private void step(String name) {
		if (name.equals(this.haltAt.get())) {
			this.out.println("halted " + name);
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}
	}

	private final class HaltingStore extends ForwardingTokenStore {

		private HaltingStore(TokenStore store) {
			super(store);
		}

		@Override
		public boolean save(Credential credential, long expectedGeneration) {
			step("before-save");
			boolean saved = super.save(credential, expectedGeneration);
			step("after-save");
			return saved;
		}

		@Override
		public Lock lock(CredentialId id, Duration timeout) {
			Lock lock = super.lock(id, timeout);
			return new Lock() {

				@Override
				public boolean isHeld() {
					RefreshProcess.this.heldAt.set(System.currentTimeMillis());
					return lock.isHeld();
				}

				@Override
				public void close() {
					lock.close();
				}

			};
		}

		@Override
		public void checkWritable(CredentialId id) {
			super.checkWritable(id);
			step("before-request");
		}

	}

	/** The parent's end of such a process. */
	static final class Handle implements AutoCloseable {

		private final Process process;

		private final BufferedReader output;

		Handle(String store, Duration lease, URI tokenEndpoint, String clientId) throws IOException {
			this(List.of(), store, lease, tokenEndpoint, clientId);
		}

		/**
		 * Starts a process.
		 * @param within a command that runs the command that follows it
		 */
		Handle(List<String> within, String store, Duration lease, URI tokenEndpoint, String clientId)
				throws IOException {
			List<String> command = new ArrayList<>(within);
			command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
					"-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", System.getProperty("java.class.path"),
					RefreshProcess.class.getName(), store, lease.toString(), tokenEndpoint.toString(), clientId));
			this.process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
			this.output = this.process.inputReader(StandardCharsets.UTF_8);
		}

		void send(String command) throws IOException {
			this.process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
			this.process.getOutputStream().flush();
		}

		/** The next line that is an answer and not a log line. */
		String receive() throws IOException {
			while (true) {
				String line = this.output.readLine();
				if (line == null) {
					throw new IOException("The process has ended");
				}
				if (line.matches("(ready|ok|token|halted|[a-z]+_[a-z_]+).*")) {
					return line;
				}
			}
		}

		String ask(String command) throws IOException {
			send(command);
			return receive();
		}

		long pid() {
			return this.process.pid();
		}

		/** As kill -9: no shutdown hook, no finally. */
		void kill() throws InterruptedException {
			this.process.destroyForcibly().waitFor();
		}

		@Override
		public void close() {
			this.process.destroyForcibly();
		}

	}

}
