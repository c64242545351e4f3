package io.github.oauth2pkce.command;

import java.util.List;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.store.LockTimeoutException;
import io.github.oauth2pkce.store.TokenStoreException;

/** Runs the command that was typed. */
public final class Commands {

	private final Providers providers;

	private final List<Command> commands;

	private final CommandStreams streams;

	/**
	 * Creates the commands; runs none.
	 * @param providers the providers
	 * @param commands all commands
	 * @param streams where to print
	 */
	public Commands(Providers providers, List<Command> commands, CommandStreams streams) {
		this.providers = providers;
		this.commands = commands;
		this.streams = streams;
	}

	/**
	 * Runs a command and prints what came of it.
	 * @return the exit code
	 */
	int run(CommandLine line) {
		Report report = new Report();
		try {
			check(line);
			this.commands.stream()
				.filter((command) -> command.name().equals(line.command()))
				.findFirst()
				.orElseThrow(() -> new MisuseException("There is no command " + line.command() + " here"))
				.run(line, report);
		}
		catch (MisuseException ex) {
			report.problem(String.valueOf(ex.getMessage()));
			report.exitCode(Report.MISUSED);
		}
		catch (TokenStoreException ex) {
			report.problem("The token store failed: " + ex.getMessage());
		}
		catch (LockTimeoutException ex) {
			report.problem(String.valueOf(ex.getMessage()));
		}
		this.streams.print(line.command(), report);
		return report.exitCode();
	}

	private void check(CommandLine line) {
		if (this.providers.isEmpty()) {
			throw new MisuseException("There is no provider: configure one below oauth2.pkce.providers");
		}
		String id = line.provider();
		if (id != null && this.providers.find(id) == null) {
			List<String> ids = this.providers.ids();
			throw new MisuseException("No provider '" + ServerText.printable(id, 100) + "'; "
					+ ((ids.size() == 1) ? "there is '" : "there are '") + String.join("', '", ids) + "'");
		}
	}

}
