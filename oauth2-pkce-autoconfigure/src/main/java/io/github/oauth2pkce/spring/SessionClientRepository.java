package io.github.oauth2pkce.spring;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.web.AuthenticatedPrincipalOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.HttpSessionOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;

/**
 * Keeps the tokens of visitors who are not signed in where Spring Security does, in their
 * session, but none that is bound to a key: Spring Security's clients would send it as a
 * bearer. Thread-safe.
 */
public final class SessionClientRepository implements OAuth2AuthorizedClientRepository {

	private final OAuth2AuthorizedClientRepository session = new HttpSessionOAuth2AuthorizedClientRepository();

	private final WebLogins logins;

	private SessionClientRepository(WebLogins logins) {
		this.logins = logins;
	}

	/**
	 * Spring Security's own repository, with this one for those who are not signed in.
	 * @param clients keeps the tokens of all others
	 * @param logins is told of tokens that are not kept
	 * @return the repository of an application
	 */
	public static OAuth2AuthorizedClientRepository beside(OAuth2AuthorizedClientService clients, WebLogins logins) {
		AuthenticatedPrincipalOAuth2AuthorizedClientRepository repository = new AuthenticatedPrincipalOAuth2AuthorizedClientRepository(
				clients);
		repository.setAnonymousAuthorizedClientRepository(new SessionClientRepository(logins));
		return repository;
	}

	@Override
	public <T extends OAuth2AuthorizedClient> @Nullable T loadAuthorizedClient(String clientRegistrationId,
			Authentication principal, HttpServletRequest request) {
		return this.session.loadAuthorizedClient(clientRegistrationId, principal, request);
	}

	@Override
	public void saveAuthorizedClient(OAuth2AuthorizedClient authorizedClient, Authentication principal,
			HttpServletRequest request, HttpServletResponse response) {
		this.logins.checkUnbound(authorizedClient);
		this.session.saveAuthorizedClient(authorizedClient, principal, request, response);
	}

	@Override
	public void removeAuthorizedClient(String clientRegistrationId, Authentication principal,
			HttpServletRequest request, HttpServletResponse response) {
		this.session.removeAuthorizedClient(clientRegistrationId, principal, request, response);
	}

}
