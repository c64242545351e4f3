package io.github.oauth2pkce.docs;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Links between our pages lead somewhere, and every page is in the index. */
class LinkTests {

	/** What may be behind a fence, so that no block escapes its test by a misspelling. */
	private static final Set<String> LANGUAGES = Set.of("", "bash", "java", "json", "promql", "sql", "text", "xml",
			"yaml");

	static List<Page> pages() {
		return Page.all();
	}

	@ParameterizedTest
	@MethodSource("pages")
	void eachLinkLeadsToAFileAndAHeadingThatExist(Page page) {
		assertThat(page.links()).allSatisfy((link) -> {
			URI uri = URI.create(link);
			if (uri.getScheme() != null) {
				assertThat(uri.getScheme()).isIn("https", "http");
				return;
			}
			Path directory = Page.ROOT.resolve(page.path()).getParent();
			Path target = (uri.getPath().isEmpty() ? Page.ROOT.resolve(page.path()) : directory.resolve(uri.getPath()))
				.normalize();
			assertThat(target).startsWith(Page.ROOT).exists();
			if (uri.getFragment() != null) {
				assertThat(Page.of(Page.ROOT.relativize(target).toString()).anchors()).contains(uri.getFragment());
			}
		});
	}

	@ParameterizedTest
	@MethodSource("pages")
	void eachBlockIsOfALanguageThatWeKnow(Page page) {
		assertThat(page.blocks()).allSatisfy((block) -> assertThat(block.language()).isIn(LANGUAGES));
	}

	@Test
	void eachPageIsInTheIndex() throws Exception {
		Page index = Page.of("docs/README.md");
		Set<String> linked = new TreeSet<>(index.links());
		Path docs = Page.ROOT.resolve("docs");
		try (Stream<Path> files = Files.walk(docs)) {
			Set<String> pages = files.map((file) -> docs.relativize(file).toString())
				.filter((name) -> name.endsWith(".md") && !name.equals("README.md"))
				.collect(Collectors.toCollection(TreeSet::new));
			assertThat(linked).containsAll(pages);
		}
	}

}
