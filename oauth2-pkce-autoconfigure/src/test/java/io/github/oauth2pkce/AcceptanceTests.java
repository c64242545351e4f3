package io.github.oauth2pkce;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
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

import static org.assertj.core.api.Assertions.assertThat;

/** The page {@code docs/acceptance.md} names tests that exist. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AcceptanceTests {

	private static final Pattern TEST = Pattern.compile("`(\\w+(?:Tests|IT))\\.(\\w+)`");

	private final Map<String, Class<?>> testClasses = new ClassFileImporter()
		.withImportOption(new ImportOption.OnlyIncludeTests())
		.importPackages("io.github.oauth2pkce")
		.stream()
		.filter((type) -> type.getSimpleName().endsWith("Tests") || type.getSimpleName().endsWith("IT"))
		.collect(Collectors.toMap(JavaClass::getSimpleName, JavaClass::reflect));

	static Stream<String> rows() throws IOException {
		return Files.readAllLines(Path.of("..", "docs", "acceptance.md"))
			.stream()
			.filter((line) -> line.startsWith("| ") && !line.endsWith("| Tests |"));
	}

	@ParameterizedTest
	@MethodSource("rows")
	void eachRowNamesTestsThatExist(String row) {
		List<MatchResult> tests = TEST.matcher(row).results().toList();
		assertThat(tests).isNotEmpty();
		assertThat(tests).allSatisfy((test) -> {
			assertThat(this.testClasses).containsKey(test.group(1));
			assertThat(methods(this.testClasses.get(test.group(1))))
				.filteredOn((method) -> AnnotationSupport.isAnnotated(method, Testable.class))
				.extracting((method) -> method.getName())
				.contains(test.group(2));
		});
	}

	/** Those of nested classes are named as if they were the outer one's. */
	private static List<Method> methods(Class<?> type) {
		return Stream.concat(Stream.of(type), Arrays.stream(type.getDeclaredClasses()))
			.flatMap((each) -> Arrays.stream(each.getDeclaredMethods()))
			.toList();
	}

	@Test
	void eachSkipReasonHasARow() throws IOException {
		List<String> reasons = rows().map((row) -> row.split("\\|")[1].strip().replace("`", "")).toList();
		assertThat(reasons).containsAll(Arrays.stream(SkipReason.values()).map(SkipReason::tag).toList());
	}

}
