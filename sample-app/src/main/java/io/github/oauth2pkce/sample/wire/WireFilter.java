package io.github.oauth2pkce.sample.wire;

import java.io.IOException;
import java.util.regex.Pattern;

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
import org.springframework.web.util.ContentCachingRequestWrapper;
import org.springframework.web.util.ContentCachingResponseWrapper;
import org.springframework.web.util.WebUtils;

/**
 * Records every exchange of the authorization server, outside of all other filters.
 * Tokens, codes and verifiers are looked at, never kept.
 */
public final class WireFilter extends OncePerRequestFilter {

	private static final int LONGEST = 10_000;

	private static final Pattern CALL = Pattern.compile("[a-z/_ ]{1,60}");

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
		if (kind == Kind.MCP || kind == Kind.REGISTRATION) {
			// Not the answer: that of an MCP server is a stream.
			ContentCachingRequestWrapper caching = new ContentCachingRequestWrapper(request, LONGEST);
			chain.doFilter(caching, response);
			record(caching, kind, response, null);
			return;
		}
		if (kind == Kind.BROWSER || kind == Kind.API || kind == Kind.DISCOVERY || kind == Kind.AUTHORIZATION) {
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
		if (path.equals("/mcp")) {
			return Kind.MCP;
		}
		return switch (request.getMethod() + " " + path) {
			case "POST /oauth2/register" -> Kind.REGISTRATION;
			case "GET /oauth2/authorize" -> Kind.AUTHORIZATION;
			case "POST /oauth2/device_authorization" -> Kind.DEVICE_AUTHORIZATION;
			case "POST /oauth2/revoke" -> Kind.REVOCATION;
			case "POST /oauth2/token" -> token(request.getParameter(OAuth2ParameterNames.GRANT_TYPE));
			default -> Kind.BROWSER;
		};
	}

	private static Kind token(@Nullable String grantType) {
		if (AuthorizationGrantType.REFRESH_TOKEN.getValue().equals(grantType)) {
			return Kind.REFRESH;
		}
		return AuthorizationGrantType.AUTHORIZATION_CODE.getValue().equals(grantType) ? Kind.CODE : Kind.POLL;
	}

	private String sent(HttpServletRequest request, Kind kind, boolean bearer) {
		return switch (kind) {
			case REGISTRATION -> "as a client"
					+ ("none".equals(text(sentBody(request), "token_endpoint_auth_method")) ? " without a secret" : "");
			case MCP -> call(request) + (bearer ? " with a bearer" : " without a bearer");
			case CODE -> "code, " + (has(request, PkceParameterNames.CODE_VERIFIER) ? "verifier" : "no verifier");
			case AUTHORIZATION, DEVICE_AUTHORIZATION -> has(request, PkceParameterNames.CODE_CHALLENGE)
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

	/** As JSON-RPC names it, with the name of the tool. */
	private String call(HttpServletRequest request) {
		JsonNode body = sentBody(request);
		String method = text(body, "method");
		if (body == null || method == null) {
			return request.getMethod();
		}
		String tool = text(body.path("params"), "name");
		String call = (tool != null) ? method + " " + tool : method;
		return CALL.matcher(call).matches() ? call : "unknown";
	}

	private @Nullable JsonNode sentBody(HttpServletRequest request) {
		ContentCachingRequestWrapper caching = WebUtils.getNativeRequest(request, ContentCachingRequestWrapper.class);
		return (caching != null) ? body(caching.getContentAsByteArray()) : null;
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
