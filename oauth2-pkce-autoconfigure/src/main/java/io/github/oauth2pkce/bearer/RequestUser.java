package io.github.oauth2pkce.bearer;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

import org.springframework.security.authentication.AuthenticationTrustResolver;
import org.springframework.security.authentication.AuthenticationTrustResolverImpl;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.web.client.RequestAttributePrincipalResolver;

/**
 * Whose request it is, settled when the request is sent: its recovery after a 401 runs on
 * a thread that belongs to nobody. First whom the request names, then the user of the
 * Reactor context, then the threads that built and that send it. Two threads with two
 * users name nobody: better no bearer than somebody else's. Immutable.
 */
final class RequestUser {

	/** For requests whose bearer does not depend on the user. */
	static final RequestUser ANYBODY = new RequestUser((context) -> context, false);

	/** What Spring Security's filters for WebClient read: {@code authentication(..)}. */
	private static final String AUTHENTICATION = Authentication.class.getName();

	/** What its interceptor for RestClient reads; the constant is private there. */
	private static final String PRINCIPAL = RequestAttributePrincipalResolver.class.getName() + ".principal";

	private static final String BUILDER = RequestUser.class.getName() + ".BUILDER";

	private static final AuthenticationTrustResolver TRUST = new AuthenticationTrustResolverImpl();

	private final UnaryOperator<Context> context;

	private final boolean ofThread;

	private RequestUser(UnaryOperator<Context> context, boolean ofThread) {
		this.context = context;
		this.ofThread = ofThread;
	}

	/**
	 * Looks who sends a request. Called where it is sent.
	 * @param attributes the attributes of the request
	 * @return the user, possibly nobody
	 */
	static RequestUser of(Map<String, Object> attributes) {
		Object named = attributes.getOrDefault(AUTHENTICATION, attributes.get(PRINCIPAL));
		if (named instanceof Authentication authentication) {
			Context user = context(TRUST.isAnonymous(authentication) ? null : named(authentication));
			return new RequestUser((context) -> context.putAll(user.readOnly()), false);
		}
		Authentication thread = ofThreads((Authentication) attributes.get(BUILDER));
		Context user = context(thread);
		return new RequestUser(
				(context) -> context.hasKey(SecurityContext.class) ? context : context.putAll(user.readOnly()),
				thread != null);
	}

	/**
	 * Spring Security's {@code principal(String)} makes one that is not authenticated.
	 */
	private static Authentication named(Authentication authentication) {
		return authentication.isAuthenticated() ? authentication : named(authentication.getName());
	}

	static Authentication named(String principalName) {
		return UsernamePasswordAuthenticationToken.authenticated(principalName, null, List.of());
	}

	private static @Nullable Authentication ofThreads(@Nullable Authentication builder) {
		Authentication sender = SecurityContextHolder.getContext().getAuthentication();
		if (builder == null || sender == null) {
			return authenticated((builder != null) ? builder : sender);
		}
		Authentication user = authenticated(builder);
		Authentication other = authenticated(sender);
		return (user != null && other != null && user.getName().equals(other.getName())) ? user : null;
	}

	private static @Nullable Authentication authenticated(@Nullable Authentication authentication) {
		return TRUST.isAuthenticated(authentication) ? authentication : null;
	}

	/** Without a user it holds an empty one: nobody is to look at a thread later. */
	private static Context context(@Nullable Authentication user) {
		return (user != null) ? ReactiveSecurityContextHolder.withAuthentication(user)
				: ReactiveSecurityContextHolder.withSecurityContext(Mono.empty());
	}

	/**
	 * Remembers who builds a request, because another thread may send it.
	 * @param attributes the attributes of the request
	 */
	static void remember(Map<String, Object> attributes) {
		Authentication builder = SecurityContextHolder.getContext().getAuthentication();
		if (builder != null) {
			attributes.put(BUILDER, builder);
		}
	}

	/** Unless the Reactor context has another one. */
	boolean isOfThread() {
		return this.ofThread;
	}

	/** Asks a source on behalf of this user. */
	<T> Mono<T> ask(Mono<T> source) {
		return source.contextWrite(this.context::apply);
	}

}
