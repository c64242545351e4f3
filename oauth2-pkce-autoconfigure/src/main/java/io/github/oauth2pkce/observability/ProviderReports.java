package io.github.oauth2pkce.observability;

import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.discovery.ResourceDemand;
import io.github.oauth2pkce.discovery.ResourceDemands;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.Login.Page;
import io.github.oauth2pkce.login.Login.Shown;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.refresh.CredentialStatus;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshOutcome;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;

/**
 * What health and endpoint say of a provider, from memory. No token, code, verifier or
 * secret, not even a prefix.
 */
public final class ProviderReports {

	/** Of each state: a health page is read by people and by scrapers. */
	private static final int MOST_NAMES = 100;

	/** So many refreshes in a row are no hiccup any more. */
	private static final int FAILING = 3;

	/** Of each thing that a resource demands: enough to read, not to fill a page. */
	static final int LONGEST_DEMAND = 500;

	private final Credentials credentials;

	private final ResourceDemands demands;

	private final Logins logins;

	private final SkipCounts skips;

	private final InstantSource clock;

	private final String store;

	private final LoginEntryPoints ways;

	private final boolean showPrincipals;

	/**
	 * Creates the reports.
	 * @param credentials what is reported
	 * @param demands what resources demand of them
	 * @param logins those that run
	 * @param skips requests without a bearer
	 * @param clock the wall clock
	 * @param store the kind of token store
	 * @param ways how a person can log in here
	 * @param showPrincipals whether users are named
	 */
	public ProviderReports(Credentials credentials, ResourceDemands demands, Logins logins, SkipCounts skips,
			InstantSource clock, String store, LoginEntryPoints ways, boolean showPrincipals) {
		this.credentials = credentials;
		this.demands = demands;
		this.logins = logins;
		this.skips = skips;
		this.clock = clock;
		this.store = store;
		this.ways = ways;
		this.showPrincipals = showPrincipals;
	}

	/** Users have states of their own: of all together nothing is known. */
	public AuthorizationState state(Provider provider) {
		return (provider.principal() == PrincipalKind.APPLICATION) ? status(provider).state()
				: AuthorizationState.UNKNOWN;
	}

	/**
	 * Whether requests go without a bearer although nobody has to log in: the token has
	 * ended, and the server refuses this client, or refreshing fails again and again.
	 */
	boolean isRefreshFailing(Provider provider) {
		CredentialStatus status = status(provider);
		if (state(provider) != AuthorizationState.AUTHORIZED || isTokenUsable(provider)) {
			return false;
		}
		return status.lastOutcome() == RefreshOutcome.REFUSED || status.failuresInARow() >= FAILING;
	}

	private boolean isTokenUsable(Provider provider) {
		Credential known = this.credentials.known(idOf(provider));
		return known != null && !known.accessToken().isBlank()
				&& (known.expiresAt() == null || this.clock.instant().isBefore(known.expiresAt()));
	}

	/**
	 * What a person should do, without the code of a login that runs.
	 * @param provider the provider
	 * @return a sentence, {@code null} when there is nothing to do
	 */
	public @Nullable String remedy(Provider provider) {
		Login login = running(provider);
		return advice(provider).withoutCode(status(provider), this.logins.lastError(idOf(provider)), login != null,
				shown(login));
	}

	String remedy(Provider provider, SkipReason reason) {
		return advice(provider).of(reason, remedy(provider));
	}

	/**
	 * What to change before another login is tried, {@code null} when nothing is known.
	 */
	@Nullable String change(Provider provider, String error, String words) {
		return advice(provider).change(error, words);
	}

	/** Without the code of a login that runs, because people leave health public. */
	Map<String, Object> health(Provider provider) {
		Map<String, Object> details = details(provider);
		put(details, "remedy", remedy(provider));
		return details;
	}

	private Remedy advice(Provider provider) {
		return new Remedy(asItLogsIn(provider), this.ways, isRejected(provider), this.demands.missing(provider.id()));
	}

	/** A login that runs has chosen, where the configuration leaves it open. */
	private Provider asItLogsIn(Provider provider) {
		Login login = provider.grantOpen() ? running(provider) : null;
		Grant grant = (login != null) ? login.grant() : null;
		return (grant != null) ? provider.withGrant(grant) : provider;
	}

	/** As the record says, which outlives restarts and whatever was not tried since. */
	private boolean isRejected(Provider provider) {
		Credential known = this.credentials.known(idOf(provider));
		return provider.grant().needsPerson() && known != null && known.isRefreshTokenRejected();
	}

