package io.github.oauth2pkce.testing;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A protected resource that says whose token it was shown (RFC 6750).
 */
final class ApiBehavior implements Behavior {

	private final TokenLedger ledger;

	private final DpopProofs proofs;

	ApiBehavior(TokenLedger ledger, DpopProofs proofs) {
		this.ledger = ledger;
		this.proofs = proofs;
	}

	@Override
	public Answer answer(RecordedRequest request) {
		String bound = request.credentials("DPoP ");
		String token = (bound != null) ? bound : request.bearer();
		if (token == null) {
			return Answer.status(401);
		}
		String key = null;
		try {
			key = (bound != null) ? this.proofs.check(request, token) : null;
		}
		catch (ProtocolError ex) {
			Answer refusal = Answer.status(401)
				.withHeader("WWW-Authenticate", "DPoP error=\"" + ex.error() + "\", algs=\"ES256\"");
			return ex.isAboutNonce() ? this.proofs.demandNonce(refusal) : refusal;
		}
		TokenLedger.Valid valid = this.ledger.find(token);
		if (valid != null && !Objects.equals(valid.session().key(), key)) {
			// RFC 9449 section 7.2: a bound token is no bearer, nor of use with another
			// key.
			return Answer.status(401).withHeader("WWW-Authenticate", "DPoP error=\"invalid_token\", algs=\"ES256\"");
		}
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
		return this.proofs.withNonce(Answer.json(200, members));
	}

}
