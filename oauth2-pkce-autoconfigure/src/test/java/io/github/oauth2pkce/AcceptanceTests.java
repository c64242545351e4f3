package io.github.oauth2pkce;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.docs.Page;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The pages {@code docs/acceptance.md}, {@code docs/standards.md} and the rules of
 * {@code docs/architecture.md} name tests that exist: a row of a table is a promise, its
 * last cell the tests that hold it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AcceptanceTests {

	private static final Pattern TEST = Pattern.compile("`(\\w+(?:Tests|IT))\\.(\\w+)`");

	private final Map<String, Class<?>> testClasses = new ClassFileImporter()
		.withImportOption(new ImportOption.OnlyIncludeTests())
		.importPackages("io.github.oauth2pkce")
		.stream()
		.filter((type) -> type.getSimpleName().endsWith("Tests") || type.getSimpleName().endsWith("IT"))
		.collect(Collectors.toMap(JavaClass::getSimpleName, JavaClass::reflect));

	static Stream<String> rows() {
		return Stream.of("acceptance.md", "standards.md", "architecture.md").flatMap(AcceptanceTests::rows);
	}

	/** The rows of those of its tables whose last column is of tests. */
	private static Stream<String> rows(String page) {
		List<String> rows = new ArrayList<>();
		boolean ofTests = false;
		for (String line : Page.of("docs/" + page).lines()) {
			if (line.startsWith("| ") && ofTests) {
				rows.add(line);
			}
			ofTests = line.endsWith("| Tests |") || ofTests && line.startsWith("|");
		}
		assertThat(rows).hasSizeGreaterThan(15);
		return rows.stream();
	}

	@ParameterizedTest
	@MethodSource("rows")
	void eachRowNamesTestsThatExist(String row) {
		List<MatchResult> tests = TEST.matcher(row).results().toList();
		assertThat(tests).isNotEmpty();
		assertThat(tests.stream().filter((test) -> !exists(test.group(1), test.group(2))).map(MatchResult::group))
			.as("tests that are not there")
			.isEmpty();
	}

	private boolean exists(String testClass, String method) {
		Class<?> type = this.testClasses.get(testClass);
		return (type != null) ? testMethods(type).stream().anyMatch((test) -> test.getName().equals(method))
				: isInCompatibility(testClass, method);
	}

	/** A module that is built after this one. */
	private static boolean isInCompatibility(String testClass, String method) {
		Path source = Path.of("../compatibility/src/test/java/io/github/oauth2pkce/compatibility", testClass + ".java");
		try {
			return Files.exists(source) && Files.readString(source).contains("void " + method + "(");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Those of its nested classes too. */
	private static List<Method> testMethods(Class<?> testClass) {
		return Stream.concat(Stream.of(testClass), Arrays.stream(testClass.getDeclaredClasses()))
			.flatMap((type) -> Arrays.stream(type.getDeclaredMethods()))
			.filter((method) -> AnnotationSupport.isAnnotated(method, Testable.class))
			.toList();
	}

	@Test
	void eachSkipReasonHasARow() {
		List<String> reasons = rows("acceptance.md").map((row) -> row.split("\\|")[1].strip().replace("`", ""))
			.toList();
		assertThat(reasons).containsAll(Arrays.stream(SkipReason.values()).map(SkipReason::tag).toList());
	}

}
