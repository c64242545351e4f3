package io.github.oauth2pkce.authentication;

import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyType;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.X509CertUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import org.jspecify.annotations.Nullable;

/**
 * A private key that signs for a client: RSA, P-256, P-384, P-521 or Ed25519. Immutable
 * and thread-safe; its text shows the key id, and never the key.
 */
public final class ClientKey {

	/** The key of RSA that RFC 7518 sections 3.3 and 3.5 demand at least. */
	private static final int SHORTEST_RSA = 2048;

	/** PSS first, as FAPI demands it, then by how many servers know it. */
	private static final List<JWSAlgorithm> OF_RSA = List.of(JWSAlgorithm.PS256, JWSAlgorithm.RS256, JWSAlgorithm.PS384,
			JWSAlgorithm.PS512, JWSAlgorithm.RS384, JWSAlgorithm.RS512);

	/** RFC 9864 gave it the name of its curve. */
	private static final List<JWSAlgorithm> OF_ED25519 = List.of(JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519);

	private final JWK jwk;

	private final String id;

	private final List<JWSAlgorithm> algorithms;

	private final JWSSigner signer;

	private final @Nullable Base64URL certificate;

	private ClientKey(JWK jwk, @Nullable String id, @Nullable Base64URL certificate) {
		try {
			this.jwk = jwk;
			this.id = (id != null) ? id : thumbprint(jwk);
			this.signer = signer(jwk);
			this.algorithms = algorithms(jwk);
			this.certificate = certificate;
		}
		catch (JOSEException ex) {
			throw new IllegalArgumentException("is a key that cannot sign", ex);
		}
	}

	/**
	 * Takes a key as Java knows it.
	 * @param key the private key
	 * @param certificates the chain of its certificate, possibly none
	 * @return the key
	 * @throws IllegalArgumentException when it cannot sign; the message is the end of a
	 * sentence without anything secret
	 */
	public static ClientKey of(PrivateKey key, List<X509Certificate> certificates) {
		PublicKey publicKey = certificates.isEmpty() ? PublicKeys.of(key) : certificates.get(0).getPublicKey();
		if (!certificates.isEmpty() && !PublicKeys.isPair(key, publicKey)) {
			throw new IllegalArgumentException("has a certificate that is not of its key");
		}
		return new ClientKey(jwk(key, publicKey), null,
				certificates.isEmpty() ? null : X509CertUtils.computeSHA256Thumbprint(certificates.get(0)));
	}

	/**
	 * Reads a JWK (RFC 7517).
	 * @param json the JWK
	 * @return the key
	 * @throws IllegalArgumentException when it cannot sign; the message is the end of a
	 * sentence without anything secret
	 */
	public static ClientKey ofJwk(String json) {
		JWK jwk;
		try {
			jwk = JWK.parse(json);
		}
		catch (ParseException ex) {
			// Its message may quote the key.
			throw new IllegalArgumentException("is not a JWK that can be read");
		}
		if (jwk.getKeyType().equals(KeyType.OCT)) {
			throw new IllegalArgumentException("is a shared secret and no private key");
		}
		if (!jwk.isPrivate()) {
			throw new IllegalArgumentException("has only a public key");
		}
		if (KeyUse.ENCRYPTION.equals(jwk.getKeyUse())) {
			throw new IllegalArgumentException("is a key for encryption, by its member \"use\"");
		}
		return new ClientKey(jwk, jwk.getKeyID(), jwk.getX509CertSHA256Thumbprint());
	}

