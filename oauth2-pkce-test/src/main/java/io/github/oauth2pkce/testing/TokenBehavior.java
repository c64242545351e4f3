package io.github.oauth2pkce.testing;

import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * RFC 6749 section 5, for the four grants; RFC 7523 section 2.1, RFC 8693 section 2.
 */
final class TokenBehavior implements Behavior {

	static final String DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

	private static final String JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

	private static final String TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

	private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

	private final RegisteredClients clients;

	private final DeviceLogins deviceLogins;

	private final AuthorizationCodes codes;

	private final TokenLedger ledger;

	private final ResourceIndicators resources;

	private final DpopProofs proofs;

	TokenBehavior(RegisteredClients clients, DeviceLogins deviceLogins, AuthorizationCodes codes, TokenLedger ledger,
			ResourceIndicators resources, DpopProofs proofs) {
		this.clients = clients;
		this.deviceLogins = deviceLogins;
		this.codes = codes;
		this.ledger = ledger;
		this.resources = resources;
		this.proofs = proofs;
	}

	@Override
	public Answer answer(RecordedRequest request) {
		try {
			return this.proofs.withNonce(issue(request));
		}
		catch (ProtocolError ex) {
			return ex.isAboutNonce() ? this.proofs.demandNonce(ex.toAnswer()) : ex.toAnswer();
		}
	}

	private Answer issue(RecordedRequest request) {
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
		String key = this.proofs.check(request, null);
		if (key == null && this.proofs.settings().isRequired()) {
			throw ProtocolError.invalidRequest("DPoP proof is missing");
		}
		Map<String, Object> members = switch (grantType) {
			case DEVICE_CODE -> this.ledger.issueForLogin(client, bound(this.deviceLogins.redeem(client,
					request.parameter("device_code"), request.parameter("code_verifier")), key));
			case "authorization_code" ->
				this.ledger.issueForLogin(client, bound(this.codes.redeem(client, request), key));
			case "refresh_token" ->
				this.ledger.refresh(client, request.parameter("refresh_token"), request.parameter("scope"), key);
			case "client_credentials" -> clientCredentials(client, request, key);
			case JWT_BEARER -> this.ledger.issueForClient(bound(session(client, request, "assertion"), key));
			case TOKEN_EXCHANGE -> exchange(client, request, key);
			default -> throw new ProtocolError(400, "unsupported_grant_type", "Unsupported grant_type");
		};
		return Answer.json(200, members).withHeader("Cache-Control", "no-store");
	}

	private Map<String, Object> exchange(FakeClient client, RecordedRequest request, @Nullable String key) {
		if (request.parameter("subject_token_type") == null
				|| (request.parameter("actor_token") == null) != (request.parameter("actor_token_type") == null)) {
			throw ProtocolError.invalidRequest("Missing token type");
		}
		Session session = bound(session(client, request, "subject_token"), key);
		String requested = request.parameter("requested_token_type");
		String issued = (requested != null) ? requested : ACCESS_TOKEN;
		Map<String, Object> answer = issued.equals(ACCESS_TOKEN) ? this.ledger.issueForClient(session)
				: this.ledger.issueNoBearer(session);
		answer.putIfAbsent("issued_token_type", issued);
		return answer;
	}

	private Session session(FakeClient client, RecordedRequest request, String parameter) {
		String token = request.parameter(parameter);
		if (token == null) {
			throw ProtocolError.invalidRequest("Missing form parameter: " + parameter);
		}
		String subject = this.ledger.subject(token);
		if (subject == null) {
			throw ProtocolError.invalidGrant("Invalid token");
		}
		return new Session(client.clientId(), subject, request.parameter("scope"), request);
	}

	private Session bound(Session session, @Nullable String key) {
		if (!this.proofs.settings().isIgnored()) {
			session.bind(key);
		}
		return session;
	}

	private Map<String, Object> clientCredentials(FakeClient client, RecordedRequest request, @Nullable String key) {
		if (client.authenticationMethods().equals(Set.of("none"))) {
			throw new ProtocolError(400, "unauthorized_client",
					"Public client not allowed to retrieve service account");
		}
		return this.ledger.issueForClient(
				bound(new Session(client.clientId(), client.clientId(), request.parameter("scope"), request), key));
	}

}
