package io.github.oauth2pkce.authentication;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Set;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.jca.JCAContext;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;

/** EdDSA by Java itself (RFC 8037): the signer of Nimbus needs another library for it. */
final class Ed25519 implements JWSSigner {

	private static final String NAME = NamedParameterSpec.ED25519.getName();

	private static final int LENGTH = 32;

	private final PrivateKey key;

	private final JCAContext context = new JCAContext();

	Ed25519(OctetKeyPair pair) throws JOSEException {
		try {
			this.key = KeyFactory.getInstance(NAME)
				.generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, pair.getDecodedD()));
		}
		catch (GeneralSecurityException ex) {
			throw new JOSEException("No key of Ed25519", ex);
		}
	}

	/** A generator takes its key from its source of randomness, and adds the other. */
	static PublicKey publicKey(EdECPrivateKey key) throws GeneralSecurityException {
		byte[] bytes = key.getBytes()
			.orElseThrow(() -> new GeneralSecurityException("The key does not leave its device"));
		KeyPairGenerator generator = KeyPairGenerator.getInstance(key.getParams().getName());
		generator.initialize(key.getParams(), new SecureRandom() {

			private static final long serialVersionUID = 1L;

			@Override
			public void nextBytes(byte[] target) {
				System.arraycopy(bytes, 0, target, 0, target.length);
			}

		});
		return generator.generateKeyPair().getPublic();
	}

	/** The end of its encoded form (RFC 8410 section 4). */
	static byte[] bytes(PublicKey key) {
		byte[] encoded = key.getEncoded();
		return Arrays.copyOfRange(encoded, encoded.length - LENGTH, encoded.length);
	}

	@Override
	public Base64URL sign(JWSHeader header, byte[] input) throws JOSEException {
		try {
			Signature signature = Signature.getInstance(NAME);
			signature.initSign(this.key);
			signature.update(input);
			return Base64URL.encode(signature.sign());
		}
		catch (GeneralSecurityException ex) {
			throw new JOSEException("The key cannot sign", ex);
		}
	}

	@Override
	public Set<JWSAlgorithm> supportedJWSAlgorithms() {
		return Set.of(JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519);
	}

	@Override
	public JCAContext getJCAContext() {
		return this.context;
	}

}
