package io.github.oauth2pkce.command;

import java.io.Console;
import java.util.Arrays;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.terminal.SystemFeatures;

import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.ConfigurableEnvironment;

/** Asks for the passphrase of a login that travels. */
public final class Passphrases {

	private static final String VARIABLE = "OAUTH2_PKCE_PASSPHRASE";

	private final ConfigurableEnvironment environment;

	/**
	 * Creates the question.
	 * @param environment may have it
	 */
	public Passphrases(ConfigurableEnvironment environment) {
		this.environment = environment;
	}

	/** Asks twice: what is mistyped opens nothing. */
	String toSeal(String what) {
		String given = given();
		if (given != null) {
			return given;
		}
		String passphrase = ask("Passphrase to seal " + what + " with: ");
		if (!passphrase.equals(ask("The same once more: "))) {
			throw new MisuseException("The two passphrases differ; nothing was done");
		}
		return passphrase;
	}

	String toOpen(String what) {
		String given = given();
		return (given != null) ? given : ask("Passphrase of " + what + ": ");
	}

	/** As it is: Spring would take <code>${..}</code> in it for a placeholder. */
	private @Nullable String given() {
		return this.environment.getPropertySources()
			.stream()
			.filter((source) -> !ConfigurationPropertySources.isAttachedConfigurationPropertySource(source))
			.map((source) -> source.getProperty(VARIABLE))
			.filter(Objects::nonNull)
			.map(Object::toString)
			.filter((value) -> !value.isEmpty())
			.findFirst()
			.orElse(null);
	}

	private static String ask(String question) {
		Console console = SystemFeatures.isTerminal() ? System.console() : null;
		if (console == null) {
			throw new MisuseException(
					"There is no terminal to ask for a passphrase: run the command on one, or set " + VARIABLE);
		}
		char[] typed = console.readPassword("%s", question);
		if (typed == null || typed.length == 0) {
			throw new MisuseException("Without a passphrase nothing was done");
		}
		String passphrase = new String(typed);
		Arrays.fill(typed, ' ');
		return passphrase;
	}

}
