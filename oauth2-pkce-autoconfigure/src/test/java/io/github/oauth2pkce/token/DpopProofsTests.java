package io.github.oauth2pkce.token;

import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.DpopKey;

import org.springframework.http.HttpHeaders;

import static org.assertj.core.api.Assertions.assertThat;

/** What servers say about proofs (RFC 9449 sections 8 and 9). */
class DpopProofsTests {

	private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");

	private static final URI API = URI.create("https://api.example/things?a=b");

	private final DpopKey key = DpopKey.generate();

	private final DpopProofs proofs = new DpopProofs(() -> NOW);

	private JWTClaimsSet claims(String uri) throws ParseException {
		return SignedJWT.parse(this.proofs.proof(this.key, "GET", URI.create(uri), "token")).getJWTClaimsSet();
	}

	private @Nullable Object nonce(String uri) throws ParseException {
		return claims(uri).getClaim("nonce");
	}

	private static HttpHeaders headers(String name, String value) {
		HttpHeaders headers = new HttpHeaders();
		headers.set(name, value);
		return headers;
	}

	private static String date(Instant time) {
		return DateTimeFormatter.RFC_1123_DATE_TIME.format(time.atOffset(ZoneOffset.UTC));
	}

	@Test
	void nonceIsThatOfTheOrigin() throws ParseException {
		this.proofs.learn(API, null, 200, headers("DPoP-Nonce", "one"));
		assertThat(nonce("https://API.example/others")).isEqualTo("one");
		assertThat(nonce("https://api.example:8443/things")).isNull();
		assertThat(nonce("http://api.example/things")).isNull();
		this.proofs.learn(API, null, 401, headers("DPoP-Nonce", "two"));
		assertThat(nonce("https://api.example/things")).isEqualTo("two");
		this.proofs.learn(API, null, 200, new HttpHeaders());
		assertThat(nonce("https://api.example/things")).isEqualTo("two");
	}

	private String proof() {
		return this.proofs.proof(this.key, "GET", API, "token");
	}

	@ParameterizedTest
	@ValueSource(ints = { 200, 401, 500 })
	void answerThatIsLateBringsNoOldNonceBack(int status) throws ParseException {
		this.proofs.learn(API, proof(), 200, headers("DPoP-Nonce", "one"));
		String early = proof();
		this.proofs.learn(API, proof(), 401, headers("DPoP-Nonce", "two"));
		this.proofs.learn(API, early, status, headers("DPoP-Nonce", "one"));
		assertThat(nonce("https://api.example/things")).isEqualTo("two");
	}

	/** The server may have changed nonces twice since. */
	@Test
	void successThatIsLateBringsNothing() throws ParseException {
		this.proofs.learn(API, proof(), 200, headers("DPoP-Nonce", "one"));
		String early = proof();
		this.proofs.learn(API, proof(), 401, headers("DPoP-Nonce", "three"));
		this.proofs.learn(API, early, 200, headers("DPoP-Nonce", "two"));
		assertThat(nonce("https://api.example/things")).isEqualTo("three");
	}

	/** It may be newer, and whoever was refused needs it. */
	@Test
	void nonceThatIsDemandedIsTaken() throws ParseException {
		this.proofs.learn(API, proof(), 200, headers("DPoP-Nonce", "one"));
		String early = proof();
		this.proofs.learn(API, proof(), 401, headers("DPoP-Nonce", "two"));
		this.proofs.learn(API, early, 401, headers("DPoP-Nonce", "three"));
		assertThat(nonce("https://api.example/things")).isEqualTo("three");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a b", "a\"b", "a\\b", "ümlaut", "a\u0007" })
	void nonceThatIsNoneIsNotSent(String nonce) throws ParseException {
		this.proofs.learn(API, null, 401, headers("DPoP-Nonce", nonce));
		assertThat(nonce("https://api.example/things")).isNull();
		assertThat(this.proofs.isWorthAnother(API, "use_dpop_nonce", headers("DPoP-Nonce", nonce))).isFalse();
	}

	@Test
	void nonceWithoutEndIsNotSent() throws ParseException {
		this.proofs.learn(API, null, 401, headers("DPoP-Nonce", "a".repeat(1025)));
		assertThat(nonce("https://api.example/things")).isNull();
	}

	/** A server that has no nonce to give would be asked for ever. */
	@Test
	void isWorthAnotherProofIfTheServerHasGivenSomething() {
		HttpHeaders nonce = headers("DPoP-Nonce", "one");
		assertThat(this.proofs.isWorthAnother(API, "use_dpop_nonce", nonce)).isTrue();
		assertThat(this.proofs.isWorthAnother(API, "use_dpop_nonce", new HttpHeaders())).isFalse();
		assertThat(this.proofs.isWorthAnother(API, "invalid_dpop_proof", new HttpHeaders())).isFalse();
		assertThat(this.proofs.isWorthAnother(API, "invalid_token", nonce)).isFalse();
		assertThat(this.proofs.isWorthAnother(API, null, nonce)).isFalse();
	}

	@Test
	void timeIsTheServersWhereItSaysSo() throws ParseException {
		Instant theirs = NOW.minus(Duration.ofMinutes(7));
		HttpHeaders refusal = headers("Date", date(theirs));
		this.proofs.learn(API, null, 400, refusal);
		assertThat(claims("https://api.example").getIssueTime()).isEqualTo(theirs);
		assertThat(claims("https://other.example").getIssueTime()).isEqualTo(NOW);
		assertThat(this.proofs.isWorthAnother(API, "invalid_dpop_proof", refusal)).isTrue();
		this.proofs.learn(API, null, 401, headers("Date", date(NOW)));
		assertThat(claims("https://api.example").getIssueTime()).isEqualTo(NOW);
	}

	/** What a cache has kept has the time of then. */
	@Test
	void timeOfASuccessIsNotLookedAt() throws ParseException {
		this.proofs.learn(API, null, 200, headers("Date", date(NOW.minus(Duration.ofHours(1)))));
		assertThat(claims("https://api.example").getIssueTime()).isEqualTo(NOW);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "yesterday", "Mon, 30 Nov 2026", "Mon, 30 Nov 2026 12:00:02 GMT" })
	void timeThatIsNoneOrOursChangesNothing(String date) throws ParseException {
		this.proofs.learn(API, null, 401, headers("Date", date));
		assertThat(claims("https://api.example").getIssueTime()).isEqualTo(NOW);
	}

	@Test
	void bindingShowsTheThumbprintOnly() {
		assertThat(new DpopBinding(this.proofs, this.key, "a-secret-token"))
			.hasToString("DpopBinding[" + this.key.thumbprint() + "]");
	}

}
