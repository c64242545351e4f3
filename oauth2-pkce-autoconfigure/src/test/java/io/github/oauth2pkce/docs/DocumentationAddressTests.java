package io.github.oauth2pkce.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.oauth2pkce.configuration.PropertyText;

import static org.assertj.core.api.Assertions.assertThat;

/** Messages, alerts and forms lead to sections of the documentation that exist. */
class DocumentationAddressTests {

	private static final Pattern CALL = Pattern.compile("PropertyText\\s*\\.page\\(\"([^\"]*)\", \"([^\"]*)\"\\)");

	private static final Pattern ADDRESS = Pattern
		.compile("https://[\\w.-]+/oauth2-pkce-starter/[\\w./-]+\\.(html|md)(#[\\w-]+)?");

	static List<Path> files() throws IOException {
		try (Stream<Path> operations = Files.list(Page.ROOT.resolve("docs/operations"));
				Stream<Path> forms = Files.list(Page.ROOT.resolve(".github/ISSUE_TEMPLATE"))) {
			return Stream.concat(operations, forms).sorted().toList();
		}
	}

	@ParameterizedTest
	@MethodSource("files")
	void eachAddressInAFileLeadsToASection(Path file) {
		assertThat(ADDRESS.matcher(read(file)).results().map(MatchResult::group)).allSatisfy((address) -> {
			Page page = Page.atAddress(address);
			if (address.contains("#")) {
				assertThat(page.anchors()).contains(address.split("#")[1]);
			}
		});
	}

	@Test
	void eachAddressInAMessageLeadsToASection() throws IOException {
		try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
			List<String> texts = sources.filter((file) -> file.toString().endsWith(".java"))
				.map(DocumentationAddressTests::read)
				.toList();
			assertThat(texts).noneMatch((text) -> ADDRESS.matcher(text).find());
			List<MatchResult> calls = texts.stream().flatMap((text) -> CALL.matcher(text).results()).toList();
			assertThat(calls).isNotEmpty()
				.allSatisfy(
						(call) -> assertThat(Page.atAddress(PropertyText.page(call.group(1), call.group(2))).anchors())
							.contains(call.group(2)));
		}
	}

	@Test
	void addressIsTheOneOfTheBuildFile() {
		assertThat(PropertyText.page("stores", "redis")).matches("https://[^$]+/0\\.1/stores\\.html#redis");
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
