package io.github.oauth2pkce.benchmarks.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.oauth2pkce.benchmarks.part.Samples;
import io.github.oauth2pkce.benchmarks.part.Series;

/**
 * The page, from a directory with raw results: a template of words, in which
 * <code>{{kind: argument}}</code> stands for a table. The same results give the same
 * page.
 */
public final class PerformancePage {

	/** The raw results, one file each. */
	public static final List<String> RESULTS = List.of("environment", "requests", "turns", "storms", "callers",
			"throughput", "stores", "users", "startup");

	private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([a-z-]+)(?:: ([^}]+))?\\}\\}");

	private final Path results;

	private final RequestTables requests;

	private PerformancePage(Path results) {
		this.results = results;
		this.requests = new RequestTables(JmhResult.read(results.resolve("requests.json")));
	}

	/**
	 * The page of one run.
	 * @param results the directory with its raw results
	 * @return the page
	 */
	public static PerformancePage of(Path results) {
		return new PerformancePage(results);
	}

	/** The words, without any figure. */
	public static String template() {
		try (InputStream template = PerformancePage.class.getResourceAsStream("performance-template.md")) {
			if (template == null) {
				throw new IllegalStateException("No template");
			}
			return new String(template.readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	public String text() {
		return PLACEHOLDER.matcher(template())
			.replaceAll((match) -> Matcher.quoteReplacement(value(match.group(1), match.group(2)).toString()));
	}

	private Object value(String kind, String argument) {
		return switch (kind) {
			case "environment" -> environment();
			case "goals" -> new Goals(Samples.read(this.results.resolve("turns.json"))).table();
			case "write" -> this.requests.of("FilterBenchmark.write");
			case "interceptors" -> this.requests.of("InterceptorBenchmark.intercept");
			case "tokens" -> this.requests.tokens();
			default -> series(kind, argument);
		};
	}

	private Table environment() {
		Table table = new Table(List.of("", ""));
		for (Map.Entry<String, String> fact : Environment.read(this.results.resolve("environment.json")).entrySet()) {
			table.row(fact.getKey(), fact.getValue());
		}
		return table;
	}

	/** Every scenario of a part under a heading of its own. */
	private String series(String part, String heading) {
		List<Series> all = Samples.read(this.results.resolve(part + ".json"));
		StringBuilder text = new StringBuilder();
		all.stream().map(Series::scenario).distinct().forEach((scenario) -> {
			text.append(heading).append(' ').append(scenario).append("\n\n");
			text.append(Table.of(all.stream().filter((one) -> one.scenario().equals(scenario)).toList()));
			text.append("\n\n");
		});
		return text.toString().stripTrailing();
	}

}
