package io.github.oauth2pkce.command;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties.Command;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties.CommandOutput;

import org.springframework.boot.ApplicationArguments;
import org.springframework.core.env.Environment;

/**
 * A command as it was typed. Immutable.
 *
 * @param command its name
 * @param provider the id of the provider that it is about, {@code null} for all
 * @param json whether its output is for scripts
 * @param file the file of a login that travels, {@code null} when none was given
 * @param recipient the public key that such a file is sealed for, {@code null} when none
 * was given
 */
public record CommandLine(String command, @Nullable String provider, boolean json, @Nullable String file,
		@Nullable String recipient) {

	static final String PROPERTY = "oauth2.pkce.command";

	/**
	 * Reads the command.
	 * @param environment what is known before configuration files are read
	 * @param arguments what was typed
	 * @return the command, {@code null} when there is none
	 * @throws MisuseException when it is no command
	 */
	static @Nullable CommandLine of(Environment environment, ApplicationArguments arguments) {
		String command = typed(environment);
		if (command.isEmpty() && !arguments.containsOption(PROPERTY)) {
			return null;
		}
		List<String> words = arguments.getNonOptionArgs();
		return new CommandLine(choice(PROPERTY, command, Command.values()), words.isEmpty() ? null : words.get(0),
				isJson(environment), text(environment, "command-file"), text(environment, "command-recipient"));
	}

	/** What is there for a command, whether it is one or not. */
	static String typed(Environment environment) {
		return environment.getProperty(PROPERTY, "").strip();
	}

	/** Whether output is for scripts, where the rest may be wrong. */
	static boolean isForScripts(Environment environment) {
		return word(CommandOutput.JSON).equalsIgnoreCase(environment.getProperty(PROPERTY + "-output", "").strip());
	}

	private static boolean isJson(Environment environment) {
		String output = environment.getProperty(PROPERTY + "-output", "").strip();
		return !output.isEmpty()
				&& choice(PROPERTY + "-output", output, CommandOutput.values()).equals(word(CommandOutput.JSON));
	}

	private static @Nullable String text(Environment environment, String name) {
		String text = environment.getProperty("oauth2.pkce." + name, "").strip();
		return text.isEmpty() ? null : text;
	}

	private static String choice(String property, String typed, Enum<?>[] choices) {
		return Arrays.stream(choices)
			.map(CommandLine::word)
			.filter((choice) -> choice.equalsIgnoreCase(typed))
			.findFirst()
			.orElseThrow(() -> new MisuseException(
					"--" + property + "=" + ServerText.printable(typed, 100) + " does not exist. Use one of "
							+ Arrays.stream(choices).map(CommandLine::word).collect(Collectors.joining(", "))));
	}

	private static String word(Enum<?> choice) {
		return choice.name().toLowerCase(Locale.ROOT);
	}

	/**
	 * The file of a login that travels.
	 * @return its path, {@code null} when none was given
	 * @throws MisuseException when it is no path
	 */
	@Nullable Path path() {
		try {
			return (this.file != null) ? Path.of(this.file) : null;
		}
		catch (InvalidPathException ex) {
			throw new MisuseException("--" + PROPERTY + "-file is not a path: " + ex.getReason());
		}
	}

}
