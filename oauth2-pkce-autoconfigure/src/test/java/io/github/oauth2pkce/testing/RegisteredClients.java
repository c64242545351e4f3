package io.github.oauth2pkce.testing;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

/**
 * Who may ask, and how they prove who they are (RFC 6749 section 2.3.1).
 */
final class RegisteredClients {

	private static final String REFUSAL = "Invalid client or Invalid client credentials";

	private final Map<String, FakeClient> clients = new ConcurrentHashMap<>();

	void register(FakeClient client) {
		this.clients.put(client.clientId(), client);
	}

	@Nullable FakeClient find(@Nullable String clientId) {
		return (clientId != null) ? this.clients.get(clientId) : null;
	}

	FakeClient authenticate(RecordedRequest request) {
		String basic = request.credentials("Basic ");
		return (basic != null) ? authenticateBasic(basic, request) : authenticateForm(request);
	}

	private FakeClient authenticateBasic(String basic, RecordedRequest request) {
		String[] credentials = decodeBasic(basic);
		// Clients that have no secret sometimes send the header all the same.
		if (credentials[1].isEmpty()) {
			throw new ProtocolError(401, "invalid_client", REFUSAL, true);
		}
		String clientId = request.parameter("client_id");
		if (request.hasParameter("client_secret") || (clientId != null && !clientId.equals(credentials[0]))) {
			throw ProtocolError.invalidRequest("More than one client authentication");
		}
		FakeClient client = find(credentials[0]);
		if (client == null || !client.authenticationMethods().contains("client_secret_basic")) {
			throw new ProtocolError(401, "invalid_client", REFUSAL, true);
		}
		if (!credentials[1].equals(client.clientSecret())) {
			throw new ProtocolError(401, "unauthorized_client", REFUSAL, true);
		}
		return client;
	}

	private FakeClient authenticateForm(RecordedRequest request) {
		FakeClient client = find(request.parameter("client_id"));
		if (client == null) {
			throw new ProtocolError(401, "invalid_client", REFUSAL);
		}
		if (client.clientSecret() == null) {
			return client;
		}
		String secret = request.parameter("client_secret");
		if (secret != null && !client.authenticationMethods().contains("client_secret_post")) {
			throw new ProtocolError(401, "invalid_client", REFUSAL);
		}
		if (!client.clientSecret().equals(secret)) {
			throw new ProtocolError(401, "unauthorized_client", REFUSAL);
		}
		return client;
	}

	/**
	 * "The client identifier is encoded using the application/x-www-form-urlencoded
	 * encoding algorithm […] the client password is encoded using the same algorithm".
	 */
	private static String[] decodeBasic(String basic) {
		try {
			String pair = new String(Base64.getDecoder().decode(basic), StandardCharsets.UTF_8);
			int colon = pair.indexOf(':');
			if (colon >= 0) {
				return new String[] { Parameters.decode(pair.substring(0, colon)),
						Parameters.decode(pair.substring(colon + 1)) };
			}
		}
		catch (IllegalArgumentException ex) {
			// Neither Base64 nor percent-encoded: refused below.
		}
		throw new ProtocolError(401, "invalid_client", REFUSAL, true);
	}

}
