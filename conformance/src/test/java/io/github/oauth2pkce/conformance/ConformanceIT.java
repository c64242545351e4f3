package io.github.oauth2pkce.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

/**
 * The official MCP conformance suite plays authorization server and MCP server, and
 * judges {@link ConformanceClient}. Two scenarios at a time: a suite of its own accord
 * starts all clients at once.
 *
 * <p>
 * A listed failure has to fail. {@code target/conformance} has the verdicts in
 * {@code summary.txt}, and what was said in each run.
 */
@Execution(ExecutionMode.CONCURRENT)
class ConformanceIT {

	private static final List<String> BASIC = List.of("initialize", "tools_call");

	/** The scenarios that every client has to pass, which are older than 2026-07-28. */
	private static final List<String> CORE = List.of("auth/metadata-default", "auth/metadata-var1",
			"auth/metadata-var2", "auth/metadata-var3", "auth/basic-cimd", "auth/scope-from-www-authenticate",
			"auth/scope-from-scopes-supported", "auth/scope-omitted-when-undefined", "auth/scope-step-up",
			"auth/scope-retry-limit", "auth/token-endpoint-auth-basic", "auth/token-endpoint-auth-post",
			"auth/token-endpoint-auth-none", "auth/pre-registration");

	/** What 2026-07-28 adds. */
	private static final List<String> ADDED = List.of("auth/resource-mismatch", "auth/offline-access-scope",
			"auth/offline-access-not-supported", "auth/authorization-server-migration", "auth/iss-supported",
			"auth/iss-not-advertised", "auth/iss-supported-missing", "auth/iss-wrong-issuer", "auth/iss-unexpected",
			"auth/iss-normalized", "auth/metadata-issuer-mismatch");

	private static final List<String> CLIENT_CREDENTIALS = List.of("auth/client-credentials-basic",
			"auth/client-credentials-jwt");

	private static final List<String> DPOP = List.of("auth/dpop", "auth/dpop-nonce");

	private static final List<String> OTHER_EXTENSIONS = List.of("auth/enterprise-managed-authorization",
			"auth/wif-jwt-bearer");

	private static final List<String> OF_2025_03_26 = List.of("auth/2025-03-26-oauth-metadata-backcompat",
			"auth/2025-03-26-oauth-endpoint-fallback");

	private static final Map<String, String> EXPECTED_FAILURES = ExpectedFailures.read();

	/** A part of the names of the scenarios that are played. */
	private static final String ONLY = System.getProperty("conformance.scenario", "");

	private static final Path SUMMARY = Work.DIRECTORY.resolve("summary.txt");

	private static Suite released;

	private static Suite next;

	@BeforeAll
	static void install() throws IOException {
		released = Suite.installed("conformance-0.1");
		next = Suite.installed("conformance-0.2");
		Files.deleteIfExists(SUMMARY);
		new Run(next, "auth/metadata-default", "archiving", "2025-11-25").play(Client.archiving());
	}

	@TestFactory
	Stream<DynamicTest> releasedSuiteOverWebClient() {
		return play(released, "webclient", "2025-11-25", Stream.of(CORE));
	}

	@TestFactory
	Stream<DynamicTest> handshakeOverWebClient() {
		return play(next, "webclient", "2025-11-25",
				Stream.of(BASIC, CORE, ADDED, CLIENT_CREDENTIALS, DPOP, OTHER_EXTENSIONS, OF_2025_03_26));
	}

	@TestFactory
	Stream<DynamicTest> handshakeOverTheHttpClientOfTheJdk() {
		return play(next, "jdk", "2025-11-25", Stream.of(BASIC, CORE, CLIENT_CREDENTIALS, DPOP));
	}

	@TestFactory
	Stream<DynamicTest> statelessOverTheHttpClientOfTheJdk() {
		return play(next, "stateless", "2026-07-28",
				Stream.of(List.of("tools_call"), CORE, ADDED, CLIENT_CREDENTIALS, DPOP));
	}

	@Test
	void everyScenarioOfTheSuiteAboutAuthorizationIsPlayed() {
		Set<String> played = new LinkedHashSet<>();
		Stream.of(CORE, ADDED, CLIENT_CREDENTIALS, DPOP, OTHER_EXTENSIONS, OF_2025_03_26).forEach(played::addAll);
		assertThat(next.clientScenarios()).filteredOn((scenario) -> scenario.startsWith("auth/"))
			.containsExactlyInAnyOrderElementsOf(played);
		assertThat(played).containsAll(EXPECTED_FAILURES.keySet());
	}

	private static Stream<DynamicTest> play(Suite suite, String transport, String wire,
			Stream<List<String>> scenarios) {
		return scenarios.flatMap(List::stream)
			.filter((scenario) -> scenario.contains(ONLY))
			.map((scenario) -> new Run(suite, scenario, transport, wire))
			.map((run) -> DynamicTest.dynamicTest(run.toString(), () -> judge(run)));
	}

	private static void judge(Run run) throws IOException {
		long start = System.nanoTime();
		Run.Verdict verdict = run.play();
		String reason = EXPECTED_FAILURES.get(run.scenario());
		note(verdict, reason != null, Duration.ofNanos(System.nanoTime() - start));
		if (reason == null && !verdict.passed()) {
			fail(verdict.explanation());
		}
		if (reason != null && verdict.passed()) {
			fail(run + ": passed, but is listed in expected-failures.txt: " + reason);
		}
	}

	private static synchronized void note(Run.Verdict verdict, boolean failureExpected, Duration time)
			throws IOException {
		Run run = verdict.run();
		String line = "%-16s %-10s %-9s %-44s %-24s %3d/%-3d %2d s%n".formatted(run.suite().version(), run.wire(),
				run.transport(), run.scenario(),
				(verdict.passed() ? "passed" : "failed") + (failureExpected ? " (expected to fail)" : ""),
				verdict.count("SUCCESS"), verdict.count("SUCCESS") + verdict.count("FAILURE"), time.toSeconds());
		Files.writeString(SUMMARY, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
	}

}
