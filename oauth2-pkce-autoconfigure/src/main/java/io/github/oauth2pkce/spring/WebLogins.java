package io.github.oauth2pkce.spring;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.discovery.ResourceDemands;
import io.github.oauth2pkce.store.TokenStore;

import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;

/**
 * The logins that Spring Security's filters are working on. The filters report to nobody
 * how a login ended, so this class collects what our own filters and clients see of it: a
 * login is found by its state first, later by its access token. Thread-safe.
 */
public final class WebLogins {

	private final WebLoginListener listener;

	private final ResourceDemands demands;

	private final Map<String, WebLogin> byState = new ConcurrentHashMap<>();

	private final Map<String, WebLogin> byToken = new ConcurrentHashMap<>();

	private final SessionKeys sessionKeys;

	/** Of tokens that Spring Security has and will save, and that nobody else knows. */
	private final Cache<String, DpopKey> keys = Caffeine.newBuilder()
		.maximumSize(10_000)
		.expireAfterWrite(Duration.ofMinutes(10))
		.build();

	/**
	 * Creates the logins.
	 * @param listener is notified of each end
	 * @param demands what resources demand, until a login was asked for it
	 * @param store keeps what opens the keys in sessions
	 * @param clock the wall clock
	 */
	public WebLogins(WebLoginListener listener, ResourceDemands demands, TokenStore store, InstantSource clock) {
		this.listener = listener;
		this.demands = demands;
		this.sessionKeys = new SessionKeys(store, clock);
	}

	/** The key of a login, as its session may keep it. */
	String sealed(Provider provider, DpopKey key) {
		return this.sessionKeys.seal(provider.id(), key);
	}

	/** The key that a login began with, {@code null} for none. */
	@Nullable DpopKey keyOf(Provider provider, OAuth2AuthorizationRequest request) {
		return (request.getAttributes().get(WebLogin.DPOP_KEY) instanceof String sealed)
				? this.sessionKeys.open(provider.id(), sealed) : null;
	}

	/** The browser could not be sent away. */
	void notBegun(Provider provider, RuntimeException failure) {
		this.listener.ended(provider.id(), null, false, Duration.ZERO, failure);
	}

	/**
	 * Opens a login whose authorization response has arrived.
	 * @param provider the provider
	 * @param pending the authorization request that it answers
	 * @param parameters reads a parameter of the response
	 * @return the login, to be closed when the filters have finished
	 */
	WebLogin open(Provider provider, OAuth2AuthorizationRequest pending, WebLogin.Parameters parameters) {
		WebLogin login = new WebLogin(provider, pending, parameters, this);
		// The same answer twice at the same time is one: Spring Security refuses the
		// other.
		this.byState.putIfAbsent(login.state(), login);
		return login;
	}

	void close(WebLogin login) {
		if (!this.byState.remove(login.state(), login)) {
			return;
		}
		String accessToken = login.accessToken();
		if (accessToken != null) {
			this.byToken.remove(accessToken, login);
		}
		login.tell(this.listener, this.demands);
	}

	/** The code was redeemed. */
	void exchanged(@Nullable String state, String accessToken) {
		WebLogin login = find(state);
		if (login != null) {
			login.exchanged(accessToken);
			this.byToken.put(accessToken, login);
		}
	}

	/** The code could not be redeemed. */
	void failed(@Nullable String state, OAuth2AuthorizationException failure) {
		WebLogin login = find(state);
		if (login != null) {
			login.failed(failure);
		}
	}

	/**
	 * Refuses to keep a token where only Spring Security's clients would find it.
	 * @throws OAuth2AuthorizationException when it is bound to a key
	 */
	void checkUnbound(OAuth2AuthorizedClient client) {
		OAuth2AccessToken token = client.getAccessToken();
		if (!TokenType.DPOP.equals(token.getTokenType())) {
			return;
		}
		String registrationId = client.getClientRegistration().getRegistrationId();
		OAuth2AuthorizationException failure = new OAuth2AuthorizationException(new OAuth2Error(
				Problem.UNSUPPORTED_TOKEN_TYPE.code(),
				"The token of '" + registrationId + "' is bound to a key (dpop), and would be kept in the session of a"
						+ " visitor who is not signed in, where Spring Security's clients send it as a bearer: sign the"
						+ " visitor in first, or use oauth2Login()",
				null));
		WebLogin login = this.byToken.get(token.getTokenValue());
		if (login != null) {
			login.failed(failure);
		}
		throw failure;
	}

	/** A token is bound to a key, which is kept with it when it is. */
	void bound(String accessToken, DpopKey key) {
		this.keys.put(accessToken, key);
	}

	/** The key of a token that is about to be kept, {@code null} for none. */
	@Nullable DpopKey keyOf(String accessToken) {
		return this.keys.getIfPresent(accessToken);
	}

	private @Nullable WebLogin find(@Nullable String state) {
		return (state != null) ? this.byState.get(state) : null;
	}

	/**
	 * The tokens of a login are stored.
	 * @param accessToken the access token
	 * @param principalName the user
	 * @param saved {@code false} when they are in memory only
	 */
	public void kept(String accessToken, String principalName, boolean saved) {
		WebLogin login = this.byToken.get(accessToken);
		if (login != null) {
			login.kept(principalName, saved);
		}
	}

}
