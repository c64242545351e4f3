package io.github.oauth2pkce.testing;

/**
 * RFC 7009.
 */
final class RevocationBehavior implements Behavior {

	private final RegisteredClients clients;

	private final TokenLedger ledger;

	RevocationBehavior(RegisteredClients clients, TokenLedger ledger) {
		this.clients = clients;
		this.ledger = ledger;
	}

	@Override
	public Answer answer(RecordedRequest request) {
		FormPost.check(request, "invalid_request");
		FakeClient client = this.clients.authenticate(request);
		String token = request.parameter("token");
		if (token == null) {
			throw ProtocolError.invalidRequest("Token not provided");
		}
		// Keycloak's answer to a token that it does not know is 200, yet with an error.
		return this.ledger.revoke(client, token) ? Answer.status(200)
				: Answer.error(200, "invalid_token", "Invalid token");
	}

}
