package io.github.oauth2pkce.testing;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A protected resource that says whose token it was shown (RFC 6750).
 */
final class ApiBehavior implements Behavior {

	private final TokenLedger ledger;

	ApiBehavior(TokenLedger ledger) {
		this.ledger = ledger;
	}

	@Override
	public Answer answer(RecordedRequest request) {
		String token = request.bearer();
		if (token == null) {
			return Answer.status(401);
		}
		TokenLedger.Valid valid = this.ledger.find(token);
		if (valid == null) {
			return Answer.status(401).withHeader("WWW-Authenticate", "Bearer realm=\"demo\", error=\"invalid_token\"");
		}
		Session session = valid.session();
		Map<String, String> members = new LinkedHashMap<>();
		members.put("path", request.path());
		members.put("subject", session.subject());
		// So that it can stand in for the userinfo endpoint.
		members.put("sub", session.subject());
		members.put("client", session.clientId());
		return Answer.json(200, members);
	}

}
