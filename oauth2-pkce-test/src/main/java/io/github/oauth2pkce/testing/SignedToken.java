package io.github.oauth2pkce.testing;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.jspecify.annotations.Nullable;

/**
 * A signed JWT (RFC 7519, RFC 7515), read and verified with nothing but the JDK.
 *
 * @param signed what the signature is of
 */
record SignedToken(Map<String, Object> header, Map<String, Object> claims, byte[] signed, byte[] signature) {

	/** RFC 8410 section 4: what stands before the 32 bytes of an Ed25519 key. */
	private static final String ED25519_PREFIX = "302a300506032b6570032100";

	static SignedToken parse(String text) throws GeneralSecurityException {
		String[] parts = text.split("\\.", -1);
		if (parts.length != 3) {
			throw new GeneralSecurityException("no JWT");
		}
		return new SignedToken(json(parts[0]), json(parts[1]),
				(parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII), decode(parts[2]));
	}

	@Nullable String header(String name) {
		return (this.header.get(name) instanceof String text) ? text : null;
	}

	@Nullable String claim(String name) {
		return (this.claims.get(name) instanceof String text) ? text : null;
	}

	/** A number of seconds, or null. */
	@Nullable Long seconds(String name) {
		return (this.claims.get(name) instanceof Number number) ? number.longValue() : null;
	}

	/**
	 * Whether the signature is by this key (RFC 7517), by the algorithm of the header.
	 */
	boolean isSignedBy(Map<?, ?> jwk) throws GeneralSecurityException {
		Signature verifier = verifier(String.valueOf(header("alg")));
		verifier.initVerify(publicKey(jwk));
		verifier.update(this.signed);
		return verifier.verify(this.signature);
	}

	/** Whether the signature is by this shared secret. */
	boolean isSignedBy(String secret) throws GeneralSecurityException {
		String algorithm = switch (String.valueOf(header("alg"))) {
			case "HS256" -> "HmacSHA256";
			case "HS384" -> "HmacSHA384";
			case "HS512" -> "HmacSHA512";
			default -> throw new GeneralSecurityException("alg is " + header("alg"));
		};
		Mac mac = Mac.getInstance(algorithm);
		mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), algorithm));
		return MessageDigest.isEqual(mac.doFinal(this.signed), this.signature);
	}

	/** RFC 7518 section 3.1, RFC 8037 section 3.1. */
	private static Signature verifier(String alg) throws GeneralSecurityException {
		String bits = alg.substring(Math.max(0, alg.length() - 3));
		if (alg.matches("RS(256|384|512)")) {
			return Signature.getInstance("SHA" + bits + "withRSA");
		}
		if (alg.matches("ES(256|384|512)")) {
			return Signature.getInstance("SHA" + bits + "withECDSAinP1363Format");
		}
		if (alg.matches("PS(256|384|512)")) {
			Signature pss = Signature.getInstance("RSASSA-PSS");
			pss.setParameter(new PSSParameterSpec("SHA-" + bits, "MGF1", new MGF1ParameterSpec("SHA-" + bits),
					Integer.parseInt(bits) / 8, 1));
			return pss;
		}
		if (alg.equals("EdDSA") || alg.equals("Ed25519")) {
			return Signature.getInstance("Ed25519");
		}
		throw new GeneralSecurityException("alg is " + alg);
	}

	private static PublicKey publicKey(Map<?, ?> jwk) throws GeneralSecurityException {
		String type = String.valueOf(jwk.get("kty"));
		switch (type) {
			case "RSA":
				return KeyFactory.getInstance("RSA")
					.generatePublic(new RSAPublicKeySpec(number(jwk, "n"), number(jwk, "e")));
			case "EC":
				AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
				curve.init(new ECGenParameterSpec(String.valueOf(jwk.get("crv")).replaceFirst("P-(\\d+)", "secp$1r1")));
				return KeyFactory.getInstance("EC")
					.generatePublic(new ECPublicKeySpec(new ECPoint(number(jwk, "x"), number(jwk, "y")),
							curve.getParameterSpec(ECParameterSpec.class)));
			case "OKP":
				String encoded = ED25519_PREFIX + HexFormat.of().formatHex(decode(String.valueOf(jwk.get("x"))));
				return KeyFactory.getInstance("Ed25519")
					.generatePublic(new X509EncodedKeySpec(HexFormat.of().parseHex(encoded)));
			default:
				throw new GeneralSecurityException("kty is " + type);
		}
	}

	private static BigInteger number(Map<?, ?> jwk, String name) throws GeneralSecurityException {
		return new BigInteger(1, decode(String.valueOf(jwk.get(name))));
	}

	private static Map<String, Object> json(String part) throws GeneralSecurityException {
		Map<String, Object> members = Json.readObject(new String(decode(part), StandardCharsets.UTF_8));
		if (members == null) {
			throw new GeneralSecurityException("no JSON");
		}
		return members;
	}

	private static byte[] decode(String part) throws GeneralSecurityException {
		try {
			return Base64.getUrlDecoder().decode(part);
		}
		catch (IllegalArgumentException ex) {
			throw new GeneralSecurityException("no Base64", ex);
		}
	}

}