	private Map<String, Object> details(Provider provider) {
		CredentialStatus status = status(provider);
		Map<String, Object> details = new LinkedHashMap<>();
		details.put("state", state(provider).name());
		details.put("grant", asItLogsIn(provider).grant().tag());
		details.put("pkce", provider.login().pkce() && provider.grant().needsPerson());
		details.put("hasRefreshToken", status.hasRefreshToken());
		put(details, "expiresAt", status.expiresAt());
		put(details, "lastRefreshAt", status.lastRefreshAt());
		put(details, "lastOutcome", (status.lastOutcome() != null) ? status.lastOutcome().tag() : null);
		put(details, "lastError",
				(status.lastError() != null) ? status.lastError() : this.logins.lastError(idOf(provider)));
		// A token that was rejected is sent no more.
		put(details, "nextAttemptAt", isRejected(provider) ? null : status.nextAttemptAt());
		putDemand(details, this.demands.missing(provider.id()));
		if (provider.principal() == PrincipalKind.CURRENT_USER) {
			details.put("users", users(provider));
		}
		Set<String> missing = this.credentials.missingScopes(idOf(provider));
		if (!missing.isEmpty()) {
			details.put("scopesMissing", missing);
			details.put("hint", "The server granted less than was asked for: requests that need a missing scope may be"
					+ " answered with 403 insufficient_scope");
		}
		return details;
	}

	/** What the next login has to bring, in a resource's words. */
	private static void putDemand(Map<String, Object> details, ResourceDemand missing) {
		if (!missing.insufficient()) {
			return;
		}
		if (!missing.scopes().isEmpty() || missing.isEmpty()) {
			details.put("scopesRequired", missing.scopes());
		}
		put(details, "acrValues", missing.acrValues());
		put(details, "maxAge", missing.maxAge());
		put(details, "claims",
				(missing.claims() != null) ? ServerText.printable(missing.claims(), LONGEST_DEMAND) : null);
	}

	/** Those who are in memory: how many in each state, or who. */
	private Map<String, Object> users(Provider provider) {
		Map<String, Set<String>> names = new TreeMap<>();
		Map<String, Integer> counts = new TreeMap<>();
		this.credentials.ofUsers(provider.id()).forEach((name, status) -> {
			String state = status.state().name();
			counts.merge(state, 1, Integer::sum);
			names.computeIfAbsent(state, (key) -> new TreeSet<>()).add(ServerText.printable(name, 100));
		});
		if (!this.showPrincipals) {
			return new LinkedHashMap<>(counts);
		}
		Map<String, Object> shown = new LinkedHashMap<>();
		names.forEach((state, users) -> shown.put(state, users.stream().limit(MOST_NAMES).toList()));
		return shown;
	}

	/**
	 * What the endpoint says of a provider.
	 * @param provider the provider
	 * @return a new map of JSON values, in the order of the documents
	 */
	public Map<String, Object> endpoint(Provider provider) {
		CredentialStatus status = status(provider);
		Map<String, Object> entry = new LinkedHashMap<>();
		entry.put("id", provider.id());
		entry.putAll(details(provider));
		Login login = running(provider);
		Shown shown = shown(login);
		put(entry, "remedy", advice(provider).of(status, this.logins.lastError(idOf(provider)), login != null, shown));
		Credential known = this.credentials.known(idOf(provider));
		put(entry, "resource", provider.resourceUri());
		// Those that are found out are known as soon as somebody has logged in.
		put(entry, "issuer",
				(known != null && provider.issuerUri() == null) ? known.origin().issuer() : provider.issuerUri());
		put(entry, "clientId", provider.client().isKnown() ? provider.client().id()
				: ((known != null) ? known.origin().clientId() : null));
		DpopKey key = (known != null) ? known.origin().key() : null;
		put(entry, "dpopKeyThumbprint", (key != null) ? key.thumbprint() : null);
		entry.put("scopesRequested", provider.request().scopes());
		entry.put("scopesGranted", status.scopesGranted());
		entry.put("store", this.credentials.isKept(provider.id()) ? this.store : "memory");
		entry.put("skips", this.skips.counts(provider.id()));
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

	/** Why nobody can start a browser login here, where Spring Security's filters do. */
	String browserLogin(Provider provider) {
		String page = this.ways.browserLogin();
		return (page != null)
				? "A login to provider '" + provider.id() + "' begins in a browser, at " + page + "/" + provider.id()
				: "Nobody can log in to provider '" + provider.id() + "' here: " + Remedy.noBrowserLogin();
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
		Login login = this.logins.running(idOf(provider));
		// Its tokens are stored; it only waits for the end of its prompt.
		boolean done = login != null && login.isDecided() && !status(provider).state().needsPerson();
		return done ? null : login;
	}

	private static @Nullable Shown shown(@Nullable Login login) {
		CompletableFuture<Shown> shown = (login != null) ? login.shown() : null;
		return (shown != null && shown.isDone() && !shown.isCompletedExceptionally()) ? shown.getNow(null) : null;
	}

	private CredentialStatus status(Provider provider) {
		return this.credentials.status(idOf(provider));
	}

	private static CredentialId idOf(Provider provider) {
		return CredentialId.ofApplication(provider.id());
	}

	/** As ISO 8601 text, whatever a JSON mapper is set to. */
	private static void put(Map<String, Object> details, String name, @Nullable Object value) {
		if (value != null) {
			details.put(name, (value instanceof Instant || value instanceof java.net.URI) ? value.toString() : value);
		}
	}

}
