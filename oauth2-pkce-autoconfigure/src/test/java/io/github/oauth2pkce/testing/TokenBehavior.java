package io.github.oauth2pkce.testing;

import java.util.Map;

/**
 * RFC 6749 section 5, for the four grants.
 */
final class TokenBehavior implements Behavior {

	static final String DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

	private final RegisteredClients clients;

	private final DeviceLogins deviceLogins;

	private final AuthorizationCodes codes;

	private final TokenLedger ledger;

	private final ResourceIndicators resources;

	TokenBehavior(RegisteredClients clients, DeviceLogins deviceLogins, AuthorizationCodes codes, TokenLedger ledger,
			ResourceIndicators resources) {
		this.clients = clients;
		this.deviceLogins = deviceLogins;
		this.codes = codes;
		this.ledger = ledger;
		this.resources = resources;
	}

	@Override
	public Answer answer(RecordedRequest request) {
		FormPost.check(request, "invalid_request");
		String grantType = request.parameter("grant_type");
		if (grantType == null) {
			throw ProtocolError.invalidRequest("Missing form parameter: grant_type");
		}
		FakeClient client = this.clients.authenticate(request);
		if (!client.mayUse(grantType)) {
			throw new ProtocolError(400, "unauthorized_client", "Client is not registered for this grant");
		}
		this.resources.check(request);
		Map<String, Object> members = switch (grantType) {
			case DEVICE_CODE -> this.ledger.issueForLogin(client, this.deviceLogins.redeem(client,
					request.parameter("device_code"), request.parameter("code_verifier")));
			case "authorization_code" -> this.ledger.issueForLogin(client, this.codes.redeem(client, request));
			case "refresh_token" ->
				this.ledger.refresh(client, request.parameter("refresh_token"), request.parameter("scope"));
			case "client_credentials" -> clientCredentials(client, request);
			default -> throw new ProtocolError(400, "unsupported_grant_type", "Unsupported grant_type");
		};
		return Answer.json(200, members).withHeader("Cache-Control", "no-store");
	}

	private Map<String, Object> clientCredentials(FakeClient client, RecordedRequest request) {
		if (client.clientSecret() == null && client.keys().isEmpty()) {
			throw new ProtocolError(400, "unauthorized_client",
					"Public client not allowed to retrieve service account");
		}
		return this.ledger
			.issueForClient(new Session(client.clientId(), client.clientId(), request.parameter("scope"), request));
	}

}
