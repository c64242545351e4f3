package io.github.oauth2pkce.testing;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.ByteUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import org.jspecify.annotations.Nullable;

/**
 * RFC 7523 section 3, as strict as servers are: one audience, the issuer; an id that was
 * never seen before; the registered key, named by its id.
 */
final class ClientAssertions {

	private static final String TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

	private static final Duration LONGEST = Duration.ofMinutes(5);

	private final Function<String, @Nullable FakeClient> clients;

	private final Supplier<String> issuer;

	private final InstantSource clock;

	private final Set<String> seen = ConcurrentHashMap.newKeySet();

	ClientAssertions(Function<String, @Nullable FakeClient> clients, Supplier<String> issuer, InstantSource clock) {
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
		try {
			SignedJWT assertion = SignedJWT.parse(request.parameter("client_assertion"));
			JWTClaimsSet claims = assertion.getJWTClaimsSet();
			FakeClient client = this.clients.apply(String.valueOf(claims.getSubject()));
			if (client == null || !client.clientId().equals(claims.getIssuer())
					|| !client.clientId().equals(request.parameter("client_id"))) {
				throw refused("iss, sub and client_id are not one client");
			}
			check(claims);
			if (!isSigned(assertion, client)) {
				throw refused("the signature is not by the key of the client");
			}
			if (!this.seen.add(client.clientId() + " " + claims.getJWTID())) {
				throw refused("the jti was used before");
			}
			return client;
		}
		catch (ParseException | JOSEException | GeneralSecurityException ex) {
			// Servers that repeat what they were sent are the ones to be careful with.
			throw new ProtocolError(401, "invalid_client",
					ex.getMessage() + " in " + request.parameter("client_assertion"));
		}
	}

	private void check(JWTClaimsSet claims) throws JOSEException {
		if (!List.of(this.issuer.get()).equals(claims.getAudience())) {
			throw refused("the audience is " + claims.getAudience());
		}
		Instant now = this.clock.instant();
		if (claims.getExpirationTime() == null || !claims.getExpirationTime().toInstant().isAfter(now)
				|| claims.getExpirationTime().toInstant().isAfter(now.plus(LONGEST))) {
			throw refused("exp is " + claims.getExpirationTime());
		}
		if (claims.getIssueTime() == null || claims.getIssueTime().toInstant().isAfter(now)) {
			throw refused("iat is " + claims.getIssueTime());
		}
		if (claims.getJWTID() == null || claims.getJWTID().length() < 16) {
			throw refused("the jti is " + claims.getJWTID());
		}
	}

	private static boolean isSigned(SignedJWT assertion, FakeClient client)
			throws JOSEException, GeneralSecurityException {
		JWK key = client.keys()
			.stream()
			.filter((candidate) -> candidate.getKeyID().equals(assertion.getHeader().getKeyID()))
			.findFirst()
			.orElse(null);
		if (client.authenticationMethods().contains("client_secret_jwt")) {
			return assertion.verify(new MACVerifier(String.valueOf(client.clientSecret())));
		}
		if (key == null) {
			throw refused("kid is " + assertion.getHeader().getKeyID());
		}
		if (key.getAlgorithm() != null && !key.getAlgorithm().equals(assertion.getHeader().getAlgorithm())) {
			throw refused("alg is " + assertion.getHeader().getAlgorithm());
		}
		if (key instanceof RSAKey rsa) {
			return assertion.verify(new RSASSAVerifier(rsa));
		}
		return (key instanceof ECKey ec) ? assertion.verify(new ECDSAVerifier(ec))
				: isSigned(assertion, (OctetKeyPair) key);
	}

	/** RFC 8037, by the prefix of RFC 8410 section 4. */
	private static boolean isSigned(SignedJWT assertion, OctetKeyPair key) throws GeneralSecurityException {
		Signature signature = Signature.getInstance("Ed25519");
		signature.initVerify(KeyFactory.getInstance("Ed25519")
			.generatePublic(new X509EncodedKeySpec(
					ByteUtils.concat(HexFormat.of().parseHex("302a300506032b6570032100"), key.getDecodedX()))));
		signature.update(assertion.getSigningInput());
		return signature.verify(assertion.getSignature().decode());
	}

	private static JOSEException refused(String reason) {
		return new JOSEException(reason);
	}

}
