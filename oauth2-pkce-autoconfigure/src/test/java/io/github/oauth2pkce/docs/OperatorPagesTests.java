package io.github.oauth2pkce.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.bearer.SkipReason;

import static org.assertj.core.api.Assertions.assertThat;

/** What an operator meets in logs and counters is on the pages for operators. */
class OperatorPagesTests {

	private static final Pattern EVENT = Pattern.compile("\"(oauth2_(?!pkce|event\")[a-z_]+)\"");

	private static final Pattern ROW = Pattern.compile("\\| `([a-z0-9_]+)` \\|.*");

	private static final String SOURCES = source();

	@Test
	void eachLogEventIsInTheTable() {
		Set<String> events = EVENT.matcher(SOURCES)
			.results()
			.map((match) -> match.group(1))
			.collect(Collectors.toCollection(TreeSet::new));
		assertThat(rows("docs/operations.md").stream().filter((row) -> row.startsWith("oauth2_"))).hasSizeGreaterThan(8)
			.containsExactlyInAnyOrderElementsOf(events);
	}

	@Test
	void eachSkipReasonSaysWhatToDo() {
		assertThat(rows("docs/troubleshooting.md"))
			.containsAll(Arrays.stream(SkipReason.values()).map(SkipReason::tag).toList());
	}

	/** The words that stand in code, on the page and in the source alike. */
	@Test
	void messagesAreThoseOfTheCode() {
		String page = String.join("\n", Page.of("docs/troubleshooting.md").lines());
		String[] messages = { "is plain http to another machine", "No metadata of issuer",
				"no verification_uri that is https or loopback", "cannot keep logins", "is not a Boolean",
				"is not an SSL bundle", "it is set aside as", "The token store failed", "Not logged in to",
				"is forgotten here, but not revoked at the server", "was not refreshed", "was refused: its iss is",
				"is not set, and", "OAuth 2.0 logins:", "Request without the bearer of" };
		assertThat(messages).allSatisfy((message) -> {
			assertThat(page).contains(message);
			assertThat(SOURCES).contains(message);
		});
	}

	private static Set<String> rows(String page) {
		return Page.of(page)
			.lines()
			.stream()
			.map(ROW::matcher)
			.filter((row) -> row.matches())
			.map((row) -> row.group(1))
			.collect(Collectors.toCollection(TreeSet::new));
	}

	private static String source() {
		try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
			StringBuilder source = new StringBuilder();
			for (Path file : files.filter((path) -> path.toString().endsWith(".java")).sorted().toList()) {
				source.append(Files.readString(file));
			}
			// A sentence may go over several lines.
			return source.toString().replaceAll("\"\\s*\\+ \"", "");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
