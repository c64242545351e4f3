package io.github.oauth2pkce.spring;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;

import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;

/**
 * The answers to logins that Spring Security's filters are working on. They tell nobody
 * how a login ended; what the parts that are ours see of it comes together here, known by
 * the login's state and then by its access token. Thread-safe.
 */
public final class AnsweredLogins {

	private final AnsweredLoginListener listener;

	private final Map<String, AnsweredLogin> byState = new ConcurrentHashMap<>();

	private final Map<String, AnsweredLogin> byToken = new ConcurrentHashMap<>();

	/**
	 * Creates the logins, of which there are none yet.
	 * @param listener is told how each ends
	 */
	public AnsweredLogins(AnsweredLoginListener listener) {
		this.listener = listener;
	}

	/**
	 * An answer to a pending login has come.
	 * @param provider at which provider
	 * @param pending the request that it answers
	 * @param parameters reads a parameter of the answer
	 * @return to be closed when the filters are done with it
	 */
	AnsweredLogin open(Provider provider, OAuth2AuthorizationRequest pending, AnsweredLogin.Parameters parameters) {
		AnsweredLogin login = new AnsweredLogin(provider, pending, parameters, this);
		// The same answer twice at the same time is one: Spring Security refuses the
		// other.
		this.byState.putIfAbsent(login.state(), login);
		return login;
	}

	void close(AnsweredLogin login) {
		if (!this.byState.remove(login.state(), login)) {
			return;
		}
		String accessToken = login.accessToken();
		if (accessToken != null) {
			this.byToken.remove(accessToken, login);
		}
		login.tell(this.listener);
	}

	/** Its code was redeemed. */
	void exchanged(@Nullable String state, String accessToken) {
		AnsweredLogin login = find(state);
		if (login != null) {
			login.exchanged(accessToken);
			this.byToken.put(accessToken, login);
		}
	}

	/** Its code could not be redeemed. */
	void failed(@Nullable String state, OAuth2AuthorizationException failure) {
		AnsweredLogin login = find(state);
		if (login != null) {
			login.failed(failure);
		}
	}

	private @Nullable AnsweredLogin find(@Nullable String state) {
		return (state != null) ? this.byState.get(state) : null;
	}

	/**
	 * The tokens of a login are kept.
	 * @param accessToken the access token
	 * @param principalName whose they are
	 * @param saved whether the store has them; otherwise they are in memory only
	 */
	public void kept(String accessToken, String principalName, boolean saved) {
		AnsweredLogin login = this.byToken.get(accessToken);
		if (login != null) {
			login.kept(principalName, saved);
		}
	}

}
