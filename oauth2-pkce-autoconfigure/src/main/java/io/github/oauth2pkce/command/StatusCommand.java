package io.github.oauth2pkce.command;

import java.util.List;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;

/** Says who is logged in, and what to do where nobody is. Asks no server. */
public final class StatusCommand implements Command {

	private final ProviderLines lines;

	/**
	 * Creates the command.
	 * @param lines a line for each provider
	 */
	public StatusCommand(ProviderLines lines) {
		this.lines = lines;
	}

	@Override
	public String name() {
		return "status";
	}

	@Override
	public void run(CommandLine line, Report report) {
		List<Provider> chosen = this.lines.chosen(line);
		for (Provider provider : chosen) {
			if (provider.principal() == PrincipalKind.APPLICATION
					&& this.lines.load(provider) != AuthorizationState.AUTHORIZED) {
				report.exitCode(Report.WRONG);
			}
		}
		this.lines.report(chosen, report);
	}

}
