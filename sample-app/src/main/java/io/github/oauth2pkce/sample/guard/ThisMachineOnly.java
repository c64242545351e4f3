package io.github.oauth2pkce.sample.guard;

import java.io.IOException;
import java.util.Set;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.MediaType;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Answers only those who call this machine by its own name. To listen on loopback is not
 * enough: a web page can point a name of its own here (DNS rebinding), and then its
 * scripts could read codes at any address of this application and press its buttons.
 */
public final class ThisMachineOnly extends OncePerRequestFilter {

	private static final int MISDIRECTED_REQUEST = 421;

	private static final Set<String> NAMES = Set.of("127.0.0.1", "localhost", "[::1]", "::1");

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		if (NAMES.contains(request.getServerName())) {
			chain.doFilter(request, response);
			return;
		}
		response.setStatus(MISDIRECTED_REQUEST);
		response.setContentType(MediaType.TEXT_PLAIN_VALUE);
		response.getWriter().println("This page is for this machine only. Call it 127.0.0.1 or localhost.");
	}

}
