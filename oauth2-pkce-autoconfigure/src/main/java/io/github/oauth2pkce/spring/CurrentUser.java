package io.github.oauth2pkce.spring;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.source.InboundTokens.Inbound;

import org.springframework.security.authentication.AuthenticationTrustResolver;
import org.springframework.security.authentication.AuthenticationTrustResolverImpl;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.core.AbstractOAuth2Token;

/**
 * Who the user of a subscription is: by the Reactor context, else by the subscribing
 * thread. Nobody is nobody: {@code anonymousUser} is a name that all strangers share.
 */
public final class CurrentUser {

	private static final AuthenticationTrustResolver TRUST = new AuthenticationTrustResolverImpl();

	private CurrentUser() {
	}

	/**
	 * The name of the signed-in user.
	 * @return the name at the time of the subscription; empty without a user
	 */
	public static Mono<String> name() {
		return context().mapNotNull(CurrentUser::name);
	}

	/**
	 * The signed-in user, and the bearer with which they have called this application.
	 * @return both at the time of the subscription; empty without a user, and where they
	 * have signed in by anything else
	 */
	public static Mono<Inbound> inbound() {
		return context().mapNotNull(CurrentUser::inbound);
	}

	private static Mono<SecurityContext> context() {
		// Where the Reactor context says who it is, nobody included, the thread has no
		// say: a pool's thread may be left with somebody else.
		return Mono.deferContextual((context) -> context.hasKey(SecurityContext.class)
				? ReactiveSecurityContextHolder.getContext() : Mono.fromSupplier(SecurityContextHolder::getContext));
	}

	/** As the tokens of Spring Security's resource server have it, JWT or opaque. */
	private static @Nullable Inbound inbound(SecurityContext context) {
		String name = name(context);
		Authentication authentication = context.getAuthentication();
		return (name != null && authentication != null
				&& authentication.getCredentials() instanceof AbstractOAuth2Token token)
						? new Inbound(name, token.getTokenValue()) : null;
	}

	/** The name of the user whose request this thread works on, {@code null} without. */
	static @Nullable String nameOnThread() {
		return name(SecurityContextHolder.getContext());
	}

	private static @Nullable String name(SecurityContext context) {
		Authentication authentication = context.getAuthentication();
		return (TRUST.isAuthenticated(authentication) && authentication != null) ? authentication.getName() : null;
	}

}
