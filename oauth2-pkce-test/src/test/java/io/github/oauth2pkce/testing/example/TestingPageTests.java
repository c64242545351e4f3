package io.github.oauth2pkce.testing.example;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What {@code docs/testing.md} shows is what runs here. */
class TestingPageTests {

	private static final Pattern BLOCK = Pattern.compile("(?ms)^```(java|yaml)\\n(.*?)^```$");

	@Test
	void eachBlockIsAPartOfAFileThatRuns() throws IOException {
		List<MatchResult> blocks = BLOCK.matcher(Files.readString(Path.of("../docs/testing.md"))).results().toList();
		List<String> files = files();
		assertThat(blocks).hasSizeGreaterThan(3)
			.allSatisfy((block) -> assertThat(files).anyMatch((file) -> file.contains(block.group(2))));
	}

	private static List<String> files() throws IOException {
		try (Stream<Path> files = Files.walk(Path.of("src/test"))) {
			return files.filter(Files::isRegularFile).map(TestingPageTests::read).toList();
		}
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
