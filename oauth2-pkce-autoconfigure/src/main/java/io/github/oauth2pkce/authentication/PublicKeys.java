package io.github.oauth2pkce.authentication;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import javax.crypto.KeyAgreement;

import com.nimbusds.jose.jwk.JWK;
import org.jspecify.annotations.Nullable;

/**
 * Public keys of private ones. Files of private keys need not hold them, and Java has no
 * way to ask for them.
 */
final class PublicKeys {

	private PublicKeys() {
	}

	/** Those of a set (RFC 7517 section 5) that can be read. */
	static List<JWK> ofSet(@Nullable Object jwks) {
		Object keys = (jwks instanceof Map<?, ?> set) ? set.get("keys") : null;
		List<JWK> found = new ArrayList<>();
		for (Object key : (keys instanceof Collection<?> all) ? all : List.of()) {
			JWK jwk = (key instanceof Map<?, ?> members) ? parse(members) : null;
			if (jwk != null) {
				found.add(jwk);
			}
		}
		return found;
	}

	private static @Nullable JWK parse(Map<?, ?> members) {
		Map<String, Object> jwk = new LinkedHashMap<>();
		members.forEach((name, value) -> jwk.put(String.valueOf(name), value));
		try {
			return JWK.parse(jwk).toPublicJWK();
		}
		catch (ParseException ex) {
			return null;
		}
	}

	static PublicKey of(PrivateKey key) {
		try {
			if (key instanceof RSAPrivateCrtKey rsa) {
				return KeyFactory.getInstance("RSA")
					.generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
			}
			if (key instanceof ECPrivateKey ec && ec.getParams().getCurve().getField() instanceof ECFieldFp field) {
				return ofCurve(ec, field.getP());
			}
			if (key instanceof EdECPrivateKey edwards) {
				return Ed25519.publicKey(edwards);
			}
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalArgumentException("is a key that Java cannot use", ex);
		}
		throw new IllegalArgumentException("is a key of type " + key.getAlgorithm() + " without its public key");
	}

	/**
	 * The secret that the key agrees on with the generator of the curve is the x of its
	 * own public key. Of the two points with that x, one verifies what the key signs.
	 */
	private static PublicKey ofCurve(ECPrivateKey key, BigInteger p) throws GeneralSecurityException {
		ECParameterSpec parameters = key.getParams();
		KeyFactory keys = KeyFactory.getInstance("EC");
		KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
		agreement.init(key);
		agreement.doPhase(keys.generatePublic(new ECPublicKeySpec(parameters.getGenerator(), parameters)), true);
		BigInteger x = new BigInteger(1, agreement.generateSecret());
		BigInteger square = x.pow(3)
			.add(parameters.getCurve().getA().multiply(x))
			.add(parameters.getCurve().getB())
			.mod(p);
		// p is 3 modulo 4 on all curves of NIST but P-224.
		BigInteger y = square.modPow(p.add(BigInteger.ONE).shiftRight(2), p);
		for (BigInteger root : List.of(y, p.subtract(y))) {
			PublicKey candidate = keys.generatePublic(new ECPublicKeySpec(new ECPoint(x, root), parameters));
			if (isPair(key, candidate)) {
				return candidate;
			}
		}
		throw new IllegalArgumentException("is a key of a curve that cannot be used");
	}

	/** Whether one verifies what the other signs. */
	static boolean isPair(PrivateKey key, PublicKey publicKey) {
		if (key instanceof RSAKey one && publicKey instanceof RSAKey other) {
			return one.getModulus().equals(other.getModulus());
		}
		try {
			Signature signature = Signature.getInstance(switch (key.getAlgorithm()) {
				case "EC" -> "SHA256withECDSA";
				// A token of PKCS#11 may keep even the modulus to itself.
				case "RSA" -> "SHA256withRSA";
				default -> key.getAlgorithm();
			});
			signature.initSign(key);
			signature.update((byte) 1);
			byte[] signed = signature.sign();
			signature.initVerify(publicKey);
			signature.update((byte) 1);
			return signature.verify(signed);
		}
		catch (GeneralSecurityException ex) {
			return false;
		}
	}

}
