package io.github.oauth2pkce.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.oauth2pkce.configuration.PropertyText;

/**
 * A page of Markdown: README and what is below docs. Reads as much of the syntax as our
 * pages use.
 *
 * @param path from the root of the repository
 * @param lines its text
 */
public record Page(Path path, List<String> lines) {

	/** Where tests run is one directory below. */
	public static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

	private static final Pattern HEADING = Pattern.compile("#{1,6} +(.+?)\\s*");

	private static final Pattern LINK = Pattern
		.compile("(?<!!)\\[[^\\]]*\\]\\(([^)\\s]+)\\)|!\\[[^\\]]*\\]\\(([^)\\s]+)\\)");

	private static final Pattern FENCE = Pattern.compile("(`{3,})(\\w*)\\s*");

	/** Of ours: what is not Markdown to GitHub either. */
	private static final Pattern COMMENT = Pattern.compile("<!--(.*?)-->\\s*", Pattern.DOTALL);

	public static Page of(String path) {
		try {
			return new Page(Path.of(path), Files.readAllLines(ROOT.resolve(path)));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * The page at an address of the site, which is made of these pages: {@code .ci/site}.
	 * @param address the address, which has to be below the one of the build file
	 * @return the page
	 */
	public static Page atAddress(String address) {
		Matcher place = Pattern
			.compile(Pattern.quote(PropertyText.page("PAGE", ""))
				.replace("PAGE", "\\E([\\w-]+)\\Q")
				.replace("#", "\\E(#.*)?\\Q"))
			.matcher(address);
		if (!place.matches()) {
			throw new AssertionError(address + " is not below documentation.url of pom.xml");
		}
		return of("docs/" + place.group(1) + ".md");
	}

	/** All of them, in alphabetical order. */
	public static List<Page> all() {
		try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
			return Stream
				.concat(Stream.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md").map(ROOT::resolve),
						docs.filter((file) -> file.toString().endsWith(".md")).sorted())
				.map((file) -> of(ROOT.relativize(file).toString()))
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** The targets of its links and pictures, outside of code. */
	public List<String> links() {
		List<String> links = new ArrayList<>();
		prose().forEach((line) -> {
			Matcher matcher = LINK.matcher(line.replaceAll("`[^`]*`", "``"));
			while (matcher.find()) {
				links.add((matcher.group(1) != null) ? matcher.group(1) : matcher.group(2));
			}
		});
		return links;
	}

	/** What a link may have after its #, as GitHub makes it of the headings. */
	public Set<String> anchors() {
		Set<String> anchors = new LinkedHashSet<>();
		prose().forEach((line) -> {
			Matcher heading = HEADING.matcher(line);
			if (heading.matches()) {
				String text = heading.group(1).replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1").toLowerCase(Locale.ROOT);
				String anchor = text.replaceAll("[^\\p{L}\\p{N}\\p{M}_ -]", "").replace(' ', '-');
				String unique = anchor;
				for (int i = 1; !anchors.add(unique); i++) {
					unique = anchor + "-" + i;
				}
			}
		});
		return anchors;
	}

	private Stream<String> prose() {
		List<String> prose = new ArrayList<>();
		String fence = null;
		for (String line : this.lines) {
			Matcher matcher = FENCE.matcher(line.strip());
			if (fence == null && matcher.matches()) {
				fence = matcher.group(1);
			}
			else if (fence == null) {
				prose.add(line);
			}
			else if (line.strip().equals(fence)) {
				fence = null;
			}
		}
		return prose.stream();
	}

	/** Its fenced blocks. */
	public List<Block> blocks() {
		List<Block> blocks = new ArrayList<>();
		for (int i = 0; i < this.lines.size(); i++) {
			Matcher fence = FENCE.matcher(this.lines.get(i).strip());
			if (fence.matches()) {
				int begin = i + 1;
				int end = begin;
				while (!this.lines.get(end).strip().equals(fence.group(1))) {
					end++;
				}
				String text = String.join("\n", this.lines.subList(begin, end)) + "\n";
				blocks.add(new Block(this, begin + 1, fence.group(2), comment(begin - 2), text));
				i = end;
			}
		}
		return blocks;
	}

	/** The comment that ends in or above a line, empty if there is none. */
	private String comment(int last) {
		int line = last;
		while (line >= 0 && this.lines.get(line).isBlank()) {
			line--;
		}
		int first = line;
		while (first >= 0 && !this.lines.get(first).isBlank() && !this.lines.get(first).startsWith("<!--")) {
			first--;
		}
		if (line < 0 || first < 0) {
			return "";
		}
		Matcher comment = COMMENT.matcher(String.join("\n", this.lines.subList(first, line + 1)));
		return comment.matches() ? comment.group(1).strip() : "";
	}

	@Override
	public String toString() {
		return this.path.toString();
	}

	/**
	 * A fenced block.
	 *
	 * @param page where it is
	 * @param line its first line
	 * @param language after the fence, empty if there is none
	 * @param comment the HTML comment directly above it: what a reader need not see
	 * @param text what is in it
	 */
	public record Block(Page page, int line, String language, String comment, String text) {

		/**
		 * What the comment says of a keyword, {@code "<!-- keyword: this -->"}.
		 * @param keyword the keyword
		 * @return the rest of the comment, empty if it is about something else
		 */
		public String comment(String keyword) {
			return this.comment.startsWith(keyword + ":") ? this.comment.substring(keyword.length() + 1).strip() : "";
		}

		@Override
		public String toString() {
			return this.page + ":" + this.line;
		}

	}

}
