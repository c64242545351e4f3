package io.github.oauth2pkce.command;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.SecureTransport;
import io.github.oauth2pkce.observability.ProviderReports;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.target.BaseUrl;
import io.github.oauth2pkce.target.BearerPolicies;
import io.github.oauth2pkce.target.BearerPolicy;

/**
 * Finds out what is wrong: the store, and of each provider its server, what the server
 * says of itself, the base URLs and the login; and says what to set. Sends nothing that
 * changes anything at a server, but for the token requests of machines.
 */
public final class DoctorCommand implements Command {

	private final TokenStore store;

	private final ServerCheckup servers;

	private final BearerPolicies policies;

	private final Credentials credentials;

	private final ProviderReports reports;

	private final ProviderLines lines;

	/**
	 * Creates the command.
	 * @param store where logins are kept
	 * @param servers examines authorization servers
	 * @param policies where bearers may go
	 * @param credentials the logins
	 * @param reports what to do about them
	 * @param lines knows which providers are meant
	 */
	public DoctorCommand(TokenStore store, ServerCheckup servers, BearerPolicies policies, Credentials credentials,
			ProviderReports reports, ProviderLines lines) {
		this.store = store;
		this.servers = servers;
		this.policies = policies;
		this.credentials = credentials;
		this.reports = reports;
		this.lines = lines;
	}

	@Override
	public String name() {
		return "doctor";
	}

	@Override
	public void run(CommandLine line, Report report) {
		Checkup checkup = new Checkup(report);
		checkup.about("store");
		store(checkup);
		for (Provider provider : this.lines.chosen(line)) {
			checkup.about(provider.id());
			this.servers.examine(provider, checkup);
			baseUrls(provider, checkup);
			if (provider.principal() == PrincipalKind.CURRENT_USER) {
				checkup.ok("login", "of each user, in the application");
			}
			else if (provider.grant().needsPerson()) {
				login(provider, checkup);
			}
			else {
				token(provider, checkup);
			}
		}
		checkup.print();
	}

	private void store(Checkup checkup) {
		try {
			this.store.checkWritable();
			checkup.ok("store", this.store.name() + ("memory".equals(this.store.name())
					? ": logins end with the application (oauth2.pkce.store.type)" : ", can be written"));
		}
		catch (TokenStoreException ex) {
			checkup.problem("store", this.store.name() + ": " + ex.getMessage(),
					"Make it writable, or choose another oauth2.pkce.store.type");
		}
	}

	private void baseUrls(Provider provider, Checkup checkup) {
		BearerPolicy policy = this.policies.of(provider.id());
		List<BaseUrl> baseUrls = (policy != null) ? policy.baseUrls() : List.of();
		String property = provider.property("base-urls");
		if (baseUrls.isEmpty()) {
			checkup.ok("base-urls",
					"none: only a request that names '" + provider.id() + "' has its bearer (" + property + ")");
			return;
		}
		Map<String, Set<String>> contested = this.policies.contested();
		for (BaseUrl baseUrl : baseUrls) {
			Set<String> claimed = contested.get(baseUrl.toString());
			if (claimed != null) {
				checkup.problem("base-urls", baseUrl + " is claimed by " + String.join(" and ", claimed)
						+ ", so requests there have no bearer", "Remove it from all " + property + " but one");
			}
			else if (!SecureTransport.isSecure(URI.create(baseUrl.toString()))) {
				checkup.problem("base-urls", baseUrl + " is plain http to another machine: no bearer is sent there",
						"Use https in " + property);
			}
			else {
				checkup.ok("base-urls", baseUrl.toString());
			}
		}
	}

	private void login(Provider provider, Checkup checkup) {
		AuthorizationState state = this.lines.load(provider);
		String remedy = this.reports.remedy(provider);
		if (state == AuthorizationState.AUTHORIZED) {
			checkup.ok("login", state + ((remedy != null) ? ": " + remedy : ""));
		}
		else {
			checkup.problem("login", state.name(), remedy);
		}
	}

	/** As requests would: it is kept nowhere. */
	private void token(Provider provider, Checkup checkup) {
		CredentialId id = CredentialId.ofApplication(provider.id());
		try {
			this.credentials.current(id, RefreshTrigger.EXPIRY).get();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex.getCause());
		}
		String error = this.credentials.status(id).lastError();
		if (error == null) {
			checkup.ok("token", "the server issues one by " + provider.grant().tag());
		}
		else {
			checkup.problem("token", "the server issues none: " + error, this.reports.remedy(provider));
		}
	}

}
