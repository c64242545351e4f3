package io.github.oauth2pkce.sample.docs;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

import io.github.oauth2pkce.sample.authserver.DemoAuthorizationServer;
import io.github.oauth2pkce.sample.authserver.DemoSettings;
import io.github.oauth2pkce.sample.docs.Newcomer.Command;
import io.github.oauth2pkce.sample.headless.Person;
import io.github.oauth2pkce.sample.wire.WireAccount;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.util.TestSocketUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Getting started, followed to the letter: the files of the page, built by Maven with the
 * artifacts of this build, run as processes of their own against the sample's
 * authorization server. Only the ports are others.
 */
class GettingStartedIT {

	private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

	private static final Pattern CURL = Pattern.compile("curl(?: -X (POST|DELETE))? (http://\\S+)");

	private static final Pattern LINK = Pattern.compile("http://127\\.0\\.0\\.1:\\d+/activate\\?user_code=[A-Z-]+");

	/** What differs from one login to the next. */
	private static final Pattern OF_THIS_LOGIN = Pattern
		.compile("[A-Z]{4}-[A-Z]{4}|\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z|\\d+(?= minutes?)");

	private final HttpClient http = HttpClient.newHttpClient();

	private final String issuerPort = String.valueOf(TestSocketUtils.findAvailableTcpPort());

	private final String port = String.valueOf(TestSocketUtils.findAvailableTcpPort());

	@TempDir
	Path directory;

	@Test
	@Timeout(value = 15, unit = TimeUnit.MINUTES)
	void workByCopyAndPaste() throws Exception {
		needs(new ProcessBuilder("script", "--version").start().waitFor() == 0, "script of util-linux");
		String page = Files.readString(ROOT.resolve("docs/getting-started.md"))
			.replace("9000", this.issuerPort)
			.replace("8081", this.port);
		String program = section(page, "1. A program");
		String webApplication = section(page, "2. A web application");
		Newcomer newcomer = new Newcomer(Files.createDirectories(this.directory.resolve("models")));
		Path bin = maven(repository());
		Path state = this.directory.resolve("state");
		try (ConfigurableApplicationContext authorizationServer = DemoAuthorizationServer
			.start(new DemoSettings(Integer.parseInt(this.issuerPort), this.directory.resolve("demo"),
					Duration.ofSeconds(30), Duration.ofSeconds(1), false), new WireAccount())) {
			newcomer.write(program);
			String build = Newcomer.blocks(program, "bash").get(0);
			List<String> shown = Newcomer.blocks(program, "text");
			try (Command models = newcomer.type(build, bin, state)) {
				approve(models.until("user_code="));
				String printed = models.toTheEnd();
				assertShown(printed, shown.get(0));
				assertShown(printed, shown.get(1));
				assertThat(models.exitCode()).isZero();
			}
			String run = build.substring(build.indexOf("java -jar")).strip();
			try (Command again = newcomer.type(run, bin, state)) {
				assertThat(again.toTheEnd()).contains("aria-small").doesNotContain("user_code=");
			}
			try (Command failing = newcomer.type(run + " --oauth2.pkce.providers.my-idp.client-id=nobody", bin,
					state)) {
				assertThat(failing.toTheEnd()).contains("invalid_client").doesNotContain("\tat ");
				assertThat(failing.exitCode()).isOne();
			}
			newcomer.write(webApplication);
			newcomer.write(section(page, "4. Your tests"));
			try (Command application = newcomer.type(build, bin, state)) {
				started(application.until("Started Models in"));
				List<String> requests = Newcomer.blocks(webApplication, "bash");
				List<String> answers = Newcomer.blocks(webApplication, "text");
				List<HttpResponse<String>> loggedOut = curl(requests.get(0));
				assertThat(loggedOut.get(0).body()).contains("aria-small");
				assertThat(loggedOut.get(2).statusCode()).isEqualTo(500);
				assertShown(application.until("401 Unauthorized from GET"), answers.get(0));
				HttpResponse<String> begun = curl(requests.get(1)).get(0);
				assertThat(comparable(begun.body())).isEqualTo(comparable(answers.get(1)).strip());
				approve(begun.body());
				application.until("Logged in to 'my-idp'");
				List<HttpResponse<String>> loggedIn = curl(requests.get(2));
				assertThat(loggedIn.get(0).body()).contains("\"status\":\"UP\"");
				assertThat(loggedIn.get(1).body()).contains("aria-small");
			}
			try (Stream<Path> reports = Files.list(this.directory.resolve("models/target/surefire-reports"))) {
				assertThat(reports.map((report) -> report.getFileName().toString()))
					.contains("TEST-com.example.ModelsTests.xml");
			}
		}
	}

