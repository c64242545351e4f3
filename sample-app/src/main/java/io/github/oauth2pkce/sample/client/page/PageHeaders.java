package io.github.oauth2pkce.sample.client.page;

import java.io.IOException;
import java.util.Set;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Tells browsers what the page may do, which is little, and answers only those who call
 * this machine by its own name: a page from elsewhere whose name was pointed here (DNS
 * rebinding) could read codes and press buttons.
 */
final class PageHeaders extends OncePerRequestFilter {

	static final String CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; "
			+ "connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

	private static final int MISDIRECTED_REQUEST = 421;

	private static final Set<String> THIS_MACHINE = Set.of("127.0.0.1", "localhost", "[::1]", "::1");

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		response.setHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY);
		response.setHeader("X-Content-Type-Options", "nosniff");
		response.setHeader("Referrer-Policy", "no-referrer");
		response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
		response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
		if (!THIS_MACHINE.contains(request.getServerName())) {
			response.setStatus(MISDIRECTED_REQUEST);
			response.setContentType(MediaType.TEXT_PLAIN_VALUE);
			response.getWriter().println("This page is for this machine only. Call it 127.0.0.1 or localhost.");
			return;
		}
		chain.doFilter(request, response);
	}

}
