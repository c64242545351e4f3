package io.github.oauth2pkce.login;

import java.util.Collection;
import java.util.Set;
import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.Endpoint;
import io.github.oauth2pkce.discovery.ResourceDemands;
import io.github.oauth2pkce.store.Credential;

/**
 * What the next login asks for beyond its configuration, and by which grant where the
 * configuration leaves that open. Blocking where a server has to be found; thread-safe.
 */
public final class LoginPreparation {

	private final Discovery discovery;

	private final ResourceDemands demands;

	private final BooleanSupplier browser;

	/**
	 * Creates the preparation.
	 * @param discovery finds the server of a resource
	 * @param demands what resources have demanded
	 * @param browser whether a browser can be opened on this machine
	 */
	public LoginPreparation(Discovery discovery, ResourceDemands demands, BooleanSupplier browser) {
		this.discovery = discovery;
		this.demands = demands;
		this.browser = browser;
	}

	/**
	 * Prepares a login.
	 * @param provider the provider, as it is configured
	 * @param known the login that it replaces, {@code null} when none is known
	 * @param possible the grants that this application can log in by
	 * @return the provider to log in to
	 */
	Provider prepare(Provider provider, @Nullable Credential known, Collection<Grant> possible) {
		// A wider login must not be a narrower one elsewhere.
		Provider asked = atKnownServer(this.demands.asked(provider, (known != null) ? known.scopes() : Set.of()),
				known);
		return provider.grantOpen() ? withGrant(asked, possible) : asked;
	}

	/** Of several servers that the resource trusts, the one that has issued the login. */
	private Provider atKnownServer(Provider provider, @Nullable Credential known) {
		String issuer = (known != null) ? known.origin().issuer() : null;
		if (issuer == null || provider.issuerUri() != null || provider.resourceUri() == null) {
			return provider;
		}
		return this.discovery.isTrusted(provider, issuer) ? provider.withIssuer(issuer) : provider;
	}

	private Provider withGrant(Provider provider, Collection<Grant> possible) {
		boolean code = possible.contains(Grant.AUTHORIZATION_CODE);
		if (code && this.browser.getAsBoolean()) {
			return provider.withGrant(Grant.AUTHORIZATION_CODE);
		}
		boolean device = possible.contains(Grant.DEVICE_CODE)
				&& this.discovery.find(this.discovery.resolve(provider), Endpoint.DEVICE_AUTHORIZATION) != null;
		if (!code && !device) {
			throw new LoginException(LoginOutcome.FAILED, Problem.NO_LOGIN, "The authorization server of '"
					+ provider.id() + "' has no device login, and this application cannot start one in a browser",
					null);
		}
		return provider.withGrant(device ? Grant.DEVICE_CODE : Grant.AUTHORIZATION_CODE);
	}

}
