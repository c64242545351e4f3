package io.github.oauth2pkce.benchmarks.startup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.springframework.util.FileSystemUtils;

import io.github.oauth2pkce.benchmarks.ChildJvm;
import io.github.oauth2pkce.benchmarks.ClassPath;
import io.github.oauth2pkce.benchmarks.Tokens;
import io.github.oauth2pkce.benchmarks.part.Samples;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.FileTokenStore;

/**
 * What the starter adds to a command-line program, which starts for every line that a
 * person types. All take turns, each in a JVM of its own; a difference is that of one
 * turn.
 */
final class ProgramStarts {

	private static final String SCENARIO = "a command-line program";

	private static final String WITHOUT = "without the starter";

	private static final Duration GIVE_UP = Duration.ofSeconds(45);

	private static final String PROVIDER = "oauth2.pkce.providers.tools.";

	private static final String SPRING = "spring.security.oauth2.client.";

	private final Map<String, Program> programs = new LinkedHashMap<>();

	private ProgramStarts(Path nobody, Path somebody) {
		this.programs.put(WITHOUT, new Program(ClassPath.ofProgramWithoutStarter(), List.of()));
		this.programs.put("Spring Boot's client, a registration",
				new Program(ClassPath.ofProgramWithSpringClient(),
						List.of(SPRING + "registration.tools.client-id=client",
								SPRING + "registration.tools.authorization-grant-type=client_credentials",
								SPRING + "provider.tools.token-uri=http://127.0.0.1:1/token")));
		String classPath = ClassPath.ofProgram();
		this.programs.put("this starter, no provider", new Program(classPath, List.of()));
		this.programs.put("this starter, nobody is logged in", new Program(classPath, provider(nobody)));
		this.programs.put("this starter, somebody is logged in", new Program(classPath, provider(somebody)));
		List<String> status = new ArrayList<>(provider(somebody));
		status.add("oauth2.pkce.command=status");
		this.programs.put("this starter, the command `status`", new Program(classPath, status));
	}

	/** Contacts nobody: nothing listens there. */
	private static List<String> provider(Path store) {
		return List.of(PROVIDER + "client-id=client", PROVIDER + "issuer-uri=http://127.0.0.1:1",
				PROVIDER + "base-urls=http://127.0.0.1:1/api", "oauth2.pkce.store.directory=" + store);
	}

	static void measure(int turns, Samples samples) throws IOException, InterruptedException {
		Path nobody = Files.createTempDirectory("nobody");
		Path somebody = Files.createTempDirectory("somebody");
		try {
			new FileTokenStore(nobody, null, List.of());
			logIn(new FileTokenStore(somebody, null, List.of()));
			ProgramStarts starts = new ProgramStarts(nobody, somebody);
			// The first one reads the jars from the disk.
			for (Program program : starts.programs.values()) {
				program.run();
			}
			for (int turn = 0; turn < turns; turn++) {
				List<String> order = new ArrayList<>(starts.programs.keySet());
				if (turn % 2 == 1) {
					Collections.reverse(order);
				}
				starts.turn(samples, order);
			}
		}
		finally {
			FileSystemUtils.deleteRecursively(nobody);
			FileSystemUtils.deleteRecursively(somebody);
		}
	}

	private static void logIn(FileTokenStore store) {
		Instant now = Instant.now();
		store.save(new Credential(CredentialId.ofApplication("tools"),
				new Credential.Origin("http://127.0.0.1:1", "http://127.0.0.1:1/token", "client"),
				Tokens.accessToken("program"), "refresh", Set.of(), now, now.plus(Duration.ofDays(1)), null, null, null,
				null, 1), Credential.NONE);
	}

	private void turn(Samples samples, List<String> order) throws IOException, InterruptedException {
		Map<String, Run> runs = new LinkedHashMap<>();
		for (String subject : order) {
			runs.put(subject, Objects.requireNonNull(this.programs.get(subject)).run());
		}
		Run without = Objects.requireNonNull(runs.get(WITHOUT));
		for (String subject : this.programs.keySet()) {
			Run run = Objects.requireNonNull(runs.get(subject));
			add(samples, subject, "until it has started, ms", run.started());
			add(samples, subject, "until its end, ms", run.ended());
			add(samples, subject, "memory, MB", run.memory());
			if (run != without) {
				// Not a number for a command, which never starts the application.
				add(samples, subject, "more until it has started, ms (goal: 150)", run.started() - without.started());
				add(samples, subject, "more until its end, ms", run.ended() - without.ended());
				add(samples, subject, "more memory, MB (goal: 10)", run.memory() - without.memory());
			}
		}
	}

	private static void add(Samples samples, String subject, String metric, double value) {
		if (!Double.isNaN(value)) {
			samples.add(SCENARIO, subject, metric, value);
		}
	}

	/**
	 * One start.
	 *
	 * @param started milliseconds until the application has started
	 * @param ended milliseconds until the JVM has ended
	 * @param memory the most that was resident, in MB
	 */
	private record Run(double started, double ended, double memory) {

	}

	/**
	 * What is started.
	 *
	 * @param classPath its class path
	 * @param properties its properties
	 */
	private record Program(String classPath, List<String> properties) {

		Run run() throws IOException, InterruptedException {
			long start = System.nanoTime();
			double started = Double.NaN;
			double memory = Double.NaN;
			try (ChildJvm jvm = ChildJvm.startQuietly(this.classPath, RunProgram.class,
					this.properties.toArray(String[]::new))) {
				for (String line = jvm.readLine(GIVE_UP); line != null; line = jvm.readLine(GIVE_UP)) {
					if (line.equals(RunProgram.STARTED)) {
						started = (System.nanoTime() - start) / 1e6;
					}
					else if (line.startsWith(RunProgram.MEMORY)) {
						memory = Double.parseDouble(line.substring(RunProgram.MEMORY.length())) * 1024 / 1e6;
					}
				}
				return new Run(started, (System.nanoTime() - start) / 1e6, memory);
			}
		}

	}

}
