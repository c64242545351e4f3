package io.github.oauth2pkce.benchmarks.page;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/** The page says what was measured, and nothing else. */
class PerformancePageTests {

	private static final Path DOCS = Path.of("..", "docs");

	private static final Path FIXTURE = Path.of("src", "test", "resources", "performance");

	/** Names and statuses that are no results. */
	private static final String NO_FIGURES = "OAuth 2\\.1|a 401";

	@Test
	@EnabledIf("isPublished")
	void thePublishedPageIsMadeOfThePublishedResults() throws IOException {
		assertThat(Files.readString(DOCS.resolve("performance.md")))
			.as("docs/performance.md, which only the measuring run writes")
			.isEqualTo(PerformancePage.of(DOCS.resolve("performance")).text());
	}

	/** The results and the page come and go together. */
	static boolean isPublished() {
		return Files.exists(DOCS.resolve("performance.md")) || Files.exists(DOCS.resolve("performance"));
	}

	@Test
	void theWordsHaveNoFigures() {
		String words = PerformancePage.template().replaceAll("\\{\\{[^}]*}}", "").replaceAll(NO_FIGURES, "");
		assertThat(words).doesNotContainPattern("[0-9]");
	}

	@Test
	void everyPlaceIsFilled() {
		assertThat(PerformancePage.of(FIXTURE).text()).doesNotContain("{{").doesNotContain("}}").doesNotContain("null");
	}

	@ParameterizedTest
	@ValueSource(strings = {
			// The floor has 100 ns in the second of its three forks, and 1,000
			// bytes;
			// the starter has 120 and 1,100.
			"| this starter, provider found by `base-urls` | 120 | 1.20 × | 1,100 | 1.10 × |",
			// Pairs of JVMs that took turns.
			"| this starter, provider found by `base-urls` | at most 1.3 × the floor | 1.20 × [1.10 .. 1.30] | 1.05 × |",
			"| this starter, provider found by `base-urls`, on two threads | at most 1.3 × the floor | 1.19 × | 1.04 × |",
			"| this starter, provider named by the request, on JDK 25 | at most 1.3 × the floor | 1.24 × | 1.02 × |",
			"| this starter, found by `base-urls`, with a proof in each request (DPoP) | at most 1.25 × an ES256 signature of the JDK, and the request without | 1.05 × | 1.90 × |",
			"| Spring Security's reactive filter | at least 15 × the time and 6 × the bytes of this starter | 20 × | 8 × |",
			"| Spring Security's reactive filter, on JDK 25 | at least 12 × the time and 6 × the bytes of this starter | 18 × | 7 × |",
			"| this starter, WebClient | 205 [200 .. 210] | 1 |", "### 64 callers",
			// A request that names a provider has a floor of its own: 110 ns and 1,100
			// bytes.
			"| this starter, provider named by the request | 125 | 1.14 × | 1,200 | 1.09 × |",
			"| this starter, provider found by its `resource-uri`, with a registered client | no more than a provider named by the request | 0.97 × | 0.98 × |",
			"| Processor | of the fixture |" })
	void figuresAreThoseOfTheResults(String line) {
		assertThat(PerformancePage.of(FIXTURE).text()).contains(line);
	}

	@Test
	void whatWasNotMeasuredIsNotMadeUp() {
		RequestTables tables = new RequestTables(List.of());
		assertThatIllegalStateException().isThrownBy(tables::tokens)
			.withMessageStartingWith("Not measured: TokenBenchmark.floor");
	}

}
