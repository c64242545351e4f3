package io.github.oauth2pkce.login;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
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
import io.github.oauth2pkce.registration.ClientIdentities;
import io.github.oauth2pkce.store.TokenStore;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

/** Moves a login in a process of its own, which ends after a step. */
final class TransferProcess {

	static final Seal SEAL = Seal.byPassphrase("correct horse battery staple", 1000);

	private static final int KILLED = 137;

	private TransferProcess() {
	}

	public static void main(String[] arguments) {
		Step end = Step.valueOf(arguments[0]);
		Path file = Path.of(arguments[4]);
		run(List.of(properties(arguments[2], Path.of(arguments[3]))), (step) -> {
			if (step == end) {
				Runtime.getRuntime().halt(KILLED);
			}
		}, (context, transfers) -> {
			Provider provider = context.getBean(Providers.class).get("tools");
			return arguments[1].equals("export") ? transfers.export(provider, file, () -> SEAL)
					: transfers.importFrom(transfers.arrival(file), SEAL, (id) -> provider);
		});
	}

	static void killedAfter(Step step, String action, String issuer, Path store, Path file) throws Exception {
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", System.getProperty("java.class.path"),
				TransferProcess.class.getName(), step.name(), action, issuer, store.toString(), file.toString())
			.redirectOutput(ProcessBuilder.Redirect.DISCARD)
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
		try {
			if (!process.waitFor(50, TimeUnit.SECONDS) || process.exitValue() != KILLED) {
				throw new AssertionError("It was not killed after " + step + ", but ended otherwise, or not at all");
			}
		}
		finally {
			process.destroyForcibly();
		}
	}

	static String[] properties(String issuer, Path store) {
		return new String[] { "oauth2.pkce.providers.tools.issuer-uri=" + issuer,
				"oauth2.pkce.providers.tools.client-id=cli", "oauth2.pkce.login.on-startup=never",
				"oauth2.pkce.startup.refresh=false", "oauth2.pkce.store.directory=" + store };
	}

	static <T extends @Nullable Object> T run(List<String> properties, Consumer<Step> steps,
			BiFunction<ApplicationContext, LoginTransfers, T> work) {
		AtomicReference<T> result = new AtomicReference<>();
		AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(PkceAutoConfiguration.class))
			.withPropertyValues(properties.toArray(String[]::new))
			.run((context) -> {
				try {
					result.set(work.apply(context,
							new LoginTransfers(context.getBean(TokenStore.class), context.getBean(Credentials.class),
									context.getBean(ClientIdentities.class), Clock.systemUTC(), Duration.ofSeconds(5),
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

}
