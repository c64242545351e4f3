package io.github.oauth2pkce.login;

import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.Base64;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEDecrypter;
import com.nimbusds.jose.JWEEncrypter;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDHDecrypter;
import com.nimbusds.jose.crypto.ECDHEncrypter;
import com.nimbusds.jose.crypto.PasswordBasedDecrypter;
import com.nimbusds.jose.crypto.PasswordBasedEncrypter;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;

/**
 * Seals a login that travels (JWE, RFC 7516): by a passphrase (PBES2, RFC 7518 section
 * 4.8), or for the one who has a key (ECDH-ES, section 4.6). Thread-safe.
 */
public final class Seal {

	/** RFC 7518 says at least 1,000, in 2015; OWASP 600,000 for SHA-256 by now. */
	private static final int ITERATIONS = 600_000;

	private static final int SALT_LENGTH = 16;

	private final JWEAlgorithm algorithm;

	private final Maker<JWEEncrypter> encrypter;

	private final Maker<JWEDecrypter> decrypter;

	private Seal(JWEAlgorithm algorithm, Maker<JWEEncrypter> encrypter, Maker<JWEDecrypter> decrypter) {
		this.algorithm = algorithm;
		this.encrypter = encrypter;
		this.decrypter = decrypter;
	}

	/**
	 * Seals and opens by a passphrase.
	 * @param passphrase the passphrase
	 * @return the seal
	 */
	public static Seal byPassphrase(String passphrase) {
		return byPassphrase(passphrase, ITERATIONS);
	}

	static Seal byPassphrase(String passphrase, int iterations) {
		return new Seal(JWEAlgorithm.PBES2_HS512_A256KW,
				() -> new PasswordBasedEncrypter(passphrase, SALT_LENGTH, iterations),
				() -> new PasswordBasedDecrypter(passphrase));
	}

	/**
	 * Seals for the one who has the private key.
	 * @param recipient what {@link #recipient(String)} has given there
	 * @return the seal, which cannot open
	 * @throws TransferException when it is no such key
	 */
	public static Seal forRecipient(String recipient) {
		try {
			String jwk = recipient.startsWith("{") ? recipient
					: new String(Base64.getUrlDecoder().decode(recipient), StandardCharsets.UTF_8);
			ECKey key = ECKey.parse(jwk);
			if (Curve.P_256.equals(key.getCurve())) {
				return new Seal(JWEAlgorithm.ECDH_ES_A256KW, () -> new ECDHEncrypter(key.toPublicJWK()), () -> {
					throw new JOSEException("sealed for somebody else");
				});
			}
		}
		catch (ParseException | IllegalArgumentException | IllegalStateException ex) {
			// Told below: the message may quote the text.
		}
		throw new TransferException("oauth2.pkce.command-recipient is not the public key that the command import has"
				+ " printed on the other side");
	}

	/** Opens what was sealed for a private key. */
	static Seal byKey(String privateKey) {
		return new Seal(JWEAlgorithm.ECDH_ES_A256KW, () -> new ECDHEncrypter(ECKey.parse(privateKey).toPublicJWK()),
				() -> new ECDHDecrypter(ECKey.parse(privateKey)));
	}

	static String newPrivateKey() {
		try {
			return new ECKeyGenerator(Curve.P_256).generate().toJSONString();
		}
		catch (JOSEException ex) {
			throw new IllegalStateException("This Java platform has no P-256 keys", ex);
		}
	}

	/** The public key, as one word that no shell takes apart. */
	static String recipient(String privateKey) {
		try {
			return Base64.getUrlEncoder()
				.withoutPadding()
				.encodeToString(ECKey.parse(privateKey).toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8));
		}
		catch (ParseException ex) {
			throw new IllegalStateException("The stored key is none", null);
		}
	}

	/**
	 * Whether a sealed text needs a passphrase to be opened.
	 * @param sealed the text
	 * @return {@code false} when it needs a key
	 * @throws TransferException when it is no sealed login
	 */
	public static boolean needsPassphrase(String sealed) {
		return JWEAlgorithm.Family.PBES2.contains(parse(sealed).getHeader().getAlgorithm());
	}

	String seal(String plain) {
		try {
			JWEObject jwe = new JWEObject(new JWEHeader.Builder(this.algorithm, EncryptionMethod.A256GCM)
				.contentType("oauth2-pkce-login+json")
				.build(), new Payload(plain));
			jwe.encrypt(this.encrypter.make());
			return jwe.serialize();
		}
		catch (JOSEException | ParseException ex) {
			throw new IllegalStateException("This Java platform cannot seal by " + this.algorithm.getName(), ex);
		}
	}

	String open(String sealed) {
		JWEObject jwe = parse(sealed);
		JWEAlgorithm used = jwe.getHeader().getAlgorithm();
		if (!this.algorithm.equals(used)
				&& !(JWEAlgorithm.Family.PBES2.contains(used) && JWEAlgorithm.Family.PBES2.contains(this.algorithm))) {
			throw new TransferException(
					JWEAlgorithm.Family.PBES2.contains(used) ? "The file is sealed by a passphrase, and not for a key"
							: "The file is sealed for a key, and not by a passphrase");
		}
		try {
			jwe.decrypt(this.decrypter.make());
			return jwe.getPayload().toString();
		}
		catch (JOSEException | ParseException | RuntimeException ex) {
			throw new TransferException(JWEAlgorithm.Family.PBES2.contains(used)
					? "The file cannot be opened: the passphrase is another one, or the file was changed"
					: "The file cannot be opened: it is sealed for another key than this store has made, or was changed");
		}
	}

	private static JWEObject parse(String sealed) {
		try {
			return JWEObject.parse(sealed.strip());
		}
		catch (ParseException | RuntimeException ex) {
			throw new TransferException("The file is no sealed login: the command export writes one");
		}
	}

	@FunctionalInterface
	private interface Maker<T> {

		T make() throws JOSEException, ParseException;

	}

}
