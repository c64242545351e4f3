package io.github.oauth2pkce.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The index lists the public types that are for applications. */
public class UserTypesTests {

	private static final Pattern PUBLIC = Pattern.compile(
			"(?m)^(?:\\w+ )*(?:class|record|enum|interface) io\\.github\\.oauth2pkce\\.(?:\\w+\\.)*(\\w+)\\b(?!\\$)");

	private static final Pattern LISTED = Pattern.compile("`([A-Z]\\w+)`");

	private static final Pattern WORD = Pattern.compile("\\b[A-Z]\\w+\\b");

	@Test
	void eachListedTypeIsPublic() throws IOException {
		assertThat(listed()).hasSizeGreaterThan(20).isSubsetOf(publicTypes());
	}

	@Test
	void eachTypeOfAnExampleIsListed() throws IOException {
		// The page about tests uses types of the test kit, too, some of which have the
		// same names.
		Set<String> used = Page.all()
			.stream()
			.filter((page) -> !page.toString().equals("docs/testing.md"))
			.flatMap((page) -> page.blocks().stream())
			.filter((block) -> block.language().equals("java"))
			.flatMap((block) -> WORD.matcher(block.text()).results())
			.map((word) -> word.group())
			.filter(publicTypes()::contains)
			.collect(Collectors.toCollection(TreeSet::new));
		assertThat(used).isNotEmpty().isSubsetOf(listed());
	}

	/** The types that are for users. */
	public static Set<String> listed() {
		return Page.of("docs/README.md")
			.lines()
			.stream()
			.filter((line) -> line.startsWith("| "))
			.flatMap((line) -> LISTED.matcher(line).results())
			.map((type) -> type.group(1))
			.collect(Collectors.toCollection(TreeSet::new));
	}

	private static Set<String> publicTypes() throws IOException {
		Path golden = Path.of("src/test/resources/golden");
		return PUBLIC
			.matcher(
					Files.readString(golden.resolve("api.txt")) + Files.readString(golden.resolve("public-within.txt")))
			.results()
			.map((type) -> type.group(1))
			.collect(Collectors.toCollection(TreeSet::new));
	}

}
