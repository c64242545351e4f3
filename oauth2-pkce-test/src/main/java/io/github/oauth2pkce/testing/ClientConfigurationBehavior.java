package io.github.oauth2pkce.testing;

import java.util.List;
import java.util.Map;

/**
 * A client reads, changes or deletes its own registration (RFC 7592).
 */
final class ClientConfigurationBehavior implements Behavior {

	/** Section 2.2: "MUST NOT include". */
	private static final List<String> NOT_TO_BE_SENT = List.of("registration_access_token", "registration_client_uri",
			"client_secret_expires_at", "client_id_issued_at");

	private final DiscoverySettings discovery;

	private final DynamicClients clients;

	ClientConfigurationBehavior(DiscoverySettings discovery, DynamicClients clients) {
		this.discovery = discovery;
		this.clients = clients;
	}

	@Override
	public Answer answer(RecordedRequest request) {
		String clientId = this.clients.find(request.path(), request.bearer());
		if (clientId == null) {
			// Section 2: "If the client does not exist on this server, the server MUST
			// respond with HTTP 401 Unauthorized", as for a token that is not valid.
			return Answer.status(401).withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"");
		}
		switch (request.method()) {
			case "GET" -> {
				return Answer.json(200, this.clients.answer(request.path(), clientId));
			}
			case "PUT" -> {
				Map<String, Object> metadata = ClientMetadata.read(request, this.discovery);
				if (!clientId.equals(metadata.remove("client_id"))) {
					throw new ProtocolError(400, "invalid_client_metadata", "Another client_id");
				}
				if (NOT_TO_BE_SENT.stream().anyMatch(metadata::containsKey)) {
					throw new ProtocolError(400, "invalid_client_metadata", "Not for the client to decide");
				}
				this.clients.replace(clientId, metadata);
				return Answer.json(200, this.clients.answer(request.path(), clientId));
			}
			case "DELETE" -> {
				this.clients.delete(clientId);
				return Answer.status(204);
			}
			default -> {
				return Answer.status(405);
			}
		}
	}

}
