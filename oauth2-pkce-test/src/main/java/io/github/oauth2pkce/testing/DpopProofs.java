package io.github.oauth2pkce.testing;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Checks proofs of possession as strictly as RFC 9449 section 4.3 allows, with nothing
 * but the JDK.
 */
final class DpopProofs {

	private static final long LONGEST_LIFE_SECONDS = 60;

	private final DpopSettings settings;

	private final InstantSource clock;

	private final Supplier<String> origin;

	private final Set<Object> seen = ConcurrentHashMap.newKeySet();

	DpopProofs(DpopSettings settings, InstantSource clock, Supplier<String> origin) {
		this.settings = settings;
		this.clock = clock;
		this.origin = origin;
	}

	DpopSettings settings() {
		return this.settings;
	}

	/**
	 * Check the proof of a request.
	 * @param accessToken the token beside it, or null
	 * @return the thumbprint of its key, or null when there is no proof
	 */
	@Nullable String check(RecordedRequest request, @Nullable String accessToken) {
		if (this.settings.isIgnored()) {
			return null;
		}
		List<String> headers = request.headers().getOrDefault("DPoP", List.of());
		if (headers.isEmpty()) {
			return null;
		}
		if (headers.size() > 1) {
			throw this.settings.refuse("several proofs");
		}
		SignedToken proof = parse(headers.get(0));
		Map<String, Object> claims = proof.claims();
		if (!"dpop+jwt".equals(proof.header("typ")) || !"ES256".equals(proof.header("alg"))) {
			throw this.settings.refuse("typ or alg");
		}
		if (!(proof.header().get("jwk") instanceof Map<?, ?> jwk) || jwk.containsKey("d")) {
			throw this.settings.refuse("no public key");
		}
		verify(proof, jwk);
		if (!request.method().equals(claims.get("htm"))) {
			throw this.settings.refuse("htm is " + claims.get("htm"));
		}
		if (!(this.origin.get() + request.path()).equals(claims.get("htu"))) {
			throw this.settings.refuse("htu is " + claims.get("htu"));
		}
		Long issuedAt = proof.seconds("iat");
		long now = this.clock.instant().getEpochSecond();
		boolean current = issuedAt != null && Math.abs(now - issuedAt) <= LONGEST_LIFE_SECONDS;
		if (!current && !this.settings.isTimeIgnored()) {
			throw this.settings.refuse("iat is " + issuedAt);
		}
		if (!(claims.get("jti") instanceof String jti) || jti.length() < 16 || !this.seen.add(jti)) {
			throw this.settings.refuse("jti");
		}
		String ath = (accessToken != null) ? sha256(accessToken) : null;
		if (ath != null && !ath.equals(claims.get("ath"))) {
			throw this.settings.refuse("ath");
		}
		String nonce = this.settings.nonce();
		if (nonce != null && !nonce.equals(claims.get("nonce"))) {
			throw new ProtocolError(400, "use_dpop_nonce", "Authorization server requires nonce in DPoP proof");
		}
		return sha256(
				"{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"" + jwk.get("x") + "\",\"y\":\"" + jwk.get("y") + "\"}");
	}

	/** RFC 9449 section 8.2: with a success, if it is told so. */
	Answer withNonce(Answer answer) {
		return this.settings.isNonceOnSuccess() ? demandNonce(answer) : answer;
	}

	Answer demandNonce(Answer answer) {
		String nonce = this.settings.nonce();
		return (nonce != null) ? answer.withHeader("DPoP-Nonce", nonce) : answer;
	}

	private SignedToken parse(String proof) {
		try {
			return SignedToken.parse(proof);
		}
		catch (GeneralSecurityException ex) {
			throw this.settings.refuse(String.valueOf(ex.getMessage()));
		}
	}

	private void verify(SignedToken proof, Map<?, ?> jwk) {
		try {
			if (!proof.isSignedBy(jwk)) {
				throw this.settings.refuse("signature");
			}
		}
		catch (GeneralSecurityException ex) {
			throw this.settings.refuse("key: " + ex);
		}
	}

	private static String sha256(String text) {
		try {
			return Base64.getUrlEncoder()
				.withoutPadding()
				.encodeToString(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII)));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
