package io.github.oauth2pkce.registration;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.FileTokenStore;
import io.github.oauth2pkce.store.SharedStores;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.ForwardingTokenStore;

/**
 * An application that knows a resource only, in a process of its own. Reads commands from
 * its standard input, one a line, and answers each with a line: {@code halt <step>} makes
 * it stop for good at a step of its next login, {@code login} logs in, {@code call} calls
 * the resource, {@code calls <number>} that often at once.
 */
final class RegistrationProcess {

	private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

	private final URI resourceUri;

	private final ResourceFirstWorld.Application application;

	private volatile String haltAt = "";

	private RegistrationProcess(String store, String resourceUri) {
		this.resourceUri = URI.create(resourceUri);
		TokenStore halting = new HaltingStore(open(store));
		this.application = ResourceFirstWorld.start(List.of("oauth2.pkce.providers.tools.resource-uri=" + resourceUri,
				"oauth2.pkce.login.on-request=always", "oauth2.pkce.login.timeout=1m"), halting);
	}

	public static void main(String[] args) throws IOException {
		new RegistrationProcess(args[0], args[1]).serve();
	}

	static TokenStore open(String url) {
		return url.startsWith("file:") ? new FileTokenStore(Path.of(URI.create(url)), null, List.of())
				: SharedStores.of(url).open(Duration.ofSeconds(2));
	}

	private void serve() throws IOException {
		this.out.println("> ready");
		BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		for (String line = in.readLine(); line != null; line = in.readLine()) {
			this.out.println("> " + answer(line.split(" ")));
		}
		System.exit(0);
	}

	private String answer(String[] command) {
		switch (command[0]) {
			case "halt" -> this.haltAt = command[1];
			case "login" -> {
				try {
					this.application.logIn();
				}
				catch (LoginException ex) {
					return ex.errorCode();
				}
			}
			case "calls" -> {
				return calls(Integer.parseInt(command[1])).toString();
			}
			default -> {
				return Integer.toString(this.application.call(this.resourceUri));
			}
		}
		return "ok";
	}

	/** What came of calls that were made at once. */
	private Set<Integer> calls(int number) {
		return IntStream.range(0, number)
			.mapToObj((i) -> CompletableFuture.supplyAsync(() -> this.application.call(this.resourceUri),
					(task) -> new Thread(task).start()))
			.toList()
			.stream()
			.map(CompletableFuture::join)
			.collect(Collectors.toSet());
	}

	/** Tells where it is, and stays there until it is killed. */
	private void step(String name) {
		if (name.equals(this.haltAt)) {
			this.out.println("> halted " + name);
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
			// A claim is neither.
			String record = !credential.accessToken().isEmpty() ? "login"
					: (credential.origin().client() != null) ? "registration" : "claim";
			step("before-" + record);
			boolean saved = super.save(credential, expectedGeneration);
			step("after-" + record);
			return saved;
		}

	}

	/** The parent's end of such a process. */
	static final class Handle implements AutoCloseable {

		private final Process process;

		private final BufferedReader output;

		Handle(String store, URI resourceUri) throws IOException {
			this.process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
					"-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", System.getProperty("java.class.path"),
					RegistrationProcess.class.getName(), store, resourceUri.toString())
				.redirectError(ProcessBuilder.Redirect.DISCARD)
				.start();
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
				if (line.startsWith("> ")) {
					return line.substring(2);
				}
			}
		}

		String ask(String command) throws IOException {
			send(command);
			return receive();
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
