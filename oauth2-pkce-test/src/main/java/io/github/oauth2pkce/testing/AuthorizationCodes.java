package io.github.oauth2pkce.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Authorization codes, each good for one exchange within a minute.
 */
final class AuthorizationCodes {

	private static final Duration LIFETIME = Duration.ofMinutes(1);

	private final InstantSource clock;

	private final Secrets secrets;

	private final TokenLedger ledger;

	private final Map<String, Code> unused = new HashMap<>();

	private final Map<String, Session> used = new HashMap<>();

	private record Code(Session session, String redirectUri, Pkce.@Nullable Challenge challenge, Instant expiresAt) {
	}

	AuthorizationCodes(InstantSource clock, Secrets secrets, TokenLedger ledger) {
		this.clock = clock;
		this.secrets = secrets;
		this.ledger = ledger;
	}

	synchronized String issue(Session session, String redirectUri, Pkce.@Nullable Challenge challenge) {
		String value = this.secrets.next("ac");
		this.unused.put(value, new Code(session, redirectUri, challenge, this.clock.instant().plus(LIFETIME)));
		return value;
	}

	synchronized Session redeem(FakeClient client, RecordedRequest request) {
		String value = request.parameter("code");
		if (value == null) {
			throw ProtocolError.invalidRequest("Missing parameter: code");
		}
		Code code = this.unused.remove(value);
		if (code == null) {
			// RFC 6749 section 4.1.2: "SHOULD revoke (when possible) all tokens
			// previously issued based on that authorization code".
			Session session = this.used.get(value);
			if (session != null) {
				this.ledger.end(session);
			}
			throw ProtocolError.invalidGrant("Code not valid");
		}
		this.used.put(value, code.session());
		if (!this.clock.instant().isBefore(code.expiresAt())) {
			throw ProtocolError.invalidGrant("Code is expired");
		}
		if (!code.session().clientId().equals(client.clientId())) {
			throw ProtocolError.invalidGrant("Auth error");
		}
		if (!code.redirectUri().equals(request.parameter("redirect_uri"))) {
			throw ProtocolError.invalidGrant("Incorrect redirect_uri");
		}
		Pkce.verify(code.challenge(), request.parameter("code_verifier"));
		return code.session();
	}

}
