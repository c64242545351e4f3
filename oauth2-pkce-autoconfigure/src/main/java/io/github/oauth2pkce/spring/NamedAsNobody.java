package io.github.oauth2pkce.spring;

import java.lang.StackWalker.StackFrame;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.security.authentication.AuthenticationTrustResolver;
import org.springframework.security.authentication.AuthenticationTrustResolverImpl;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.web.AuthenticatedPrincipalOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.server.AuthenticatedPrincipalServerOAuth2AuthorizedClientRepository;

/**
 * Tells nobody from a person who is called as Spring Security calls nobody, and may have
 * chosen that name to get the application's tokens. Spring Security gives its services a
 * name only, so this looks at who is signed in and who asks.
 */
final class NamedAsNobody {

	/** Spring Security's name for nobody, which all strangers share. */
	static final String NOBODY = "anonymousUser";

	private static final AuthenticationTrustResolver TRUST = new AuthenticationTrustResolverImpl();

	/**
	 * They keep what belongs to nobody in the session, and ask services for people only.
	 */
	private static final Set<String> ASK_FOR_PEOPLE = Set.of(
			AuthenticatedPrincipalOAuth2AuthorizedClientRepository.class.getName(),
			AuthenticatedPrincipalServerOAuth2AuthorizedClientRepository.class.getName());

	private NamedAsNobody() {
	}

	/** Whether a name, as the calling thread asks for it, is a person's. */
	static boolean isPerson(String principalName) {
		return NOBODY.equals(principalName)
				&& (isPerson(SecurityContextHolder.getContext().getAuthentication()) || isAskedForPeople());
	}

	/** The same for a subscriber; the caller is the one that assembles. */
	static Mono<Boolean> isPersonToSubscriber(String principalName) {
		if (!NOBODY.equals(principalName) || isPerson(principalName)) {
			return Mono.just(NOBODY.equals(principalName));
		}
		return ReactiveSecurityContextHolder.getContext()
			.map((context) -> isPerson(context.getAuthentication()))
			.defaultIfEmpty(false);
	}

	private static boolean isPerson(@Nullable Authentication signedIn) {
		return signedIn != null && TRUST.isAuthenticated(signedIn) && NOBODY.equals(signedIn.getName());
	}

	private static boolean isAskedForPeople() {
		return StackWalker.getInstance()
			.walk((frames) -> frames.map(StackFrame::getClassName).anyMatch(ASK_FOR_PEOPLE::contains));
	}

}