	private static String section(String page, String heading) {
		int start = page.indexOf("\n## " + heading + "\n");
		assertThat(start).as(heading).isPositive();
		return page.substring(start, page.indexOf("\n## ", start + 1));
	}

	/** Other lines may be between these, of the log for one. */
	private static void assertShown(String printed, String shown) {
		assertThat(comparable(printed)).containsSubsequence(comparable(shown).lines()
			.map((line) -> line.replaceFirst("…$", ""))
			.filter((line) -> !line.isBlank())
			.toList());
	}

	private static String comparable(String text) {
		return OF_THIS_LOGIN.matcher(text).replaceAll("…").replaceAll("(?m)[ \\r]+$", "");
	}

	private static void approve(String printed) throws IOException, InterruptedException {
		Matcher link = LINK.matcher(printed);
		if (!link.find()) {
			started(printed);
		}
		new Person("alice", "alice").approve(URI.create(link.group()));
	}

	private static void started(String printed) {
		needs(!printed.matches("(?s).*(in offline mode|Could not transfer artifact).*"),
				"what Maven could not fetch:\n" + printed);
		assertThat(printed).doesNotContain("BUILD FAILURE", "[ERROR]").containsAnyOf("user_code=", "Started Models in");
	}

	/** In CI there is no excuse. */
	private static void needs(boolean met, String what) {
		if (!met && !"true".equals(System.getenv("GETTING_STARTED_REQUIRED"))) {
			throw new TestAbortedException("This test needs " + what);
		}
	}

	private List<HttpResponse<String>> curl(String commands) throws IOException, InterruptedException {
		List<HttpResponse<String>> answers = new ArrayList<>();
		for (String command : commands.strip().split("\n")) {
			Matcher curl = CURL.matcher(command);
			assertThat(curl.matches()).as(command).isTrue();
			String method = (curl.group(1) != null) ? curl.group(1) : "GET";
			answers.add(this.http.send(
					HttpRequest.newBuilder(URI.create(curl.group(2))).method(method, BodyPublishers.noBody()).build(),
					BodyHandlers.ofString()));
		}
		return answers;
	}

	/** Maven as it runs this build, but for our own artifacts. */
	private Path maven(Path repository) throws IOException {
		Path bin = Files.createDirectories(this.directory.resolve("bin"));
		Path script = Files.writeString(bin.resolve("mvn"), """
				#!/bin/sh
				export MAVEN_OPTS='-XX:TieredStopAtLevel=1 -XX:+UseSerialGC'
				exec '%s/bin/mvn' -B %s -Dmaven.repo.local='%s' "$@"
				""".formatted(System.getProperty("build.maven"),
				System.getProperty("build.offline").endsWith("true") ? "-o" : "", repository));
		Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
		return bin;
	}

	/**
	 * The local repository, with the artifacts of this build in place of those that
	 * somebody may have installed there.
	 */
	private Path repository() throws IOException {
		Path repository = this.directory.resolve("repository");
		Path ours = Path.of("io", "github", "oauth2pkce");
		Path local = Path.of(System.getProperty("build.repository"));
		for (int depth = 0; depth <= 2; depth++) {
			Path parent = (depth > 0) ? ours.subpath(0, depth) : Path.of("");
			Files.createDirectories(repository.resolve(parent));
			if (Files.isDirectory(local.resolve(parent))) {
				try (Stream<Path> children = Files.list(local.resolve(parent))) {
					for (Path child : children.toList()) {
						if (!local.resolve(ours).startsWith(child)) {
							Files.createSymbolicLink(repository.resolve(parent).resolve(child.getFileName()), child);
						}
					}
				}
			}
		}
		install(repository.resolve(ours), "oauth2-pkce-parent", ROOT);
		install(repository.resolve(ours), "oauth2-pkce-autoconfigure", ROOT.resolve("oauth2-pkce-autoconfigure"));
		install(repository.resolve(ours), "oauth2-pkce-starter", ROOT.resolve("oauth2-pkce-starter"));
		return repository;
	}

	private static void install(Path repository, String artifactId, Path module) throws IOException {
		String version = System.getProperty("build.version");
		String name = artifactId + "-" + version;
		Path target = Files.createDirectories(repository.resolve(artifactId).resolve(version));
		Files.copy(module.resolve("pom.xml"), target.resolve(name + ".pom"));
		Path jar = module.resolve("target").resolve(name + ".jar");
		if (Files.exists(jar)) {
			Files.copy(jar, target.resolve(name + ".jar"));
		}
	}

}
