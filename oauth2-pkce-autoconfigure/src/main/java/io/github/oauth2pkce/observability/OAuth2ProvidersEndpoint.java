package io.github.oauth2pkce.observability;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.LoginOutcome;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * {@code /actuator/oauth2providers}: reads what is known, and, when an operator has
 * allowed it, starts logins, refreshes and forgets. This is how an application without a
 * terminal logs in. Thread-safe.
 */
@Endpoint(id = "oauth2providers", defaultAccess = Access.READ_ONLY)
public class OAuth2ProvidersEndpoint {

	private final Providers providers;

	private final ProviderReports reports;

	private final Logins logins;

	private final Logout logout;

	private final Credentials credentials;

	private final Duration timeout;

	/**
	 * Creates the endpoint.
	 * @param providers the providers
	 * @param reports what is said of them
	 * @param logins starts logins
	 * @param logout forgets them
	 * @param credentials refreshes them
	 * @param timeout the longest that a request waits for a code or a refresh
	 */
	public OAuth2ProvidersEndpoint(Providers providers, ProviderReports reports, Logins logins, Logout logout,
			Credentials credentials, Duration timeout) {
		this.providers = providers;
		this.reports = reports;
		this.logins = logins;
		this.logout = logout;
		this.credentials = credentials;
		this.timeout = timeout;
	}

	/**
	 * All providers.
	 * @return {@code {"providers":[…]}}, in the order of their configuration
	 */
	@ReadOperation
	public Map<String, Object> providers() {
		List<Map<String, Object>> entries = new ArrayList<>();
		this.providers.forEach((provider) -> entries.add(this.reports.endpoint(provider)));
		return Map.of("providers", entries);
	}

	/**
	 * One provider.
	 * @param id the provider id
	 * @return its entry, {@code null} when there is no such provider
	 */
	@ReadOperation
	public @Nullable Map<String, Object> provider(@Selector String id) {
		Provider provider = this.providers.find(id);
		return (provider != null) ? this.reports.endpoint(provider) : null;
	}

	/** The id is the caller's, and may be anything. */
	String noProvider(String id) {
		List<String> ids = this.providers.ids();
		String there = ids.isEmpty() ? "there is none"
				: ((ids.size() == 1) ? "there is '" : "there are '") + String.join("', '", ids) + "'";
		return "No provider '" + ServerText.printable(id, 100) + "'; " + there;
	}

	/**
	 * Starts a login, or joins the one that runs; or refreshes, or gives the running
	 * login up.
	 * @param id the provider id
	 * @param action {@code login}, {@code refresh} or {@code cancel}; nothing means
	 * {@code login}
	 * @return {@code login} with what a person needs: a code, or, for a browser login on
	 * this machine, the page alone as {@code verificationUri}. Or the provider's entry
	 * after the other actions; {@code null} when there is no such provider
	 * @throws IllegalArgumentException when the action is unknown, or a person cannot log
	 * in to this provider
	 * @throws LoginException when the server gave no code
	 */
	@WriteOperation
	public @Nullable Map<String, Object> act(@Selector String id, @Nullable String action) {
		Provider provider = this.providers.find(id);
		if (provider == null) {
			return null;
		}
		if (action == null || action.isBlank() || "login".equals(action)) {
			if (provider.principal() == PrincipalKind.CURRENT_USER) {
				throw new IllegalArgumentException("Each user of provider '" + id + "' logs in for themselves");
			}
			if (provider.grant() == Grant.AUTHORIZATION_CODE && !this.logins.canStart(provider)) {
				throw new IllegalArgumentException(this.reports.browserLogin(provider));
			}
			return Map.of("login", login(this.logins.start(id)));
		}
		if ("refresh".equals(action)) {
			refresh(id);
			return this.reports.endpoint(provider);
		}
		if ("cancel".equals(action)) {
			cancel(id);
			return this.reports.endpoint(provider);
		}
		throw new IllegalArgumentException("The action is 'login', 'refresh' or 'cancel'");
	}

	/** Waits for the end, so that the entry shows it. */
	private void cancel(String id) {
		Login login = this.logins.running(CredentialId.ofApplication(id));
		if (login == null) {
			return;
		}
		login.cancel();
		try {
			login.completion().get(this.timeout.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (ExecutionException | TimeoutException ex) {
			// Given up; or too late for that, and the entry says what came of it.
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private Map<String, Object> login(Login login) {
		try {
			return ProviderReports.login(login.shown().get(this.timeout.toMillis(), TimeUnit.MILLISECONDS));
		}
		catch (ExecutionException ex) {
			Login.Page page = login.page();
			if (page != null && !login.completion().isDone()) {
				return ProviderReports.login(page);
			}
			throw (ex.getCause() instanceof LoginException failure) ? failure : new LoginException(LoginOutcome.FAILED,
					Problem.INTERNAL_ERROR, "The login failed unexpectedly", ex);
		}
		catch (TimeoutException ex) {
			throw new LoginException(LoginOutcome.FAILED, Problem.TIMEOUT, "The server has not given a code yet", ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new LoginException(LoginOutcome.CANCELLED, Problem.CANCELLED, "Interrupted", ex);
		}
	}

	private void refresh(String id) {
		try {
			this.credentials.current(CredentialId.ofApplication(id), RefreshTrigger.MANUAL)
				.get(this.timeout.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (ExecutionException | TimeoutException ex) {
			// The entry tells how far it got.
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Revokes at the server and forgets here.
	 * @param id the provider id
	 * @return the provider's entry afterwards, and whether the server has revoked the
	 * login; {@code null} when there is no such provider
	 */
	@DeleteOperation
	public @Nullable Map<String, Object> forget(@Selector String id) {
		Provider provider = this.providers.find(id);
		if (provider == null) {
			return null;
		}
		Logout.Result result = this.logout.logOut(CredentialId.ofApplication(id));
		Map<String, Object> entry = this.reports.endpoint(provider);
		if (result.forgotten()) {
			entry.put("revoked", result.revoked());
		}
		if (result.problem() != null) {
			entry.put("message", "Forgotten here, but not revoked at the server: " + result.problem());
		}
		return entry;
	}

}
