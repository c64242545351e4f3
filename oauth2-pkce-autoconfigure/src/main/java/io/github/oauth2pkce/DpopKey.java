package io.github.oauth2pkce;

import java.net.URI;
import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import java.util.Locale;
import java.util.Objects;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.oauth2.sdk.dpop.DPoPProofFactory;
import com.nimbusds.oauth2.sdk.dpop.DefaultDPoPProofFactory;
import com.nimbusds.oauth2.sdk.id.JWTID;
import com.nimbusds.oauth2.sdk.token.DPoPAccessToken;
import com.nimbusds.openid.connect.sdk.Nonce;
import org.jspecify.annotations.Nullable;

/**
 * The private key that the tokens of one login are bound to (RFC 9449): a P-256 key for
 * ES256. It is made with the login and stored in the login's own record. Immutable; its
 * text shows its thumbprint at most.
 */
public final class DpopKey {

	/** The one algorithm of proofs, as metadata lists it. */
	public static final String ALGORITHM = JWSAlgorithm.ES256.getName();

	private final ECKey key;

	private final DPoPProofFactory proofs;

	private final String thumbprint;

	private DpopKey(ECKey key) throws JOSEException {
		this.key = key;
		this.proofs = new DefaultDPoPProofFactory(key, JWSAlgorithm.ES256);
		this.thumbprint = key.computeThumbprint().toString();
	}

	/**
	 * Makes a new key.
	 * @return the key
	 */
	public static DpopKey generate() {
		try {
			return new DpopKey(new ECKeyGenerator(Curve.P_256).generate());
		}
		catch (JOSEException ex) {
			throw new IllegalStateException("This Java platform has no P-256 keys", ex);
		}
	}

	/**
	 * Reads a key back.
	 * @param jwk what {@link #toJwk()} has written
	 * @return the key
	 * @throws IllegalArgumentException when it is something else; the text is not quoted
	 */
	public static DpopKey parse(String jwk) {
		try {
			ECKey key = ECKey.parse(jwk);
			if (key.isPrivate() && Curve.P_256.equals(key.getCurve())) {
				return new DpopKey(key);
			}
		}
		catch (ParseException | JOSEException | RuntimeException ex) {
			// Its message may quote the key.
		}
		throw new IllegalArgumentException("This is no private P-256 key as a JWK");
	}

	/**
	 * The private key for the record of its login, and for nothing else.
	 * @return a JWK (RFC 7517)
	 */
	public String toJwk() {
		return this.key.toJSONString();
	}

	/**
	 * What servers and people know the key by.
	 * @return the SHA-256 thumbprint (RFC 7638), in base64url
	 */
	public String thumbprint() {
		return this.thumbprint;
	}

	/**
	 * Makes a proof for one request (RFC 9449 section 4.2), with a fresh {@code jti}.
	 * @param method the HTTP method
	 * @param uri the target; its query and fragment are left out
	 * @param accessToken the access token that the request carries, {@code null} for none
	 * @param nonce the server's nonce, {@code null} when it has given none
	 * @param issuedAt the time, by the server's clock as far as it is known
	 * @return the value of the header {@code DPoP}
	 */
	public String proof(String method, URI uri, @Nullable String accessToken, @Nullable String nonce,
			Instant issuedAt) {
		try {
			return this.proofs
				.createDPoPJWT(new JWTID(), method, htu(uri), Date.from(issuedAt),
						(accessToken != null) ? new DPoPAccessToken(accessToken) : null,
						(nonce != null) ? new Nonce(nonce) : null)
				.serialize();
		}
		catch (JOSEException ex) {
			throw new IllegalStateException("This Java platform cannot sign by ES256", ex);
		}
	}

	/** As it is sent: a URI that is put together anew may be encoded otherwise. */
	private static URI htu(URI uri) {
		String text = uri.toASCIIString();
		int end = text.length();
		for (char part : new char[] { '?', '#' }) {
			int at = text.indexOf(part);
			end = (at >= 0 && at < end) ? at : end;
		}
		return normalized(URI.create(text.substring(0, end)));
	}

	/**
	 * RFC 9449 section 4.3: servers SHOULD normalize (RFC 3986 sections 6.2.2 and 6.2.3),
	 * and some compare texts.
	 */
	private static URI normalized(URI uri) {
		if (uri.getHost() == null) {
			return uri;
		}
		String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
		boolean usual = uri.getPort() == -1 || uri.getPort() == ("https".equals(scheme) ? 443 : 80);
		return URI.create(scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + (usual ? "" : ":" + uri.getPort())
				+ (uri.getRawPath().isEmpty() ? "/" : uri.getRawPath()));
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return this == other || (other instanceof DpopKey key && this.key.equals(key.key));
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.thumbprint);
	}

	@Override
	public String toString() {
		return "DpopKey[" + this.thumbprint + "]";
	}

}
