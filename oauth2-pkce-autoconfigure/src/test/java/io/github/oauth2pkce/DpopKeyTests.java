package io.github.oauth2pkce;

import java.net.URI;
import java.text.ParseException;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

import com.nimbusds.jwt.SignedJWT;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/** Proofs by RFC 9449, with its own values where it has some. */
class DpopKeyTests {

	private static final Instant NOW = Instant.ofEpochSecond(1562262616);

	private final DpopKey key = DpopKey.generate();

	private SignedJWT proof(String method, String uri, @Nullable String accessToken, @Nullable String nonce)
			throws ParseException {
		return SignedJWT.parse(this.key.proof(method, URI.create(uri), accessToken, nonce, NOW));
	}

	/** RFC 9449 section 4.2, figure 3. */
	@Test
	void proofOfATokenRequestIsThatOfTheRfc() throws ParseException {
		SignedJWT proof = proof("POST", "https://server.example.com/token", null, null);
		assertThat(proof.getHeader().getType().getType()).isEqualTo("dpop+jwt");
		assertThat(proof.getHeader().getAlgorithm().getName()).isEqualTo("ES256");
		assertThat(proof.getHeader().getJWK().isPrivate()).isFalse();
		assertThat(proof.getJWTClaimsSet().getClaims().keySet()).containsExactlyInAnyOrder("jti", "htm", "htu", "iat");
		assertThat(proof.getJWTClaimsSet().getStringClaim("htm")).isEqualTo("POST");
		assertThat(proof.getJWTClaimsSet().getStringClaim("htu")).isEqualTo("https://server.example.com/token");
		assertThat(proof.getJWTClaimsSet().getIssueTime()).isEqualTo(NOW);
	}

	/** RFC 9449 section 7.1, figure 13; the nonce of section 9. */
	@Test
	void proofOfAResourceRequestIsThatOfTheRfc() throws ParseException {
		SignedJWT proof = proof("GET", "https://resource.example.org/protectedresource",
				"Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU", "eyJ7S_zG.eyJH0-Z.HX4w-7v");
		assertThat(proof.getJWTClaimsSet().getStringClaim("ath"))
			.isEqualTo("fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
		assertThat(proof.getJWTClaimsSet().getStringClaim("nonce")).isEqualTo("eyJ7S_zG.eyJH0-Z.HX4w-7v");
	}

	/** RFC 9449 section 4.2: without query and fragment parts. */
	@ParameterizedTest
	@CsvSource({ "https://a.example/b?c=d, https://a.example/b", "https://a.example/b#c, https://a.example/b",
			"https://a.example/b%2Fc%20d?e, https://a.example/b%2Fc%20d", "https://a.example?b, https://a.example/",
			"HTTPS://A.Example:443/B, https://a.example/B", "http://127.0.0.1:80/b, http://127.0.0.1/b",
			"https://a.example:8443/, https://a.example:8443/" })
	void targetIsAsItIsSent(String uri, String htu) throws ParseException {
		assertThat(proof("GET", uri, null, null).getJWTClaimsSet().getStringClaim("htu")).isEqualTo(htu);
	}

	@Test
	void eachProofHasAnIdOfItsOwn() throws ParseException {
		Set<String> ids = new HashSet<>();
		for (int i = 0; i < 100; i++) {
			ids.add(proof("GET", "https://a.example", null, null).getJWTClaimsSet().getJWTID());
		}
		assertThat(ids).hasSize(100);
	}

	@Test
	void isTheSameAfterItWasStored() {
		DpopKey read = DpopKey.parse(this.key.toJwk());
		assertThat(read).isEqualTo(this.key).hasSameHashCodeAs(this.key);
		assertThat(read.thumbprint()).isEqualTo(this.key.thumbprint());
		assertThat(DpopKey.generate()).isNotEqualTo(this.key);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "{}", "[]", "{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}",
			"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs\","
					+ "\"y\":\"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA\"}" })
	void refusesWhatIsNoPrivateKey(String jwk) {
		assertThatIllegalArgumentException().isThrownBy(() -> DpopKey.parse(jwk)).withNoCause();
	}

	@Test
	void showsItsThumbprintOnly() {
		assertThat(this.key).hasToString("DpopKey[" + this.key.thumbprint() + "]");
	}

}
