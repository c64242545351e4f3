package io.github.oauth2pkce.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One scenario of the suite, played with one client.
 *
 * @param suite the suite
 * @param scenario its name there
 * @param transport the client's transport
 * @param wire the revision of MCP that is spoken
 */
record Run(Suite suite, String scenario, String transport, String wire) {

	/** The suite's own is half a minute, which is short on a busy machine. */
	private static final Duration TIMEOUT_OF_CLIENT = Duration.ofSeconds(60);

	private static final Duration TIMEOUT = TIMEOUT_OF_CLIENT.plusSeconds(30);

	/**
	 * Plays the scenario.
	 */
	Verdict play() {
		return play(Client.over(this.transport));
	}

	Verdict play(String client) {
		Path directory = Work
			.directory(String.join("/", this.suite.version(), this.wire, this.transport, this.scenario));
		List<String> command = new ArrayList<>(this.suite.command());
		command.addAll(List.of("client", "--command", client, "--scenario", this.scenario));
		command.addAll(List.of("--output-dir", directory.toString()));
		command.addAll(List.of("--timeout", Long.toString(TIMEOUT_OF_CLIENT.toMillis())));
		command.addAll(this.suite.wire(this.wire));
		int exitCode = Work.run(command, directory.resolve("suite.txt"), TIMEOUT);
		return new Verdict(this, exitCode, checks(directory), directory);
	}

	@Override
	public String toString() {
		return "%s over %s on the wire of %s, by suite %s".formatted(this.scenario, this.transport, this.wire,
				this.suite.version());
	}

	private static List<JsonNode> checks(Path directory) {
		try (Stream<Path> files = Files.walk(directory)) {
			return files.filter((file) -> file.endsWith("checks.json"))
				.flatMap((file) -> JsonMapper.shared().readTree(file).valueStream())
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * What the suite says about it.
	 *
	 * @param run what was played
	 * @param exitCode the suite's
	 * @param checks the suite's
	 * @param account the directory that has everything that was said
	 */
	record Verdict(Run run, int exitCode, List<JsonNode> checks, Path account) {

		/** A scenario that the suite skips ends well too, but without a check. */
		boolean passed() {
			return this.exitCode == 0 && count("SUCCESS") > 0;
		}

		long count(String status) {
			return withStatus(status).count();
		}

		String explanation() {
			StringBuilder text = new StringBuilder(
					this.run + ": " + ((this.exitCode == -1) ? "not over in time" : "failed"));
			Stream.of("FAILURE", "WARNING")
				.flatMap(this::withStatus)
				.forEach((check) -> text.append("\n  %s %s: %s".formatted(check.path("status").stringValue(),
						check.path("id").stringValue(), reason(check))));
			return text.append("\nWhat was said is in ")
				.append(this.account)
				.append("\n")
				.append(Work.end(this.account.resolve("suite.txt")))
				.toString();
		}

		private Stream<JsonNode> withStatus(String status) {
			return this.checks.stream().filter((check) -> status.equals(check.path("status").stringValue("")));
		}

		private static String reason(JsonNode check) {
			return check.path("errorMessage").stringValue(check.path("description").stringValue(""));
		}

	}

}
