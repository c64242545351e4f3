package io.github.oauth2pkce.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The page about compatibility names the versions that this build and CI use. */
class VersionsTests {

	@ParameterizedTest
	@CsvSource({ "spring-boot.version, 2, 'Boot %s'", "spring-security.version, 2, 'Spring Security %s'",
			"maven.compiler.release, 1, 'Java %s'" })
	void namesWhatThisBuildUses(String property, int values, String sentence) throws IOException {
		List<String> versions = Pattern.compile("<" + property + ">(.+)</" + property + ">")
			.matcher(Files.readString(Page.ROOT.resolve("pom.xml")))
			.results()
			.map((found) -> sentence.formatted(found.group(1)))
			.toList();
		assertThat(versions).hasSize(values);
		assertThat(String.join(" ", Page.of("docs/upgrade.md").lines())).contains(versions);
	}

}
