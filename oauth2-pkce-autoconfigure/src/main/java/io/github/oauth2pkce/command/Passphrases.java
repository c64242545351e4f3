package io.github.oauth2pkce.command;

import java.io.Console;
import java.util.Arrays;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.terminal.SystemFeatures;

/** Asks for the passphrase of a login that travels. */
public final class Passphrases {

	private static final String VARIABLE = "OAUTH2_PKCE_PASSPHRASE";

	private final UnaryOperator<@Nullable String> environment;

	/**
	 * Creates the question.
	 * @param environment gives environment variables
	 */
	public Passphrases(UnaryOperator<@Nullable String> environment) {
		this.environment = environment;
	}

	/** Asks twice: what is mistyped opens nothing. */
	String toSeal(String what) {
		String given = this.environment.apply(VARIABLE);
		if (given != null && !given.isEmpty()) {
			return given;
		}
		String passphrase = ask("Passphrase to seal " + what + " with: ");
		if (!passphrase.equals(ask("The same once more: "))) {
			throw new MisuseException("The two passphrases differ; nothing was done");
		}
		return passphrase;
	}

	String toOpen(String what) {
		String given = this.environment.apply(VARIABLE);
		return (given != null && !given.isEmpty()) ? given : ask("Passphrase of " + what + ": ");
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
