package io.github.oauth2pkce.code;

import java.net.URI;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.Endpoint;
import io.github.oauth2pkce.token.AuthorizationServerCall;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.AuthorizationServerClient.Answer;
import io.github.oauth2pkce.token.JsonAnswer;
import io.github.oauth2pkce.token.TokenEndpoint;

import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.util.StringUtils;
import org.springframework.web.util.UriUtils;

/**
 * Authorization requests that go to the server directly, so that the browser carries a
 * reference to them and nothing else (RFC 9126). Blocking; thread-safe.
 */
public final class PushedAuthorizationRequests {

	private static final String REQUEST_URI = "request_uri";

	private final AuthorizationServerClient client;

	private final Discovery discovery;

	/**
	 * Creates the requests.
	 * @param client sends them
	 * @param discovery finds the endpoint, and whether the server demands them
	 */
	public PushedAuthorizationRequests(AuthorizationServerClient client, Discovery discovery) {
		this.client = client;
		this.discovery = discovery;
	}

	/**
	 * Where the authorization requests of a provider are pushed.
	 * @param provider the provider, its server known
	 * @return the endpoint, {@code null} when they are not pushed
	 * @throws io.github.oauth2pkce.discovery.DiscoveryException when they have to be, and
	 * the server has no such endpoint, or its metadata cannot be read
	 */
	public @Nullable URI endpoint(Provider provider) {
		return isPushed(provider) ? this.discovery.endpoint(provider, Endpoint.PUSHED_AUTHORIZATION_REQUEST) : null;
	}

	private boolean isPushed(Provider provider) {
		return switch (provider.login().pushedRequests()) {
			case ALWAYS -> true;
			case NEVER -> false;
			// With every endpoint given there is no discovery call, so nothing is
			// demanded.
			case AUTO ->
				(provider.endpoints().authorization() == null || provider.endpoints().token() == null) && Boolean.TRUE
					.equals(this.discovery.metadata(provider).values().get("require_pushed_authorization_requests"));
		};
	}

	/**
	 * Pushes a request. What comes back may be used once, and not for long: push when a
	 * browser is about to be sent away. An application may have another client by the
	 * name of a provider: the request of that one is left as it is.
	 * @param provider the client
	 * @param endpoint where to push
	 * @param request the request as a browser would carry it
	 * @return where the browser is sent
	 * @throws io.github.oauth2pkce.token.TokenRequestException when the server refuses it
	 * @throws io.github.oauth2pkce.token.AuthorizationServerUnreachableException when
	 * there was no answer
	 */
	public URI push(Provider provider, URI endpoint, URI request) {
		URI authorizationEndpoint = this.discovery.endpoint(provider, Endpoint.AUTHORIZATION);
		MultiValueMap<String, String> parameters = parameters(request, authorizationEndpoint);
		if (!provider.client().id().equals(parameters.getFirst(OAuth2ParameterNames.CLIENT_ID))) {
			return request;
		}
		Answer answer = this.client.post(this.client.prepared(provider), endpoint,
				AuthorizationServerCall.pushedAuthorization(provider.id()), parameters);
		JsonAnswer json = (answer.status() / 100 == 2) ? JsonAnswer.parse(answer.body()) : null;
		String requestUri = (json != null) ? json.text(REQUEST_URI) : null;
		if (!StringUtils.hasText(requestUri)) {
			throw TokenEndpoint.failure(provider, parameters, answer);
		}
		MultiValueMap<String, String> reference = new LinkedMultiValueMap<>();
		reference.add(OAuth2ParameterNames.CLIENT_ID, provider.client().id());
		reference.add(REQUEST_URI, requestUri);
		return at(authorizationEndpoint, reference);
	}

	/** Those of the request, and not those of the endpoint's own query. */
	private static MultiValueMap<String, String> parameters(URI request, URI authorizationEndpoint) {
		String whole = request.toString();
		String endpoint = authorizationEndpoint.toString();
		String query = whole.startsWith(endpoint) ? whole.substring(endpoint.length() + 1)
				: String.valueOf(request.getRawQuery());
		MultiValueMap<String, String> parameters = new LinkedMultiValueMap<>();
		for (String parameter : StringUtils.tokenizeToStringArray(query, "&")) {
			int end = parameter.indexOf('=');
			parameters.add(
					UriUtils.decode((end >= 0) ? parameter.substring(0, end) : parameter, StandardCharsets.UTF_8),
					(end >= 0) ? UriUtils.decode(parameter.substring(end + 1), StandardCharsets.UTF_8) : "");
		}
		return parameters;
	}

	/** RFC 6749 section 3.1: a query of the endpoint MUST be retained. */
	static URI at(URI endpoint, MultiValueMap<String, String> parameters) {
		StringBuilder uri = new StringBuilder(endpoint.toString());
		String separator = (endpoint.getRawQuery() != null) ? "&" : "?";
		for (var parameter : parameters.entrySet()) {
			for (String value : parameter.getValue()) {
				uri.append(separator)
					.append(UriUtils.encode(parameter.getKey(), StandardCharsets.UTF_8))
					.append('=')
					.append(UriUtils.encode(value, StandardCharsets.UTF_8));
				separator = "&";
			}
		}
		return URI.create(uri.toString());
	}

}
