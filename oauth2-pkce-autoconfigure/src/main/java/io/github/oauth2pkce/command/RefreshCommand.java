package io.github.oauth2pkce.command;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.refresh.CredentialStatus;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshOutcome;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;

/**
 * Refreshes the token of the provider that was named, else all, though they still work.
 */
public final class RefreshCommand implements Command {

	private final Credentials credentials;

	private final ProviderLines lines;

	/**
	 * Creates the command.
	 * @param credentials refreshes
	 * @param lines a line for each provider
	 */
	public RefreshCommand(Credentials credentials, ProviderLines lines) {
		this.credentials = credentials;
		this.lines = lines;
	}

	@Override
	public String name() {
		return "refresh";
	}

	@Override
	public void run(CommandLine line, Report report) {
		List<Provider> chosen = this.lines.chosen(line);
		for (Provider provider : chosen) {
			if (provider.principal() == PrincipalKind.APPLICATION) {
				refresh(provider, report);
			}
			else if (line.provider() != null) {
				throw new MisuseException("The logins of '" + provider.id() + "' are those of its users ("
						+ provider.property("principal") + "): the application refreshes them");
			}
		}
		this.lines.report(chosen, report);
	}

	private void refresh(Provider provider, Report report) {
		CredentialId id = CredentialId.ofApplication(provider.id());
		Map<String, Object> entry = report.add("refreshes");
		entry.put("id", provider.id());
		if (this.lines.load(provider).needsPerson()) {
			entry.put("outcome", RefreshOutcome.SUPPRESSED.tag());
			report.exitCode(Report.WRONG);
			return;
		}
		try {
			this.credentials.current(id, RefreshTrigger.MANUAL).get();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex.getCause());
		}
		CredentialStatus status = this.credentials.status(id);
		RefreshOutcome outcome = status.lastOutcome();
		if (outcome != null) {
			entry.put("outcome", outcome.tag());
		}
		if (outcome == RefreshOutcome.PERSIST_FAILED) {
			report.problem(
					"The token of '" + provider.id() + "' was refreshed, but the store did not take it. It is saved"
							+ " as this command ends, if the store works again; otherwise somebody has to log in");
		}
		else if (outcome != RefreshOutcome.REFRESHED && outcome != RefreshOutcome.ADOPTED) {
			report.problem("The token of '" + provider.id() + "' was not refreshed"
					+ ((status.lastError() != null) ? ": " + status.lastError() : ""));
		}
	}

}
