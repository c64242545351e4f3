package io.github.oauth2pkce.testing;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * RFC 7523 section 3, as strict as servers are: one audience, the issuer; an id that was
 * never seen before; the registered key, named by its id.
 */
final class ClientAssertions {

	private static final String TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

	private static final Duration LONGEST = Duration.ofMinutes(5);

	private final Function<@Nullable String, @Nullable FakeClient> clients;

	private final Supplier<String> issuer;

	private final InstantSource clock;

	private final Set<String> seen = ConcurrentHashMap.newKeySet();

	ClientAssertions(Function<@Nullable String, @Nullable FakeClient> clients, Supplier<String> issuer,
			InstantSource clock) {
		this.clients = clients;
		this.issuer = issuer;
		this.clock = clock;
	}

	FakeClient authenticate(RecordedRequest request) {
		if (request.authorization() != null || request.hasParameter("client_secret")) {
			throw ProtocolError.invalidRequest("More than one client authentication");
		}
		if (request.parameters("client_assertion").size() != 1
				|| !List.of(TYPE).equals(request.parameters("client_assertion_type"))) {
			throw ProtocolError.invalidRequest("There is no assertion of the type " + TYPE);
		}
		String text = request.parameters("client_assertion").get(0);
		try {
			SignedToken assertion = SignedToken.parse(text);
			FakeClient client = this.clients.apply(assertion.claim("sub"));
			if (client == null || !client.clientId().equals(assertion.claim("iss"))
					|| !client.clientId().equals(request.parameter("client_id"))) {
				throw refused("iss, sub and client_id are not one client");
			}
			check(assertion);
			if (!isSigned(assertion, client)) {
				throw refused("the signature is not by the key of the client");
			}
			if (!this.seen.add(client.clientId() + " " + assertion.claim("jti"))) {
				throw refused("the jti was used before");
			}
			return client;
		}
		catch (GeneralSecurityException ex) {
			// Servers that repeat what they were sent are the ones to be careful with.
			throw new ProtocolError(401, "invalid_client", ex.getMessage() + " in " + text);
		}
	}

	private void check(SignedToken assertion) throws GeneralSecurityException {
		Object audience = assertion.claims().get("aud");
		if (!this.issuer.get().equals(audience) && !List.of(this.issuer.get()).equals(audience)) {
			throw refused("the audience is " + audience);
		}
		Instant now = this.clock.instant();
		Long expiresAt = assertion.seconds("exp");
		if (expiresAt == null || !Instant.ofEpochSecond(expiresAt).isAfter(now)
				|| Instant.ofEpochSecond(expiresAt).isAfter(now.plus(LONGEST))) {
			throw refused("exp is " + expiresAt);
		}
		Long issuedAt = assertion.seconds("iat");
		if (issuedAt == null || Instant.ofEpochSecond(issuedAt).isAfter(now)) {
			throw refused("iat is " + issuedAt);
		}
		String id = assertion.claim("jti");
		if (id == null || id.length() < 16) {
			throw refused("the jti is " + id);
		}
	}

	private static boolean isSigned(SignedToken assertion, FakeClient client) throws GeneralSecurityException {
		if (client.authenticationMethods().contains("client_secret_jwt")) {
			return assertion.isSignedBy(String.valueOf(client.clientSecret()));
		}
		String id = String.valueOf(assertion.header("kid"));
		for (Map<String, Object> key : client.keys()) {
			if (id.equals(key.get("kid"))) {
				if (key.get("alg") != null && !key.get("alg").equals(assertion.header("alg"))) {
					throw refused("alg is " + assertion.header("alg"));
				}
				return assertion.isSignedBy(key);
			}
		}
		throw refused("kid is " + id);
	}

	private static GeneralSecurityException refused(String reason) {
		return new GeneralSecurityException(reason);
	}

}
