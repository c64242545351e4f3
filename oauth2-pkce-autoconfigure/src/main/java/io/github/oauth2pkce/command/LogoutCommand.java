package io.github.oauth2pkce.command;

import java.util.Map;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.CredentialId;

/**
 * Revokes the login of the provider that was named, else all logins, and forgets them.
 */
public final class LogoutCommand implements Command {

	private final Logout logout;

	private final Credentials credentials;

	private final ProviderLines lines;

	/**
	 * Creates the command.
	 * @param logout forgets logins
	 * @param credentials tells whether a provider's tokens are kept
	 * @param lines knows which providers are meant
	 */
	public LogoutCommand(Logout logout, Credentials credentials, ProviderLines lines) {
		this.logout = logout;
		this.credentials = credentials;
		this.lines = lines;
	}

	@Override
	public String name() {
		return "logout";
	}

	@Override
	public void run(CommandLine line, Report report) {
		for (Provider provider : this.lines.chosen(line)) {
			if (provider.principal() == PrincipalKind.APPLICATION && this.credentials.isKept(provider.id())) {
				logOut(provider, report);
			}
			else if (line.provider() != null) {
				throw new MisuseException((provider.principal() == PrincipalKind.CURRENT_USER)
						? "The logins of '" + provider.id() + "' are those of its users ("
								+ provider.property("principal") + "): each logs out for themselves, in the application"
						: "There is no login of '" + provider.id() + "' to forget: it uses " + provider.grant().tag());
			}
		}
		if (report.lines().isEmpty()) {
			report.line("No provider here has a login of the application's own.");
		}
	}

	private void logOut(Provider provider, Report report) {
		Logout.Result result = this.logout.logOut(CredentialId.ofApplication(provider.id()));
		Map<String, Object> entry = report.add("logouts");
		entry.put("id", provider.id());
		entry.put("forgotten", result.forgotten());
		entry.put("revoked", result.revoked());
		if (!result.forgotten()) {
			report.line("Nobody is logged in to '" + provider.id() + "'.");
			return;
		}
		String problem = result.problem();
		if (problem != null) {
			entry.put("message", problem);
			if (result.revocable()) {
				// Whoever has a copy of it can go on.
				report.exitCode(Report.WRONG);
			}
		}
		report.line("Logged out of '" + provider.id() + "'"
				+ ((problem != null) ? " here, but the login is not revoked at the server: " + problem : "."));
	}

}
