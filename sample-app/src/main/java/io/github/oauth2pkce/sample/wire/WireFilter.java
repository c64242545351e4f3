package io.github.oauth2pkce.sample.wire;

import java.io.IOException;

import io.github.oauth2pkce.sample.wire.Exchange.Kind;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.core.endpoint.PkceParameterNames;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * Records every exchange of the authorization server, outside of all other filters.
 * Tokens, codes and verifiers are looked at, never kept.
 */
public final class WireFilter extends OncePerRequestFilter {

	private final WireAccount account;

	private final JsonMapper json = new JsonMapper();

	public WireFilter(WireAccount account) {
		this.account = account;
	}

	@Override
	protected boolean shouldNotFilter(HttpServletRequest request) {
		return "/wire".equals(request.getRequestURI());
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		Kind kind = kind(request);
		if (kind == Kind.BROWSER || kind == Kind.API || kind == Kind.DISCOVERY) {
			chain.doFilter(request, response);
			record(request, kind, response, null);
			return;
		}
		ContentCachingResponseWrapper caching = new ContentCachingResponseWrapper(response);
		chain.doFilter(request, caching);
		record(request, kind, caching, body(caching.getContentAsByteArray()));
		// Last, so that whoever has the answer finds it in the account.
		caching.copyBodyToResponse();
	}

	private void record(HttpServletRequest request, Kind kind, HttpServletResponse response, @Nullable JsonNode body) {
		boolean bearer = request.getHeader(HttpHeaders.AUTHORIZATION) != null;
		this.account.record(new Exchange(this.account.elapsed(), kind, sent(request, kind, bearer), proof(request),
				bearer, rotated(request, body), response.getStatus(), error(response, body)));
	}

	private static Kind kind(HttpServletRequest request) {
		String path = request.getRequestURI();
		if (path.startsWith("/.well-known/")) {
			return Kind.DISCOVERY;
		}
		if (path.startsWith("/api/")) {
			return Kind.API;
		}
		return switch (request.getMethod() + " " + path) {
			case "POST /oauth2/device_authorization" -> Kind.DEVICE_AUTHORIZATION;
			case "POST /oauth2/revoke" -> Kind.REVOCATION;
			case "POST /oauth2/token" -> AuthorizationGrantType.REFRESH_TOKEN.getValue()
				.equals(request.getParameter(OAuth2ParameterNames.GRANT_TYPE)) ? Kind.REFRESH : Kind.POLL;
			default -> Kind.BROWSER;
		};
	}

	private static String sent(HttpServletRequest request, Kind kind, boolean bearer) {
		return switch (kind) {
			case DEVICE_AUTHORIZATION -> has(request, PkceParameterNames.CODE_CHALLENGE)
					? "code challenge, method " + method(request) : "no code challenge";
			case POLL ->
				"device code, " + (has(request, PkceParameterNames.CODE_VERIFIER) ? "verifier" : "no verifier");
			case REFRESH ->
				"refresh token, " + (has(request, PkceParameterNames.CODE_VERIFIER) ? "verifier" : "no verifier");
			case REVOCATION -> "token";
			case API -> request.getRequestURI() + (bearer ? " with a bearer" : " without a bearer");
			case DISCOVERY, BROWSER -> request.getMethod() + " " + request.getRequestURI();
		};
	}

	private static String method(HttpServletRequest request) {
		// Only the two registered names: anything else could be a secret in the wrong
		// place.
		String method = request.getParameter(PkceParameterNames.CODE_CHALLENGE_METHOD);
		return ("S256".equals(method) || "plain".equals(method)) ? method : "missing or unknown";
	}

	private static boolean proof(HttpServletRequest request) {
		return has(request, PkceParameterNames.CODE_VERIFIER)
				|| (has(request, PkceParameterNames.CODE_CHALLENGE) && "S256".equals(method(request)));
	}

	private static boolean has(HttpServletRequest request, String parameter) {
		String value = request.getParameter(parameter);
		return value != null && !value.isEmpty();
	}

	private static boolean rotated(HttpServletRequest request, @Nullable JsonNode body) {
		String sent = request.getParameter(OAuth2ParameterNames.REFRESH_TOKEN);
		String received = text(body, OAuth2ParameterNames.REFRESH_TOKEN);
		return sent != null && received != null && !sent.equals(received);
	}

	private static @Nullable String error(HttpServletResponse response, @Nullable JsonNode body) {
		String error = text(body, OAuth2ParameterNames.ERROR);
		if (error == null) {
			String challenge = response.getHeader(HttpHeaders.WWW_AUTHENTICATE);
			error = (challenge != null && challenge.contains("invalid_token")) ? "invalid_token" : null;
		}
		return error;
	}

	private static @Nullable String text(@Nullable JsonNode body, String member) {
		JsonNode node = (body != null) ? body.get(member) : null;
		return (node != null && node.isString()) ? node.stringValue() : null;
	}

	private @Nullable JsonNode body(byte[] content) {
		try {
			return (content.length > 0) ? this.json.readTree(content) : null;
		}
		catch (JacksonException ex) {
			return null;
		}
	}

}
