package io.github.oauth2pkce.code;

import java.io.IOException;
import java.util.Set;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.core.Ordered;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.AuthorizationRequestRepository;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * RFC 9207 for Spring Security's login and client filters, which do not look at
 * {@code iss}. Stands before them: they forget the pending login before they look at its
 * answer, and a refused answer must leave it usable.
 */
public final class IssuerFilter extends OncePerRequestFilter implements Ordered {

	/** After the filters that bring the session, before all security. */
	static final int ORDER = HIGHEST_PRECEDENCE + 1000;

	private static final Set<String> READS = Set.of("GET", "HEAD");

	private final ClientRegistrationRepository registrations;

	private final AuthorizationRequestRepository<OAuth2AuthorizationRequest> pending;

	/**
	 * Creates the filter.
	 * @param registrations the registrations
	 * @param pending the repository that Spring Security's filters use
	 */
	public IssuerFilter(ClientRegistrationRepository registrations,
			AuthorizationRequestRepository<OAuth2AuthorizationRequest> pending) {
		this.registrations = registrations;
		this.pending = pending;
	}

	@Override
	public int getOrder() {
		return ORDER;
	}

	/**
	 * An answer is a redirect; by another method it is one only where the login filter
	 * listens. A form elsewhere, an upload perhaps, is not to be read here.
	 */
	@Override
	protected boolean shouldNotFilter(HttpServletRequest request) {
		return !READS.contains(request.getMethod()) && !request.getRequestURI().contains("/oauth2/code/");
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		if (isAnswer(request) && !isAccepted(request)) {
			CallbackPage page = RefusedAnswers.page();
			response.setStatus(page.status());
			page.headers().forEach(response::setHeader);
			response.getOutputStream().write(page.body());
			return;
		}
		chain.doFilter(request, response);
	}

	private static boolean isAnswer(HttpServletRequest request) {
		return request.getParameter(OAuth2ParameterNames.STATE) != null
				&& (request.getParameter(OAuth2ParameterNames.CODE) != null
						|| request.getParameter(OAuth2ParameterNames.ERROR) != null);
	}

	private boolean isAccepted(HttpServletRequest request) {
		OAuth2AuthorizationRequest pending = this.pending.loadAuthorizationRequest(request);
		String registrationId = (pending != null) ? pending.getAttribute(OAuth2ParameterNames.REGISTRATION_ID) : null;
		ClientRegistration registration = (registrationId != null)
				? this.registrations.findByRegistrationId(registrationId) : null;
		// Nobody waits for it: Spring Security says so.
		return registration == null
				|| RefusedAnswers.accepts(registration, request.getParameterValues(IssuerCheck.PARAMETER));
	}

}
