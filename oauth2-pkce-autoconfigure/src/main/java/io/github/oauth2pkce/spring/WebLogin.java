package io.github.oauth2pkce.spring;

import java.net.URI;
import java.time.Duration;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.code.CodeLoginException;
import io.github.oauth2pkce.discovery.ResourceDemands;
import io.github.oauth2pkce.token.AuthorizationDeniedException;
import io.github.oauth2pkce.token.SentSecrets;

import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.core.endpoint.PkceParameterNames;

/**
 * One answer to a login, while Spring Security's filters work on it; they may use several
 * threads one after the other. Holds secrets, which its text does not show.
 */
final class WebLogin {

	/** Attribute of an authorization request: when the browser was sent away with it. */
	static final String STARTED_AT = WebLogin.class.getName() + ".STARTED_AT";

	/** Attribute of an authorization request that asks for what a resource demands. */
	static final String STEP_UP = WebLogin.class.getName() + ".STEP_UP";

	/** Attribute of an authorization request: the sealed key of its tokens. */
	static final String DPOP_KEY = WebLogin.class.getName() + ".DPOP_KEY";

	private final String providerId;

	private final String state;

	private final long startedAt;

	private final boolean stepUp;

	private final SentSecrets secrets;

	private final WebLogins logins;

	private volatile @Nullable String accessToken;

	private volatile @Nullable String principalName;

	private volatile boolean saved;

	private volatile @Nullable RuntimeException failure;

	WebLogin(Provider provider, OAuth2AuthorizationRequest pending, Parameters parameters, WebLogins logins) {
		this.providerId = provider.id();
		this.state = Objects.requireNonNullElse(pending.getState(), "");
		this.logins = logins;
		Object startedAt = pending.getAttributes().get(STARTED_AT);
		this.startedAt = (startedAt instanceof Number number) ? number.longValue() : System.currentTimeMillis();
		this.stepUp = Boolean.TRUE.equals(pending.getAttributes().get(STEP_UP));
		this.secrets = SentSecrets.of(provider, this.state, parameters.get(OAuth2ParameterNames.CODE),
				(String) pending.getAttributes().get(PkceParameterNames.CODE_VERIFIER));
		String error = parameters.get(OAuth2ParameterNames.ERROR);
		// RFC 6749 section 3.1: a parameter without a value is none.
		if (error != null && !error.isBlank()) {
			OAuth2Error printable = CodeLoginException.printable(this.secrets, error,
					parameters.get(OAuth2ParameterNames.ERROR_DESCRIPTION));
			this.failure = OAuth2ErrorCodes.ACCESS_DENIED.equals(error) ? new AuthorizationDeniedException(printable)
					: CodeLoginException.refused(printable);
		}
	}

	String state() {
		return this.state;
	}

	@Nullable String accessToken() {
		return this.accessToken;
	}

	void exchanged(String accessToken) {
		this.accessToken = accessToken;
	}

	void failed(OAuth2AuthorizationException failure) {
		OAuth2Error error = CodeLoginException.printable(this.secrets, failure.getError().getErrorCode(),
				failure.getError().getDescription());
		this.failure = new CodeLoginException(error, "The code could not be redeemed: " + error.getErrorCode()
				+ ((error.getDescription() != null) ? ": " + error.getDescription() : ""));
	}

	void kept(String principalName, boolean saved) {
		this.saved = saved;
		this.principalName = principalName;
	}

	/**
	 * The filters are done.
	 * @param status the status of their answer
	 * @param location where it sends the browser, {@code null} when nowhere
	 */
	void close(int status, @Nullable URI location) {
		String query = (location != null) ? location.getRawQuery() : null;
		boolean refused = status >= 400 || (query != null && (query + "&").matches("(.*&)?error[&=].*"));
		close(refused);
	}

	/** The filters have failed. */
	void close() {
		close(true);
	}

	/**
	 * After the exchange it is between Spring Security and the application, about an ID
	 * token or a user. Where nothing says that it failed, tokens that are not kept are in
	 * a visitor's session: that login is none of ours.
	 */
	private void close(boolean refused) {
		if (refused && this.principalName == null && this.failure == null) {
			this.failure = new CodeLoginException(new OAuth2Error(Problem.LOGIN_REFUSED.code()),
					"The application did not accept the login that the authorization server had granted");
		}
		this.logins.close(this);
	}

	void tell(WebLoginListener listener, ResourceDemands demands) {
		String kept = this.principalName;
		RuntimeException failure = (kept != null) ? null : this.failure;
		if (kept != null || failure != null) {
			if (this.stepUp) {
				// Refused or not: the next one is not to end like this one.
				demands.fulfilled(this.providerId);
			}
			Duration duration = Duration.ofMillis(Math.max(0, System.currentTimeMillis() - this.startedAt));
			listener.ended(this.providerId, kept, this.saved, duration, failure);
		}
	}

	@Override
	public String toString() {
		return "WebLogin[provider=" + this.providerId + "]";
	}

	/** Reads a parameter of an answer. */
	@FunctionalInterface
	interface Parameters {

		@Nullable String get(String name);

	}

}
