package io.github.oauth2pkce.testing;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;

import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;

/** Key pairs of clients, in all the forms in which people have them. */
public final class KeyPairs {

	private KeyPairs() {
	}

	/**
	 * A new pair.
	 * @param kind {@code RSA}, the name of a curve, or {@code Ed25519}
	 */
	public static KeyPair generate(String kind) {
		try {
			boolean edwards = kind.startsWith("Ed");
			KeyPairGenerator generator = KeyPairGenerator.getInstance((edwards || "RSA".equals(kind)) ? kind : "EC");
			if ("RSA".equals(kind)) {
				generator.initialize(2048);
			}
			else if (!edwards) {
				generator.initialize(Curve.parse(kind).toECParameterSpec());
			}
			return generator.generateKeyPair();
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** As the server knows it: the public key, by its thumbprint. */
	public static JWK registered(KeyPair pair) {
		return jwk(pair).toPublicJWK();
	}

	/** The same, for one algorithm only. */
	public static JWK registered(KeyPair pair, String algorithm) {
		Map<String, Object> members = registered(pair).toJSONObject();
		members.put("alg", algorithm);
		try {
			return JWK.parse(members);
		}
		catch (ParseException ex) {
			throw new IllegalArgumentException(ex);
		}
	}

	/** With the private key, and its thumbprint for an id. */
	public static JWK jwk(KeyPair pair) {
		try {
			if (pair.getPublic() instanceof RSAPublicKey rsa) {
				return new RSAKey.Builder(rsa).privateKey(pair.getPrivate()).keyIDFromThumbprint().build();
			}
			if (pair.getPublic() instanceof ECPublicKey ec) {
				return new ECKey.Builder(Curve.forECParameterSpec(ec.getParams()), ec).privateKey(pair.getPrivate())
					.keyIDFromThumbprint()
					.build();
			}
			byte[] encoded = pair.getPublic().getEncoded();
			return new OctetKeyPair.Builder(Curve.Ed25519,
					Base64URL.encode(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length)))
				.d(Base64URL.encode(((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow()))
				.keyIDFromThumbprint()
				.build();
		}
		catch (JOSEException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** RFC 5208. */
	public static String pkcs8(KeyPair pair) {
		return pem("PRIVATE KEY", pair.getPrivate().getEncoded());
	}

	/** RFC 8017 appendix A.1.2: what PKCS#8 of an RSA key has at its end. */
	public static String pkcs1(KeyPair pair) {
		byte[] encoded = pair.getPrivate().getEncoded();
		return pem("RSA PRIVATE KEY", Arrays.copyOfRange(encoded, 26, encoded.length));
	}

	/** RFC 5915, as OpenSSL writes it for P-256, with or without the public key. */
	public static String sec1(KeyPair pair, boolean withPublicKey) {
		byte[] scalar = fixed(((ECPrivateKey) pair.getPrivate()).getS());
		byte[] parameters = der(0xa0, hex("06082a8648ce3d030107"));
		byte[] encoded = pair.getPublic().getEncoded();
		byte[] point = Arrays.copyOfRange(encoded, encoded.length - 66, encoded.length);
		byte[] publicKey = withPublicKey ? der(0xa1, der(0x03, point)) : new byte[0];
		return pem("EC PRIVATE KEY", der(0x30, new byte[] { 2, 1, 1 }, der(0x04, scalar), parameters, publicKey));
	}

	/** RFC 5208 section 6, by PBES2 of RFC 8018: for keys of curves, which are short. */
	public static String encrypted(KeyPair pair, String password) {
		try {
			byte[] salt = new byte[16];
			byte[] iv = new byte[16];
			byte[] key = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
				.generateSecret(new PBEKeySpec(password.toCharArray(), salt, 2048, 256))
				.getEncoded();
			Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
			cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
			byte[] hmacSha256 = der(0x30, hex("06082a864886f70d02090500"));
			byte[] pbkdf2 = der(0x30, hex("06092a864886f70d01050c"),
					der(0x30, der(0x04, salt), hex("02020800"), hmacSha256));
			byte[] aes = der(0x30, hex("060960864801650304012a"), der(0x04, iv));
			byte[] pbes2 = der(0x30, hex("06092a864886f70d01050d"), der(0x30, pbkdf2, aes));
			return pem("ENCRYPTED PRIVATE KEY",
					der(0x30, pbes2, der(0x04, cipher.doFinal(pair.getPrivate().getEncoded()))));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static byte[] hex(String hex) {
		return HexFormat.of().parseHex(hex);
	}

	private static byte[] fixed(BigInteger scalar) {
		byte[] bytes = scalar.toByteArray();
		byte[] fixed = new byte[32];
		int length = Math.min(32, bytes.length);
		System.arraycopy(bytes, bytes.length - length, fixed, 32 - length, length);
		return fixed;
	}

	private static byte[] der(int tag, byte[]... contents) {
		ByteArrayOutputStream content = new ByteArrayOutputStream();
		Arrays.stream(contents).forEach(content::writeBytes);
		ByteArrayOutputStream encoded = new ByteArrayOutputStream();
		encoded.write(tag);
		if (content.size() > 127) {
			encoded.write(0x81);
		}
		encoded.write(content.size());
		encoded.writeBytes(content.toByteArray());
		return encoded.toByteArray();
	}

	private static String pem(String type, byte[] encoded) {
		String body = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(encoded);
		return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
	}

}
