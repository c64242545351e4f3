package io.github.oauth2pkce.login;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.autoconfigure.PkceAutoConfiguration;
import io.github.oauth2pkce.login.LoginTransfers.Step;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.registration.ClientIdentities;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.FileTokenStore;
import io.github.oauth2pkce.store.SharedStores;
import io.github.oauth2pkce.store.TokenStore;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

/**
 * A process over the store of one machine. Reads commands from its standard input, one a
 * line, and answers each with a line: {@code halt <step>} makes it stop for good after a
 * step of its next move, {@code export <file>} and {@code import <file>} move a login,
 * {@code refresh} refreshes it at the server, {@code login} has a person log in.
 */
final class TransferProcess {

	static final Seal SEAL = Seal.byPassphrase("correct horse battery staple", 1000);

	private static final CredentialId ID = CredentialId.ofApplication("tools");

	/** After it, others may take the lock of a process that was killed. */
	private static final Duration LEASE = Duration.ofSeconds(3);

	private static final String ANSWER = "> ";

	private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

	private final AtomicReference<String> haltAfter = new AtomicReference<>("");

	private TransferProcess() {
	}

	public static void main(String[] arguments) throws Exception {
		TransferProcess process = new TransferProcess();
		run(new ApplicationContextRunner().withBean(TokenStore.class, () -> open(arguments[2])),
				List.of(properties(arguments[0], arguments[1])), process::step, process::serve);
	}

	private static TokenStore open(String url) {
		return url.startsWith("file:") ? new FileTokenStore(Path.of(URI.create(url)), null, List.of())
				: SharedStores.of(url).open(LEASE);
	}

	private boolean serve(ApplicationContext context, LoginTransfers transfers) {
		answer("ready");
		try {
			BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
			for (String line = in.readLine(); line != null; line = in.readLine()) {
				answer(serve(context, transfers, line.split(" ", 2)));
			}
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
		return true;
	}

	private String serve(ApplicationContext context, LoginTransfers transfers, String[] command) throws Exception {
		Provider provider = context.getBean(Providers.class).get("tools");
		try {
			switch (command[0]) {
				case "halt" -> this.haltAfter.set(command[1]);
				case "export" -> transfers.export(provider, Path.of(command[1]), () -> SEAL);
				case "import" -> transfers.importFrom(transfers.arrival(Path.of(command[1])), SEAL, (id) -> provider);
				case "refresh" -> {
					return refresh(context);
				}
				default -> {
					Login login = context.getBean(Logins.class).start("tools");
					answer(String
						.valueOf(login.shown().get(30, TimeUnit.SECONDS).userCode().verificationUriComplete()));
					login.join();
				}
			}
			return "ok";
		}
		catch (TransferException ex) {
			return "refused: " + ex.getMessage();
		}
	}

	/** By what the store has: it may be another process's. */
	private static String refresh(ApplicationContext context) throws Exception {
		TokenStore store = context.getBean(TokenStore.class);
		Credential before = store.load(ID);
		context.getBean(Credentials.class).current(ID, RefreshTrigger.MANUAL).get(60, TimeUnit.SECONDS);
		Credential after = store.load(ID);
		if (before == null || after == null || after.refreshToken() == null) {
			return "nobody";
		}
		return after.refreshToken().equals(before.refreshToken()) ? "failed: " + after.rejection() : "refreshed";
	}

	private void step(Step step) {
		if (step.name().equals(this.haltAfter.get())) {
			answer("halted");
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}
	}

	private void answer(String text) {
		this.out.println(ANSWER + text);
	}

	/** What every machine has, but for its store. */
	private static String[] properties(String issuer, String clientId) {
		return new String[] { "oauth2.pkce.providers.tools.issuer-uri=" + issuer,
				"oauth2.pkce.providers.tools.client-id=" + clientId, "oauth2.pkce.login.on-startup=never",
				"oauth2.pkce.startup.refresh=false" };
	}

	static String[] properties(String issuer, Path store) {
		String[] properties = properties(issuer, "cli");
		String[] all = java.util.Arrays.copyOf(properties, properties.length + 1);
		all[properties.length] = "oauth2.pkce.store.directory=" + store;
		return all;
	}

	static <T extends @Nullable Object> T run(List<String> properties, Consumer<Step> steps,
			BiFunction<ApplicationContext, LoginTransfers, T> work) {
		return run(new ApplicationContextRunner(), properties, steps, work);
	}

	private static <T extends @Nullable Object> T run(ApplicationContextRunner runner, List<String> properties,
			Consumer<Step> steps, BiFunction<ApplicationContext, LoginTransfers, T> work) {
		AtomicReference<T> result = new AtomicReference<>();
		AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
		runner.withConfiguration(AutoConfigurations.of(PkceAutoConfiguration.class))
			.withPropertyValues(properties.toArray(String[]::new))
			.run((context) -> {
				try {
					result.set(work.apply(context,
							new LoginTransfers(context.getBean(TokenStore.class), context.getBean(Credentials.class),
									context.getBean(ClientIdentities.class), Clock.systemUTC(), Duration.ofSeconds(10),
									steps)));
				}
				catch (RuntimeException | Error ex) {
					failure.set(ex);
				}
			});
		if (failure.get() instanceof RuntimeException ex) {
			throw ex;
		}
		if (failure.get() instanceof Error ex) {
			throw ex;
		}
		return result.get();
	}

	/** The parent's end of such a process. */
	static final class Handle implements AutoCloseable {

		private final Process process;

		private final BufferedReader output;

		/**
		 * Starts a process.
		 * @param store the URL of its store
		 */
		Handle(String issuer, String clientId, String store) throws IOException {
			this.process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
					"-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", System.getProperty("java.class.path"),
					TransferProcess.class.getName(), issuer, clientId, store)
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
				if (line.startsWith(ANSWER)) {
					return line.substring(ANSWER.length());
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
