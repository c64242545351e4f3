package io.github.oauth2pkce.observability;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collections;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ServletRequestPathUtils;

/** Keeps pages of others from the endpoint, whatever web framework serves it. */
public final class EndpointFilter extends OncePerRequestFilter implements Ordered {

	/** After what believes proxies, before security: who asks does not matter. */
	static final int ORDER = HIGHEST_PRECEDENCE + 500;

	private final EndpointGuard guard;

	public EndpointFilter(EndpointGuard guard) {
		this.guard = guard;
	}

	@Override
	public int getOrder() {
		return ORDER;
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		String refusal = this.guard.covers(ServletRequestPathUtils.parse(request).pathWithinApplication())
				? this.guard.refusal(read(request)) : null;
		if (refusal == null) {
			chain.doFilter(request, response);
			return;
		}
		response.setStatus(HttpServletResponse.SC_FORBIDDEN);
		response.setContentType(MediaType.APPLICATION_JSON_VALUE);
		response.getOutputStream().write(EndpointGuard.body(refusal));
	}

	private static ForeignPages.Request read(HttpServletRequest request) {
		HttpHeaders headers = new HttpHeaders();
		for (String name : Collections.list(request.getHeaderNames())) {
			headers.addAll(name, Collections.list(request.getHeaders(name)));
		}
		return new ForeignPages.Request(request.getMethod(), request.getScheme(), request.getServerName(),
				request.getServerPort(), headers, address(request.getLocalAddr()), address(request.getRemoteAddr()));
	}

	/** Servers give addresses as text; a name is not looked up. */
	private static @Nullable InetAddress address(@Nullable String text) {
		try {
			return (text != null && text.matches("[0-9a-fA-F.:]+(%.*)?")) ? InetAddress.getByName(text) : null;
		}
		catch (UnknownHostException ex) {
			return null;
		}
	}

}
