package io.github.oauth2pkce.bearer.grpc;

import java.util.Map;

import io.grpc.CallCredentials;
import io.grpc.ClientInterceptor;

import io.github.oauth2pkce.bearer.BearerExchanges;

import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextHolder;

/**
 * Makes credentials of gRPC calls:
 * {@code stub.withCallCredentials(credentials.of("id"))}. Thread-safe.
 */
public final class BearerCallCredentials {

	/** Threads of gRPC belong to nobody, whoever made a call on them before. */
	private static final Authentication NOBODY = new AnonymousAuthenticationToken("grpc", "nobody",
			AuthorityUtils.createAuthorityList("ROLE_ANONYMOUS"));

	private final BearerExchanges exchanges;

	/**
	 * Creates what makes credentials.
	 * @param exchanges the rules for bearers
	 */
	public BearerCallCredentials(BearerExchanges exchanges) {
		this.exchanges = exchanges;
	}

	/**
	 * Credentials that put the bearer of a provider on each call: below its
	 * {@code base-urls}, if it has any, as {@code https://host/package.Service/Method}.
	 * They never wait on the thread of a call. A call that must not be made without a
	 * bearer ends with {@code UNAUTHENTICATED}; every other one without a bearer is made.
	 * Never over a connection that others can listen to, unless it leads to this machine.
	 * A token that is bound to a key is not sent: nothing here could prove it.
	 * @param providerId the provider
	 * @return the credentials; with {@code principal: current-user}, those of the user of
	 * this thread, so get them where the call is made
	 */
	public CallCredentials of(String providerId) {
		return credentials(providerId);
	}

	/**
	 * Gives {@linkplain #of credentials} to each call that has none, and sees how it
	 * ends: a token that a call was refused with ({@code UNAUTHENTICATED}) is replaced
	 * before its caller hears of that, so that the next call has another one. No call is
	 * made again: only its caller knows whether it may be.
	 * @param providerId the provider
	 * @return the interceptor, for {@code ClientInterceptors.intercept(channel, ..)} or
	 * {@code stub.withInterceptors(..)}; with {@code principal: current-user}, the user
	 * is the one of the thread that makes a call
	 */
	public ClientInterceptor interceptor(String providerId) {
		return new RejectionInterceptor(() -> credentials(providerId));
	}

	private ProviderCredentials credentials(String providerId) {
		Authentication user = SecurityContextHolder.getContext().getAuthentication();
		return new ProviderCredentials(this.exchanges, providerId,
				Map.of(Authentication.class.getName(), (user != null && user.isAuthenticated()) ? user : NOBODY));
	}

}
