package io.github.oauth2pkce.testing;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * RFC 6749 section 4.1.1 with a user who grants at once: the one of {@code login_hint},
 * if there is one.
 */
final class AuthorizationBehavior implements Behavior {

	private final AuthorizationSettings settings;

	private final RegisteredClients clients;

	private final AuthorizationCodes codes;

	private final ResourceIndicators resources;

	private final Supplier<String> issuer;

	private final PushedRequests pushed;

	AuthorizationBehavior(AuthorizationSettings settings, RegisteredClients clients, AuthorizationCodes codes,
			ResourceIndicators resources, Supplier<String> issuer, PushedRequests pushed) {
		this.settings = settings;
		this.clients = clients;
		this.codes = codes;
		this.resources = resources;
		this.issuer = issuer;
		this.pushed = pushed;
	}

	@Override
	public Answer answer(RecordedRequest carried) {
		RecordedRequest request = this.pushed.find(carried);
		if (request == null) {
			return Answer.text(400, "text/plain", "Invalid parameter: request_uri");
		}
		FakeClient client = this.clients.find(request.parameter("client_id"));
		String redirectUri = request.parameter("redirect_uri");
		// Without these two there is nowhere safe to redirect to.
		if (client == null) {
			return Answer.text(400, "text/plain", "Client not found.");
		}
		if (redirectUri == null || !client.isRegistered(redirectUri)) {
			return Answer.text(400, "text/plain", "Invalid parameter: redirect_uri");
		}
		Map<String, String> parameters = new LinkedHashMap<>();
		try {
			parameters.put("code", grant(client, redirectUri, request));
		}
		catch (ProtocolError ex) {
			put(parameters, "error", ex.error());
			put(parameters, "error_description", ex.description());
		}
		put(parameters, "state", request.parameter("state"));
		if (this.settings.isIssSent()) {
			String iss = this.settings.iss();
			parameters.put("iss", (iss != null) ? iss : this.issuer.get());
		}
		String separator = redirectUri.contains("?") ? "&" : "?";
		return Answer.redirect(redirectUri + separator + Parameters.format(parameters));
	}

	private String grant(FakeClient client, String redirectUri, RecordedRequest request) {
		if (!"code".equals(request.parameter("response_type"))) {
			throw new ProtocolError(400, "unsupported_response_type", null);
		}
		if (!client.mayUse("authorization_code")) {
			throw new ProtocolError(400, "unauthorized_client", null);
		}
		this.resources.check(request);
		Pkce.Challenge challenge = Pkce.readChallenge(client, request);
		AuthorizationSettings.Failure failure = this.settings.failure();
		if (failure != null) {
			throw new ProtocolError(400, failure.error(), failure.description());
		}
		String hint = request.parameter("login_hint");
		Session session = new Session(client.clientId(), (hint != null) ? hint : this.settings.subject(),
				request.parameter("scope"), request);
		return this.codes.issue(session, redirectUri, challenge);
	}

	private static void put(Map<String, String> parameters, String name, @Nullable String value) {
		if (value != null) {
			parameters.put(name, value);
		}
	}

}
