package io.github.oauth2pkce.command;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.LoginTransfers;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.terminal.Terminal;

/**
 * Logs a person in to the provider that was named, else to each that has no usable login.
 */
public final class LoginCommand implements Command {

	private final Logins logins;

	private final Credentials credentials;

	private final TokenStore store;

	private final ProviderLines lines;

	/**
	 * Creates the command.
	 * @param logins starts logins
	 * @param credentials keeps them
	 * @param store where
	 * @param lines a line for each provider
	 */
	public LoginCommand(Logins logins, Credentials credentials, TokenStore store, ProviderLines lines) {
		this.logins = logins;
		this.credentials = credentials;
		this.store = store;
		this.lines = lines;
	}

	@Override
	public String name() {
		return "login";
	}

	@Override
	public void run(CommandLine line, Report report) {
		if ("memory".equals(this.store.name())) {
			throw new MisuseException("A login would end with this command, because logins are kept in memory: set"
					+ " oauth2.pkce.store.type to file, jdbc or redis");
		}
		List<Provider> chosen = this.lines.chosen(line);
		if (line.provider() != null) {
			checkPossible(chosen.get(0));
		}
		for (Provider provider : chosen) {
			boolean needed = isPossible(provider) && this.lines.load(provider).needsPerson();
			if (line.provider() != null || needed) {
				logIn(provider, line, report);
			}
		}
		this.lines.report(chosen, report);
	}

	private boolean isPossible(Provider provider) {
		return provider.principal() == PrincipalKind.APPLICATION && this.logins.canStart(provider);
	}

	private void checkPossible(Provider provider) {
		if (provider.principal() == PrincipalKind.CURRENT_USER) {
			throw new MisuseException("The logins of '" + provider.id() + "' are those of its users ("
					+ provider.property("principal") + "): each logs in for themselves, in the application");
		}
		if (!provider.grant().needsPerson()) {
			throw new MisuseException(
					"Nobody has to log in to '" + provider.id() + "': it uses " + provider.grant().tag());
		}
		if (!this.logins.canStart(provider)) {
			throw new MisuseException("This application cannot start a login by " + provider.grant().tag() + " to '"
					+ provider.id() + "'");
		}
	}

	private void logIn(Provider provider, CommandLine line, Report report) {
		CredentialId id = CredentialId.ofApplication(provider.id());
		// The present login tells the server, and what to ask for.
		this.credentials.load(id);
		String away = LoginTransfers.away(this.store.load(id));
		Map<String, Object> entry = report.add("logins");
		entry.put("id", provider.id());
		Login login = this.logins.start(provider.id());
		try {
			login.join();
			boolean saved = !Problem.STORE_ERROR.code().equals(this.credentials.status(id).lastError());
			entry.put("outcome", "success");
			entry.put("saved", saved);
			if (away != null) {
				entry.put("message", away);
				report.line("The login of '" + provider.id() + "' that was here before is not lost: " + away + ".");
			}
			if (!saved) {
				report.problem(Terminal.unsaved(provider.id()));
			}
		}
		catch (LoginException ex) {
			entry.put("outcome", ex.outcome().tag());
			entry.put("error", ex.errorCode());
			entry.put("message", String.valueOf(ex.getMessage()));
			if (wasPrompted(login) && !line.json()) {
				// The prompt has said why.
				report.exitCode(Report.WRONG);
			}
			else {
				report.problem(Terminal.outcome(provider.id(), ex));
			}
		}
	}

	private static boolean wasPrompted(Login login) {
		CompletableFuture<Login.Shown> shown = login.shown();
		return login.page() != null || (shown.isDone() && !shown.isCompletedExceptionally());
	}

}
