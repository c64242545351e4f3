package io.github.oauth2pkce.code;

import java.io.IOException;
import java.util.Set;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;

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
 * answer, and a refused answer must leave it usable. Tells as well how the logins ended
 * whose answers it lets pass.
 */
public final class IssuerFilter extends OncePerRequestFilter implements Ordered {

	/** After the filters that bring the session, before all security. */
	static final int ORDER = HIGHEST_PRECEDENCE + 1000;

	private static final Set<String> READS = Set.of("GET", "HEAD");

	private final ClientRegistrationRepository registrations;

	private final AuthorizationRequestRepository<OAuth2AuthorizationRequest> pending;

	private final Providers providers;

	private final AnsweredLogins answered;

	/**
	 * Creates the filter.
	 * @param registrations the registrations
	 * @param pending the repository that Spring Security's filters use
	 * @param providers the providers
	 * @param answered is told of each answer that passes
	 */
	public IssuerFilter(ClientRegistrationRepository registrations,
			AuthorizationRequestRepository<OAuth2AuthorizationRequest> pending, Providers providers,
			AnsweredLogins answered) {
		this.registrations = registrations;
		this.pending = pending;
		this.providers = providers;
		this.answered = answered;
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
		OAuth2AuthorizationRequest pending = isAnswer(request) ? this.pending.loadAuthorizationRequest(request) : null;
		String registrationId = (pending != null) ? pending.getAttribute(OAuth2ParameterNames.REGISTRATION_ID) : null;
		ClientRegistration registration = (registrationId != null)
				? this.registrations.findByRegistrationId(registrationId) : null;
		if (pending == null || registration == null) {
			// Nobody waits for it: Spring Security says so.
			chain.doFilter(request, response);
			return;
		}
		Provider provider = this.providers.find(registration.getRegistrationId());
		if (!RefusedAnswers.accepts(provider, registration, request.getParameterValues(IssuerCheck.PARAMETER))) {
			CallbackPage page = RefusedAnswers.page();
			response.setStatus(page.status());
			page.headers().forEach(response::setHeader);
			response.getOutputStream().write(page.body());
			return;
		}
		if (provider == null) {
			chain.doFilter(request, response);
			return;
		}
		pass(this.answered.open(provider, pending, request::getParameter), request, response, chain);
	}

	private static void pass(AnsweredLogin login, HttpServletRequest request, HttpServletResponse response,
			FilterChain chain) throws ServletException, IOException {
		boolean done = false;
		try {
			chain.doFilter(request, response);
			done = true;
		}
		finally {
			if (done) {
				login.close(response.getStatus(), RefusedAnswers.location(response.getHeader("Location")));
			}
			else {
				login.close();
			}
		}
	}

	private static boolean isAnswer(HttpServletRequest request) {
		return request.getParameter(OAuth2ParameterNames.STATE) != null
				&& (request.getParameter(OAuth2ParameterNames.CODE) != null
						|| request.getParameter(OAuth2ParameterNames.ERROR) != null);
	}

}
