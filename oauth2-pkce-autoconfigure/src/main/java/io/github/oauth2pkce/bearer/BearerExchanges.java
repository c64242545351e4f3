package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.target.BearerPolicies;
import io.github.oauth2pkce.target.BearerPolicy;

/**
 * The rules of {@link BearerTokenFilter} for clients that are not Spring's. Thread-safe.
 */
public final class BearerExchanges {

	private final BearerPolicies policies;

	private final BearerTokenSource source;

	private final BearerListener listener;

	private final RequestLogins logins;

	private final BearerRules rules;

	/**
	 * Creates the rules.
	 * @param policies where bearers may go
	 * @param source supplies them
	 * @param listener is told what each request carried
	 */
	public BearerExchanges(BearerPolicies policies, BearerTokenSource source, BearerListener listener) {
		this(policies, source, listener, RequestLogins.NEVER);
	}

	/**
	 * Creates rules under which a request may wait for a login.
	 * @param policies where bearers may go
	 * @param source supplies them
	 * @param listener is told what each request carried
	 * @param logins logs people in
	 */
	public BearerExchanges(BearerPolicies policies, BearerTokenSource source, BearerListener listener,
			RequestLogins logins) {
		this.policies = policies;
		this.source = source;
		this.listener = listener;
		this.logins = logins;
		this.rules = new BearerRules(policies, source, listener, logins);
	}

	/**
	 * The same rules for a client that blocks.
	 * @return rules under which no request waits for a login on a thread that must not
	 * wait
	 */
	public BearerExchanges blocking() {
		return new BearerExchanges(this.policies, this.source, this.listener, new WhereOneMayWait(this.logins));
	}

	/**
	 * Looks at a request, and at who sends it: to be called where it is sent.
	 * @param named the provider that the request names, may be {@code null}
	 * @param uri the target of the request
	 * @param authorized whether the caller has set {@code Authorization}
	 * @param attributes attributes of the request; those of Spring Security that name a
	 * user are looked at
	 * @return the exchange, or {@code null} when the request is none of ours
	 */
	public @Nullable BearerExchange begin(@Nullable String named, URI uri, boolean authorized,
			Map<String, Object> attributes) {
		BearerPolicy policy = this.rules.select(named, uri);
		if (policy == null) {
			return null;
		}
		BearerToken immediate = this.rules.immediate(policy, named != null, authorized, uri);
		return new BearerExchange(this.rules, policy, immediate,
				(immediate != null) ? RequestUser.ANYBODY : RequestUser.of(attributes));
	}

}
