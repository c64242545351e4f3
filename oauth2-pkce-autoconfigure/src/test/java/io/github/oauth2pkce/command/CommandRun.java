package io.github.oauth2pkce.command;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.oauth2pkce.autoconfigure.PkceAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceLoopbackLoginAutoConfiguration;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/**
 * What a command has printed, run in this process.
 *
 * @param exitCode the exit code
 * @param out standard output
 * @param err standard error
 */
record CommandRun(int exitCode, String out, String err) {

	static CommandRun of(CommandLine line, String... properties) {
		return of(line, UnaryOperator.identity(), properties);
	}

	static CommandRun of(CommandLine line, UnaryOperator<ApplicationContextRunner> settings, String... properties) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		ByteArrayOutputStream err = new ByteArrayOutputStream();
		CommandStreams streams = new CommandStreams(new PrintStream(out, true, StandardCharsets.UTF_8),
				new PrintStream(err, true, StandardCharsets.UTF_8), line.json());
		int[] exitCode = new int[1];
		settings
			.apply(new ApplicationContextRunner()
				.withConfiguration(
						AutoConfigurations.of(PkceAutoConfiguration.class, PkceLoopbackLoginAutoConfiguration.class))
				.withBean(CommandStreams.class, () -> streams)
				.withPropertyValues("oauth2.pkce.command=" + line.command(), "oauth2.pkce.login.on-startup=never",
						"oauth2.pkce.startup.refresh=false")
				.withPropertyValues(properties))
			.run((context) -> exitCode[0] = context.getBean(Commands.class).run(line));
		return new CommandRun(exitCode[0], out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
	}

	static CommandLine text(String command, @Nullable String provider) {
		return new CommandLine(command, provider, false, null, null);
	}

	static CommandLine json(String command, @Nullable String provider) {
		return new CommandLine(command, provider, true, null, null);
	}

	JsonNode toJson() {
		return JsonMapper.shared().readTree(this.out);
	}

}
