package io.github.oauth2pkce.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A version of the conformance suite.
 *
 * @param version the version of {@code @modelcontextprotocol/conformance}
 * @param command how it is started
 */
record Suite(String version, List<String> command) {

	/**
	 * Returns the version that is installed under an alias.
	 */
	static Suite installed(String alias) {
		Path suite = Npm.modules().resolve(alias);
		String version = JsonMapper.shared().readTree(suite.resolve("package.json")).path("version").stringValue();
		return new Suite(version, List.of(Npm.node(), suite.resolve("dist/index.js").toString()));
	}

	/**
	 * Returns the options that choose a revision of MCP, also for scenarios that are
	 * newer. The first suite knows only one.
	 */
	List<String> wire(String revision) {
		return this.version.startsWith("0.1.") ? List.of() : List.of("--spec-version", revision, "--force");
	}

	/**
	 * Returns the names of all scenarios for clients.
	 */
	List<String> clientScenarios() {
		List<String> list = new ArrayList<>(this.command);
		list.add("list");
		list.add("--client");
		Path output = Work.DIRECTORY.resolve("scenarios-" + this.version + ".txt");
		assertThat(Work.run(list, output, Duration.ofSeconds(30))).isZero();
		try (Stream<String> lines = Files.lines(output)) {
			return lines.map(String::strip)
				.filter((line) -> line.startsWith("- "))
				.map((line) -> line.substring(2).replaceFirst(" .*", ""))
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
