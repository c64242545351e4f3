package io.github.oauth2pkce.observability;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.Login.Page;
import io.github.oauth2pkce.login.Login.Shown;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.refresh.CredentialStatus;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.CredentialId;

/**
 * What health and endpoint say of a provider, from memory. No token, code, verifier or
 * secret, not even a prefix.
 */
public final class ProviderReports {

	private final Credentials credentials;

	private final Logins logins;

	private final SkipCounts skips;

	private final String store;

	/**
	 * Creates the reports.
	 * @param credentials what is reported
	 * @param logins those that run
	 * @param skips requests without a bearer
	 * @param store the kind of token store
	 */
	public ProviderReports(Credentials credentials, Logins logins, SkipCounts skips, String store) {
		this.credentials = credentials;
		this.logins = logins;
		this.skips = skips;
		this.store = store;
	}

	/** Users have states of their own: of all together nothing is known. */
	AuthorizationState state(Provider provider) {
		return (provider.principal() == PrincipalKind.APPLICATION) ? status(provider).state()
				: AuthorizationState.UNKNOWN;
	}

	Map<String, Object> health(Provider provider) {
		CredentialStatus status = status(provider);
		Map<String, Object> details = new LinkedHashMap<>();
		details.put("state", state(provider).name());
		details.put("grant", Grants.name(provider.grant()));
		details.put("pkce", provider.pkce() && provider.isUserGrant());
		details.put("hasRefreshToken", status.hasRefreshToken());
		put(details, "expiresAt", status.expiresAt());
		put(details, "lastRefreshAt", status.lastRefreshAt());
		put(details, "lastOutcome", (status.lastOutcome() != null) ? status.lastOutcome().tag() : null);
		put(details, "lastError", status.lastError());
		put(details, "nextAttemptAt", status.nextAttemptAt());
		Set<String> missing = this.credentials.missingScopes(CredentialId.ofApplication(provider.id()));
		if (!missing.isEmpty()) {
			details.put("scopesMissing", missing);
			details.put("hint", "The server granted less than was asked for: requests that need a missing scope may be"
					+ " answered with 403 insufficient_scope");
		}
		put(details, "remedy", remedy(provider, status));
		return details;
	}

	Map<String, Object> endpoint(Provider provider) {
		CredentialStatus status = status(provider);
		Map<String, Object> entry = new LinkedHashMap<>();
		entry.put("id", provider.id());
		entry.putAll(health(provider));
		put(entry, "issuer", provider.issuerUri());
		entry.put("clientId", provider.clientId());
		entry.put("scopesRequested", provider.scopes());
		entry.put("scopesGranted", status.scopesGranted());
		entry.put("store", provider.isUserGrant() ? this.store : "memory");
		entry.put("skips", this.skips.counts(provider.id()));
		Login login = running(provider);
		Shown shown = shown(login);
		Page page = (login != null) ? login.page() : null;
		if (shown != null) {
			entry.put("login", login(shown));
		}
		else if (page != null) {
			// Not its address, which holds the login's state: it is for whoever may start
			// one.
			entry.put("login", Map.of("expiresAt", page.expiresAt().toString()));
		}
		return entry;
	}

	private @Nullable String remedy(Provider provider, CredentialStatus status) {
		Login login = running(provider);
		return (login != null && login.page() != null)
				? "Finish the login in the browser on the application's machine; the page to open is on its standard"
						+ " output"
				: Remedy.of(provider, status, shown(login), this.logins.canStart(provider));
	}

	static Map<String, Object> login(Page page) {
		Map<String, Object> login = new LinkedHashMap<>();
		login.put("verificationUri", page.uri().toString());
		put(login, "expiresAt", page.expiresAt());
		return login;
	}

	static Map<String, Object> login(Shown shown) {
		Map<String, Object> login = new LinkedHashMap<>();
		login.put("userCode", shown.userCode().userCode());
		login.put("verificationUri", shown.userCode().verificationUri().toString());
		put(login, "verificationUriComplete", shown.userCode().verificationUriComplete());
		put(login, "expiresAt", shown.expiresAt());
		return login;
	}

	private @Nullable Login running(Provider provider) {
		return this.logins.running(CredentialId.ofApplication(provider.id()));
	}

	private static @Nullable Shown shown(@Nullable Login login) {
		CompletableFuture<Shown> shown = (login != null) ? login.shown() : null;
		return (shown != null && shown.isDone() && !shown.isCompletedExceptionally()) ? shown.getNow(null) : null;
	}

	private CredentialStatus status(Provider provider) {
		return this.credentials.status(CredentialId.ofApplication(provider.id()));
	}

	/** As ISO 8601 text, whatever a JSON mapper is set to. */
	private static void put(Map<String, Object> details, String name, @Nullable Object value) {
		if (value != null) {
			details.put(name, (value instanceof Instant || value instanceof java.net.URI) ? value.toString() : value);
		}
	}

}