	private static JWK jwk(PrivateKey key, PublicKey publicKey) {
		if (publicKey instanceof RSAPublicKey rsa) {
			return new RSAKey.Builder(rsa).privateKey(key).build();
		}
		if (publicKey instanceof ECPublicKey ec && Curve.forECParameterSpec(ec.getParams()) != null) {
			return new ECKey.Builder(Curve.forECParameterSpec(ec.getParams()), ec).privateKey(key).build();
		}
		if (key instanceof EdECPrivateKey edwards && "Ed25519".equals(edwards.getParams().getName())) {
			return new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(Ed25519.bytes(publicKey)))
				.d(Base64URL.encode(edwards.getBytes().orElseThrow()))
				.build();
		}
		throw unusable(key.getAlgorithm());
	}

	private static JWSSigner signer(JWK jwk) throws JOSEException {
		if (jwk instanceof RSAKey rsa) {
			if (rsa.size() < SHORTEST_RSA) {
				throw new IllegalArgumentException(
						"is an RSA key of " + rsa.size() + " bits, which is too short: " + SHORTEST_RSA + " at least");
			}
			return new RSASSASigner(rsa);
		}
		if (jwk instanceof ECKey ec && !Curve.SECP256K1.equals(ec.getCurve())) {
			return new ECDSASigner(ec);
		}
		if (jwk instanceof OctetKeyPair pair && Curve.Ed25519.equals(pair.getCurve())) {
			return new Ed25519(pair);
		}
		throw unusable(String.valueOf(jwk.getKeyType()));
	}

	/** What a JWK says of itself comes first. */
	private static List<JWSAlgorithm> algorithms(JWK jwk) {
		List<JWSAlgorithm> possible = (jwk instanceof RSAKey) ? OF_RSA
				: (jwk instanceof ECKey ec) ? List.of(ofCurve(ec.getCurve())) : OF_ED25519;
		return possible.stream()
			.filter((algorithm) -> jwk.getAlgorithm() == null
					|| algorithm.getName().equals(jwk.getAlgorithm().getName()))
			.toList();
	}

	private static JWSAlgorithm ofCurve(Curve curve) {
		if (Curve.P_256.equals(curve)) {
			return JWSAlgorithm.ES256;
		}
		return Curve.P_384.equals(curve) ? JWSAlgorithm.ES384 : JWSAlgorithm.ES512;
	}

	private static IllegalArgumentException unusable(String type) {
		return new IllegalArgumentException(
				"is a key of type " + type + ", which cannot be used: RSA, P-256, P-384, P-521 or Ed25519 can");
	}

	/**
	 * The same key by another name.
	 * @param id the key id, {@code null} for that which it has
	 * @return the key
	 */
	public ClientKey named(@Nullable String id) {
		return (id != null) ? new ClientKey(this.jwk, id, this.certificate) : this;
	}

	/**
	 * {@return the key id: the configured one, the key's own, or else its thumbprint (RFC
	 * 7638)}
	 */
	public String id() {
		return this.id;
	}

	/**
	 * {@return the JWS algorithms (RFC 7518 section 3.1) by which it can sign, the
	 * preferred one first}
	 */
	public List<String> algorithms() {
		return this.algorithms.stream().map(JWSAlgorithm::getName).toList();
	}

	/**
	 * {@return the public key as members of a JWK, with its id}
	 */
	public Map<String, Object> publicJwk() {
		Map<String, Object> members = this.jwk.toPublicJWK().toJSONObject();
		members.put("kid", this.id);
		// Keycloak does not look at keys without it.
		members.put("use", KeyUse.SIGNATURE.identifier());
		return members;
	}

	/**
	 * {@return a set of nothing but the public key (RFC 7517 section 5)}
	 */
	public Map<String, Object> publicJwks() {
		return Map.of("keys", List.of(publicJwk()));
	}

	/**
	 * A set of the public key and of the one that it takes the place of: nodes that have
	 * not got the new key yet still sign by the old one.
	 * @param registered the set that a server has now, as its JSON says it
	 * @return the set, this key first
	 */
	public Map<String, Object> publicJwks(@Nullable Object registered) {
		List<Map<String, Object>> keys = new ArrayList<>(List.of(publicJwk()));
		PublicKeys.ofSet(registered)
			.stream()
			.filter((key) -> !this.id.equals(key.getKeyID()))
			.limit(1)
			.forEach((key) -> keys.add(key.toJSONObject()));
		return Map.of("keys", keys);
	}

	/**
	 * Which keys a set has.
	 * @param jwks the set, as the JSON of a server says it
	 * @return their thumbprints (RFC 7638), in that order
	 */
	public static List<String> thumbprints(@Nullable Object jwks) {
		return PublicKeys.ofSet(jwks).stream().map(ClientKey::thumbprint).toList();
	}

	/**
	 * {@return the thumbprint (RFC 7638), by which one knows the key whatever its id is}
	 */
	public String thumbprint() {
		return thumbprint(this.jwk);
	}

	private static String thumbprint(JWK jwk) {
		try {
			return jwk.computeThumbprint().toString();
		}
		catch (JOSEException ex) {
			throw new IllegalStateException("This Java platform has no SHA-256", ex);
		}
	}

	/** Entra knows a key by its certificate. */
	String sign(JWSAlgorithm algorithm, JWTClaimsSet claims) {
		SignedJWT assertion = new SignedJWT(new JWSHeader.Builder(algorithm).type(JOSEObjectType.JWT)
			.keyID(this.id)
			.x509CertSHA256Thumbprint(this.certificate)
			.build(), claims);
		try {
			assertion.sign(this.signer);
			return assertion.serialize();
		}
		catch (JOSEException ex) {
			throw new IllegalStateException("Key '" + this.id + "' cannot sign with " + algorithm, ex);
		}
	}

	@Override
	public String toString() {
		return "ClientKey[id=" + this.id + "]";
	}

}
