package io.github.oauth2pkce.spring;

import java.io.IOException;
import java.util.Collections;
import java.util.Locale;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.code.CallbackPage;
import io.github.oauth2pkce.code.IssuerCheck;

import org.springframework.core.Ordered;
import org.springframework.http.MediaType;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.AuthorizationRequestRepository;
import org.springframework.security.oauth2.client.web.HttpSessionOAuth2AuthorizationRequestRepository;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.web.filter.FormContentFilter;
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

	private final FormContentFilter forms = new FormContentFilter();

	private final ClientRegistrationRepository registrations;

	private final AuthorizationRequestRepository<OAuth2AuthorizationRequest> pending;

	private final Providers providers;

	private final WebLogins webLogins;

	/**
	 * Creates the filter.
	 * @param registrations the registrations
	 * @param pending the repository that Spring Security's filters use
	 * @param providers the providers
	 * @param webLogins is told of each answer that passes
	 */
	public IssuerFilter(ClientRegistrationRepository registrations,
			AuthorizationRequestRepository<OAuth2AuthorizationRequest> pending, Providers providers,
			WebLogins webLogins) {
		this.registrations = registrations;
		this.pending = pending;
		this.providers = providers;
		this.webLogins = webLogins;
	}

	@Override
	public int getOrder() {
		return ORDER;
	}

	/**
	 * Spring Security's filters take an answer by any method, from query or form. A form
	 * that nobody waits for is left alone: whoever handles it may want its body as it is.
	 */
	@Override
	protected boolean shouldNotFilter(HttpServletRequest request) {
		return hasForm(request) && !isWaiting(request);
	}

	private static boolean hasForm(HttpServletRequest request) {
		String type = String.valueOf(request.getContentType()).toLowerCase(Locale.ROOT);
		return type.startsWith(MediaType.APPLICATION_FORM_URLENCODED_VALUE)
				|| type.startsWith(MediaType.MULTIPART_FORM_DATA_VALUE);
	}

	/** Whether the browser that asks may have a pending login, without asking which. */
	private boolean isWaiting(HttpServletRequest request) {
		if (!(this.pending instanceof HttpSessionOAuth2AuthorizationRequestRepository)) {
			// A repository of the application's own binds it to the browser by a cookie.
			return request.getCookies() != null || request.getServletPath().contains("/oauth2/code/");
		}
		HttpSession session = request.getSession(false);
		return session != null && Collections.list(session.getAttributeNames())
			.stream()
			.anyMatch((name) -> session.getAttribute(name) instanceof OAuth2AuthorizationRequest);
	}

	/** Spring MVC shows later filters the forms of PUT, PATCH and DELETE in this way. */
	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		if (hasForm(request)) {
			this.forms.doFilter(request, response, (shown, same) -> check((HttpServletRequest) shown, response, chain));
		}
		else {
			check(request, response, chain);
		}
	}

	private void check(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
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
			CallbackPage page = CallbackPage.otherServer();
			response.setStatus(page.status());
			page.headers().forEach(response::setHeader);
			response.getOutputStream().write(page.body());
			return;
		}
		if (provider == null) {
			chain.doFilter(request, response);
			return;
		}
		pass(this.webLogins.open(provider, pending, request::getParameter), request, response, chain);
	}

	private static void pass(WebLogin login, HttpServletRequest request, HttpServletResponse response,
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
