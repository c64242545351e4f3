package io.github.oauth2pkce;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.oauth2pkce.docs.Page;

import org.springframework.security.oauth2.core.OAuth2ErrorCodes;

import static org.assertj.core.api.Assertions.assertThat;

class ProblemTests {

	private static final Path SOURCES = Path.of("src/main/java/io/github/oauth2pkce");

	@ParameterizedTest
	@EnumSource
	void isFoundByItsCode(Problem problem) {
		assertThat(Problem.of(problem.code())).isEqualTo(problem);
	}

	@Test
	void codeOfAServerIsNone() {
		assertThat(Problem.of("invalid_client")).isNull();
		assertThat(Problem.of(null)).isNull();
	}

	@ParameterizedTest
	@EnumSource
	void isExplainedToOperators(Problem problem) {
		assertThat(String.join(" ", Page.of("docs/operations.md").lines())).contains("`" + problem.code() + "`");
	}

	/** Words without an underscore are also said in sentences. */
	@Test
	void noErrorCodeIsWrittenOutWhereThereIsAConstant() throws Exception {
		Set<String> codes = new TreeSet<>();
		Stream.of(Problem.values()).map(Problem::code).forEach(codes::add);
		for (Class<?> constants : List.of(OAuth2ErrorCodes.class, ErrorCodes.class)) {
			for (Field field : constants.getFields()) {
				codes.add((String) field.get(null));
			}
		}
		codes.removeIf((code) -> !code.contains("_"));
		Pattern literal = Pattern.compile("\"(" + String.join("|", codes) + ")\"");
		try (Stream<Path> files = Files.walk(SOURCES)) {
			assertThat(files.filter((file) -> file.toString().endsWith(".java") && !file.endsWith("ErrorCodes.java"))
				.flatMap(ProblemTests::lines)
				.filter((line) -> literal.matcher(line).find())).isEmpty();
		}
	}

	private static Stream<String> lines(Path file) {
		try {
			return Files.readAllLines(file).stream().map((line) -> file.getFileName() + ": " + line.strip());
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
