package io.github.oauth2pkce.testing;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

/**
 * RFC 9126: authorization requests that came directly, each good for one browser.
 */
final class PushedRequests implements Behavior {

	private static final String PREFIX = "urn:ietf:params:oauth:request_uri:";

	private final AuthorizationSettings settings;

	private final RegisteredClients clients;

	private final Secrets secrets;

	private final Map<String, RecordedRequest> waiting = new ConcurrentHashMap<>();

	PushedRequests(AuthorizationSettings settings, RegisteredClients clients, Secrets secrets) {
		this.settings = settings;
		this.clients = clients;
		this.secrets = secrets;
	}

	@Override
	public Answer answer(RecordedRequest request) {
		FormPost.check(request, "invalid_request");
		FakeClient client = this.clients.authenticate(request);
		String redirectUri = request.parameter("redirect_uri");
		if (!client.clientId().equals(request.parameter("client_id")) || request.hasParameter("request_uri")
				|| redirectUri == null || !client.isRegistered(redirectUri)) {
			throw ProtocolError.invalidRequest("Not an authorization request of this client");
		}
		String requestUri = PREFIX + this.secrets.next("par");
		this.waiting.put(requestUri, request);
		return Answer.json(201, Map.of("request_uri", requestUri, "expires_in", 60));
	}

	/**
	 * What a browser asks for.
	 * @return the pushed request that it refers to, or its own where that will do
	 */
	@Nullable RecordedRequest find(RecordedRequest request) {
		String requestUri = request.parameter("request_uri");
		if (requestUri == null) {
			return this.settings.isPushDemanded() ? null : request;
		}
		RecordedRequest pushed = this.waiting.remove(requestUri);
		boolean same = pushed != null
				&& String.valueOf(pushed.parameter("client_id")).equals(request.parameter("client_id"));
		return same ? pushed : null;
	}

}
