package io.github.oauth2pkce.command;

import java.nio.file.Path;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.login.LoginTransfers;
import io.github.oauth2pkce.login.LoginTransfers.Arrival;
import io.github.oauth2pkce.login.LoginTransfers.Imported;
import io.github.oauth2pkce.login.Seal;
import io.github.oauth2pkce.login.TransferException;
import io.github.oauth2pkce.store.TokenStore;

/**
 * Moves a login out of a sealed file into the store. Without a file, prints the public
 * key that one can be sealed for.
 */
public final class ImportCommand implements Command {

	private final LoginTransfers transfers;

	private final Passphrases passphrases;

	private final TokenStore store;

	private final ProviderLines lines;

	/**
	 * Creates the command.
	 * @param transfers moves logins
	 * @param passphrases open them
	 * @param store where logins are kept
	 * @param lines knows which providers there are
	 */
	public ImportCommand(LoginTransfers transfers, Passphrases passphrases, TokenStore store, ProviderLines lines) {
		this.transfers = transfers;
		this.passphrases = passphrases;
		this.store = store;
		this.lines = lines;
	}

	@Override
	public String name() {
		return "import";
	}

	@Override
	public void run(CommandLine line, Report report) {
		if ("memory".equals(this.store.name())) {
			throw new MisuseException("A login would end with this command, because logins are kept in memory: set"
					+ " oauth2.pkce.store.type to file, jdbc or redis");
		}
		try {
			Path file = line.path();
			if (file == null) {
				printKey(line, report);
			}
			else {
				takeIn(line, file, report);
			}
		}
		catch (TransferException ex) {
			report.problem(String.valueOf(ex.getMessage()));
		}
	}

	private void printKey(CommandLine line, Report report) {
		Provider provider = this.lines.movable(line);
		String recipient = this.transfers.recipient(provider);
		report.put("provider", provider.id());
		report.put("recipient", recipient);
		report.line(recipient);
	}

	private void takeIn(CommandLine line, Path file, Report report) {
		Arrival arrival = this.transfers.arrival(file);
		Seal seal = arrival.needsPassphrase() ? Seal.byPassphrase(this.passphrases.toOpen(file.toString()))
				: this.transfers.recipientSeal(this.lines.movable(line));
		Imported imported = this.transfers.importFrom(arrival, seal, (id) -> this.lines.movable(line, id));
		String id = imported.provider().id();
		report.put("provider", id);
		report.put("file", imported.file().toString());
		report.put("deleted", imported.consumed());
		report.line("The login of '" + id + "' is here now"
				+ (imported.consumed() ? ", and " + imported.file() + " is deleted."
						: ". Delete " + imported.file() + ", which could not be deleted from here."));
	}

}
