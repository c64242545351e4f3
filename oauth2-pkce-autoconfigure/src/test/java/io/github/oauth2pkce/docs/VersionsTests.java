package io.github.oauth2pkce.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The page about compatibility names the versions that this build uses. */
class VersionsTests {

	@ParameterizedTest
	@CsvSource({ "spring-boot.version, 'with Boot %s'", "spring-security.version, 'Spring Security %s'",
			"maven.compiler.release, 'Java %s'" })
	void namesWhatThisBuildUses(String property, String sentence) throws IOException {
		Matcher version = Pattern.compile("<" + property + ">(.+)</" + property + ">")
			.matcher(Files.readString(Page.ROOT.resolve("pom.xml")));
		assertThat(version.find()).isTrue();
		assertThat(String.join(" ", Page.of("docs/upgrade.md").lines())).contains(sentence.formatted(version.group(1)));
	}

}
