package io.github.oauth2pkce.command;

import java.nio.file.Path;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.login.LoginTransfers;
import io.github.oauth2pkce.login.Seal;
import io.github.oauth2pkce.login.TransferException;

/** Moves a login out of the store into a sealed file. */
public final class ExportCommand implements Command {

	private final LoginTransfers transfers;

	private final Passphrases passphrases;

	private final ProviderLines lines;

	/**
	 * Creates the command.
	 * @param transfers moves logins
	 * @param passphrases seal them
	 * @param lines knows which providers there are
	 */
	public ExportCommand(LoginTransfers transfers, Passphrases passphrases, ProviderLines lines) {
		this.transfers = transfers;
		this.passphrases = passphrases;
		this.lines = lines;
	}

	@Override
	public String name() {
		return "export";
	}

	@Override
	public void run(CommandLine line, Report report) {
		Provider provider = this.lines.movable(line);
		Path file = line.path();
		if (file == null) {
			throw new MisuseException("Say where to: --oauth2.pkce.command-file=" + provider.id() + ".jwe");
		}
		String recipient = line.recipient();
		try {
			Seal forRecipient = (recipient != null) ? Seal.forRecipient(recipient) : null;
			Path moved = this.transfers.export(provider, file, () -> (forRecipient != null) ? forRecipient
					: Seal.byPassphrase(this.passphrases.toSeal("the login of '" + provider.id() + "'")));
			report.put("provider", provider.id());
			report.put("file", moved.toString());
			report.line("The login of '" + provider.id() + "' is in " + moved + " now, and no longer here.");
			report.line("Where it is to go: --oauth2.pkce.command=import " + provider.id()
					+ " --oauth2.pkce.command-file=" + moved.getFileName());
		}
		catch (TransferException ex) {
			report.problem(String.valueOf(ex.getMessage()));
		}
	}

}
