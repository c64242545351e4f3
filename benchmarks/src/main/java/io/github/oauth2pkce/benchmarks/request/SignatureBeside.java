package io.github.oauth2pkce.benchmarks.request;

import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;

import reactor.core.publisher.Mono;

import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;

/**
 * What a proof of possession (RFC 9449) cannot do without, beside another filter: one
 * signature by ES256, of as many bytes as a proof has.
 */
final class SignatureBeside implements ExchangeFilterFunction {

	private static final byte[] PROOF = new byte[512];

	private final ExchangeFilterFunction filter;

	private final PrivateKey key;

	SignatureBeside(ExchangeFilterFunction filter) {
		this.filter = filter;
		try {
			KeyPairGenerator keys = KeyPairGenerator.getInstance("EC");
			keys.initialize(new ECGenParameterSpec("secp256r1"));
			this.key = keys.generateKeyPair().getPrivate();
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
		if (sign().length == 0) {
			throw new IllegalStateException("No signature");
		}
		return this.filter.filter(request, next);
	}

	/** An instance for each, because they are for one thread at a time. */
	private byte[] sign() {
		try {
			Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
			signature.initSign(this.key);
			signature.update(PROOF);
			return signature.sign();
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
