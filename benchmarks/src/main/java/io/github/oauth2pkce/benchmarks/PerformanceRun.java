package io.github.oauth2pkce.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.oauth2pkce.benchmarks.page.Environment;
import io.github.oauth2pkce.benchmarks.page.PerformancePage;
import io.github.oauth2pkce.benchmarks.part.CallersDuringRefresh;
import io.github.oauth2pkce.benchmarks.part.CredentialCosts;
import io.github.oauth2pkce.benchmarks.part.ManyUsers;
import io.github.oauth2pkce.benchmarks.part.Part;
import io.github.oauth2pkce.benchmarks.part.RunPart;
import io.github.oauth2pkce.benchmarks.part.Scale;
import io.github.oauth2pkce.benchmarks.part.Storms;
import io.github.oauth2pkce.benchmarks.part.Throughput;
import io.github.oauth2pkce.benchmarks.startup.StartUp;

/**
 * The whole run: {@code full} or {@code quick}, the directory for raw results, the root
 * of the project, and the home of another JDK for the requests or {@code none}. Only a
 * full run that has measured everything writes the documents.
 */
public final class PerformanceRun {

	private static final Map<String, Class<? extends Part>> PARTS = parts();

	private final Scale scale;

	private final Path work;

	private final String otherJdk;

	private PerformanceRun(Scale scale, Path work, String otherJdk) {
		this.scale = scale;
		this.work = work;
		this.otherJdk = otherJdk;
	}

	private static Map<String, Class<? extends Part>> parts() {
		Map<String, Class<? extends Part>> parts = new LinkedHashMap<>();
		parts.put("storms", Storms.class);
		parts.put("callers", CallersDuringRefresh.class);
		parts.put("throughput", Throughput.class);
		parts.put("stores", CredentialCosts.class);
		parts.put("users", ManyUsers.class);
		parts.put("startup", StartUp.class);
		return parts;
	}

	public static void main(String[] arguments) throws Exception {
		Scale scale = Scale.valueOf(arguments[0].toUpperCase(Locale.ROOT));
		Path work = Files.createDirectories(Path.of(arguments[1]));
		Path docs = Path.of(arguments[2]).resolve("docs");
		long start = System.nanoTime();
		PerformanceRun run = new PerformanceRun(scale, work, arguments[3]);
		run.measure();
		PerformancePage page = PerformancePage.of(work);
		if (scale == Scale.FULL) {
			run.publish(docs.resolve("performance"));
			Files.writeString(docs.resolve("performance.md"), page.text());
			say("Written: " + docs.resolve("performance.md"));
		}
		else {
			Files.writeString(work.resolve("performance.md"), page.text());
			say("QUICK RUN: everything works; its figures mean nothing, and docs/ was left alone");
		}
		say("Done after " + Duration.ofNanos(System.nanoTime() - start).toSeconds() + " s");
	}

	private void measure() throws IOException, InterruptedException {
		int count = PARTS.size() + 2;
		Environment.write(this.work.resolve("environment.json"));
		say("Part 1 of " + count + ": requests");
		ChildJvm.run(Duration.ofMinutes(40), ClassPath.withoutStores(), RunRequests.class, this.scale.name(),
				file("requests").toString());
		say("Part 2 of " + count + ": turns");
		ChildJvm.run(Duration.ofMinutes(40), ClassPath.whole(), RunTurns.class, this.scale.name(),
				file("turns").toString(), this.otherJdk);
		int number = 3;
		for (Map.Entry<String, Class<? extends Part>> part : PARTS.entrySet()) {
			say("Part " + number++ + " of " + count + ": " + part.getKey());
			String classPath = (part.getValue() == CredentialCosts.class) ? ClassPath.whole()
					: ClassPath.withoutStores();
			ChildJvm.run(Duration.ofMinutes(10), classPath, RunPart.class, part.getValue().getName(), this.scale.name(),
					file(part.getKey()).toString());
		}
	}

	private Path file(String part) {
		return this.work.resolve(part + ".json");
	}

	private void publish(Path directory) throws IOException {
		Files.createDirectories(directory);
		for (String part : PerformancePage.RESULTS) {
			// Where a JDK is installed says nothing to a reader.
			String json = Files.readString(file(part)).replaceAll("(\"jvm\" : )\"[^\"]*\"", "$1\"java\"");
			Files.writeString(directory.resolve(part + ".json"), json);
		}
	}

	private static void say(String text) {
		System.out.println();
		List.of("=".repeat(90), text, "=".repeat(90)).forEach(System.out::println);
	}

}
