package io.github.oauth2pkce.command;

import java.text.ParseException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.JWTParser;
import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.observability.ProviderReports;
import io.github.oauth2pkce.refresh.CredentialStatus;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;

/**
 * The state of providers, a line for each: state, who, good until, store, remedy. Reads
 * the store and asks no server.
 */
public final class ProviderLines {

	private static final String NOTHING = "-";

	private static final int LONGEST_NAME = 60;

	private final Providers providers;

	private final Credentials credentials;

	private final ProviderReports reports;

	/**
	 * Creates the lines.
	 * @param providers the providers
	 * @param credentials what is told of
	 * @param reports what the endpoint says of them
	 */
	public ProviderLines(Providers providers, Credentials credentials, ProviderReports reports) {
		this.providers = providers;
		this.credentials = credentials;
		this.reports = reports;
	}

	/**
	 * The providers that a command is about.
	 * @return the one that was named, else all
	 */
	List<Provider> chosen(CommandLine line) {
		return (line.provider() != null) ? List.of(this.providers.get(line.provider()))
				: this.providers.ids().stream().map(this.providers::get).toList();
	}

	/**
	 * The provider whose login travels.
	 * @return the one that was named, else the only one with a login of the application
	 * @throws MisuseException when there is none, or more than one
	 */
	Provider movable(CommandLine line) {
		if (line.provider() != null) {
			return movable(this.providers.get(line.provider()));
		}
		List<Provider> movable = chosen(line).stream().filter(this::isMovable).toList();
		if (movable.size() != 1) {
			throw new MisuseException(movable.isEmpty() ? "No provider here has a login of the application's own"
					: "Name the provider: --" + CommandLine.PROPERTY + "=" + line.command()
							+ " <id>, where <id> is one of "
							+ String.join(", ", movable.stream().map(Provider::id).toList()));
		}
		return movable.get(0);
	}

	/**
	 * The provider of a login that has come.
	 * @param id the provider that it was of, which may be called otherwise here
	 * @throws MisuseException when there is none
	 */
	Provider movable(CommandLine line, String id) {
		Provider provider = (line.provider() != null) ? this.providers.get(line.provider()) : this.providers.find(id);
		if (provider == null) {
			throw new MisuseException("The login in the file is of the provider '" + ServerText.printable(id, 100)
					+ "', which is not here. If it has another name here, say so: --" + CommandLine.PROPERTY + "="
					+ line.command() + " <id>");
		}
		return movable(provider);
	}

	private Provider movable(Provider provider) {
		if (!isMovable(provider)) {
			throw new MisuseException((provider.principal() == PrincipalKind.CURRENT_USER)
					? "The logins of '" + provider.id() + "' are those of its users (" + provider.property("principal")
							+ "), and stay where they are"
					: "There is no login of '" + provider.id() + "' to move: it uses " + provider.grant().tag());
		}
		return provider;
	}

	private boolean isMovable(Provider provider) {
		return provider.principal() == PrincipalKind.APPLICATION && provider.grant().needsPerson();
	}

	/**
	 * Reads what the store has.
	 * @return the state
	 */
	AuthorizationState load(Provider provider) {
		return this.credentials.load(CredentialId.ofApplication(provider.id()));
	}

	/** Adds a line for each provider. */
	void report(List<Provider> providers, Report report) {
		List<List<String>> rows = providers.stream().map((provider) -> row(provider, report)).toList();
		Table.lines(rows).forEach(report::line);
	}

	private List<String> row(Provider provider, Report report) {
		Map<String, Object> entry = report.add("providers");
		entry.putAll(this.reports.endpoint(provider));
		// Of this process, which sends none.
		entry.remove("skips");
		boolean ofUsers = provider.principal() == PrincipalKind.CURRENT_USER;
		Credential known = this.credentials.known(CredentialId.ofApplication(provider.id()));
		String person = (known != null) ? person(known) : null;
		entry.put("principal", ofUsers ? "current-user" : "application");
		if (person != null) {
			entry.put("user", person);
		}
		List<String> row = new ArrayList<>(List.of(provider.id(), String.valueOf(entry.get("state")),
				ofUsers ? "each user" : ((person != null) ? person : "application"),
				ofUsers ? NOTHING : until(known, this.credentials.status(CredentialId.ofApplication(provider.id()))),
				String.valueOf(entry.get("store"))));
		if (entry.get("remedy") instanceof String remedy) {
			row.add(remedy);
		}
		return row;
	}

	private static String until(@Nullable Credential known, CredentialStatus status) {
		if (known == null || !status.state().equals(AuthorizationState.AUTHORIZED)) {
			return NOTHING;
		}
		Instant end = known.expiresAt();
		String until = (end != null) ? "until " + end.truncatedTo(ChronoUnit.SECONDS) : "no end known";
		return status.hasRefreshToken() ? until + ", then refreshed" : until;
	}

	/**
	 * As the ID token says, which came from the server's own token endpoint (OpenID
	 * Connect Core 1.0 section 3.1.3.7).
	 */
	private static @Nullable String person(Credential known) {
		if (known.assertion() == null || known.origin().madeFrom() != null) {
			return null;
		}
		try {
			JWTClaimsSet claims = JWTParser.parse(known.assertion()).getJWTClaimsSet();
			if (claims == null) {
				// Encrypted (RFC 7516), and not for us.
				return null;
			}
			for (String claim : List.of("preferred_username", "email", "name", "sub")) {
				if (claims.getClaim(claim) instanceof String name) {
					String printable = ServerText.printable(name, LONGEST_NAME).strip();
					if (!printable.isEmpty()) {
						return printable;
					}
				}
			}
			return null;
		}
		catch (ParseException ex) {
			return null;
		}
	}

}
