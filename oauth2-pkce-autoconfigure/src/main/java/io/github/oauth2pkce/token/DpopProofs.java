package io.github.oauth2pkce.token;

import java.net.URI;
import java.text.ParseException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jwt.SignedJWT;
import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.ErrorCodes;

import org.springframework.http.HttpHeaders;

/**
 * Makes proofs of possession (RFC 9449), with what the servers have said about them: the
 * newest nonce of each origin, which all requests to it share, and how far its clock is
 * from ours. Thread-safe; one for all requests of a process.
 */
public final class DpopProofs {

	/** The header of a request that holds its proof (RFC 9449 section 4.1). */
	public static final String HEADER = "DPoP";

	private static final String NONCE_HEADER = "DPoP-Nonce";

	/** RFC 9449 section 8.1: nonce = 1*NQCHAR. Nobody says how long; this is generous. */
	private static final Pattern NONCE = Pattern.compile("[!#-\\[\\]-~]{1,1024}");

	private static final int MOST_ORIGINS = 1000;

	/** A difference below this is the time that answers take. */
	private static final Duration SAME_TIME = Duration.ofSeconds(3);

	private final InstantSource clock;

	private final Cache<String, Known> origins = Caffeine.newBuilder().maximumSize(MOST_ORIGINS).build();

	/**
	 * Creates the maker of proofs.
	 * @param clock the wall clock
	 */
	public DpopProofs(InstantSource clock) {
		this.clock = clock;
	}

	/**
	 * Makes a proof for a request.
	 * @param key the key of its token
	 * @param method the HTTP method
	 * @param uri the target
	 * @param accessToken the access token that the request carries, {@code null} for none
	 * @return the value of {@link #HEADER}, for one attempt
	 */
	public String proof(DpopKey key, String method, URI uri, @Nullable String accessToken) {
		Known known = known(uri);
		return key.proof(method, uri, accessToken, known.nonce(), this.clock.instant().plus(known.ahead()));
	}

	/**
	 * Notes what an answer to a request with a proof says about the next one. An answer
	 * that is late does not bring back a nonce that others have seen replaced.
	 * @param uri the target of the request
	 * @param proof the proof of the request, {@code null} when it is not known
	 * @param status the status of the answer
	 * @param headers its headers
	 */
	public void learn(URI uri, @Nullable String proof, int status, HttpHeaders headers) {
		String nonce = nonce(headers);
		boolean refusal = status == 400 || status == 401;
		if (!refusal && (nonce == null || nonce.equals(known(uri).nonce()))) {
			return;
		}
		String used = (nonce != null && proof != null) ? nonceOf(proof) : null;
		this.origins.asMap().compute(origin(uri), (origin, known) -> {
			Known before = (known != null) ? known : Known.NOTHING;
			boolean newer = nonce != null && (proof == null || isNewer(nonce, used, before.nonce(), refusal));
			// Of other answers, a cache may be older than its Date looks.
			return new Known(newer ? nonce : before.nonce(),
					refusal ? ahead(headers.getFirst(HttpHeaders.DATE), before.ahead()) : before.ahead());
		});
	}

	/**
	 * Whether nobody has learned another nonce since the proof was made. A nonce that
	 * comes with a refusal is taken in any case. It may be an older one: that costs one
	 * more request. Without it, the call would fail.
	 */
	private static boolean isNewer(String nonce, @Nullable String used, @Nullable String known, boolean refusal) {
		return Objects.equals(used, known) || (refusal && !nonce.equals(used));
	}

	private static @Nullable String nonceOf(String proof) {
		try {
			return (SignedJWT.parse(proof).getJWTClaimsSet().getClaim("nonce") instanceof String nonce) ? nonce : null;
		}
		catch (ParseException ex) {
			// Somebody else's.
			return null;
		}
	}

	/**
	 * Whether a request that was refused may do with another proof: the server has given
	 * a nonce, or its clock is not ours. Somebody else may have learned the same just
	 * before.
	 * @param uri the target of the request
	 * @param error the error code of the refusal, {@code null} for none
	 * @param headers the headers of the refusal, which was {@link #learn learned} from
	 * @return whether to send it once more
	 */
	public boolean isWorthAnother(URI uri, @Nullable String error, HttpHeaders headers) {
		if (ErrorCodes.USE_DPOP_NONCE.equals(error)) {
			return nonce(headers) != null;
		}
		return ErrorCodes.INVALID_DPOP_PROOF.equals(error) && (nonce(headers) != null || !known(uri).ahead().isZero());
	}

	private static @Nullable String nonce(HttpHeaders headers) {
		String nonce = headers.getFirst(NONCE_HEADER);
		return (nonce != null && NONCE.matcher(nonce).matches()) ? nonce : null;
	}

	private Duration ahead(@Nullable String date, Duration before) {
		if (date == null) {
			return before;
		}
		try {
			Duration ahead = Duration.between(this.clock.instant(),
					ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT))
						.toInstant());
			if (ahead.minus(before).abs().compareTo(SAME_TIME) < 0) {
				return before;
			}
			return (ahead.abs().compareTo(SAME_TIME) < 0) ? Duration.ZERO : ahead;
		}
		catch (DateTimeException ex) {
			return before;
		}
	}

	private Known known(URI uri) {
		Known known = this.origins.getIfPresent(origin(uri));
		return (known != null) ? known : Known.NOTHING;
	}

	private static String origin(URI uri) {
		return (uri.getScheme() + "://" + uri.getRawAuthority()).toLowerCase(Locale.ROOT);
	}

	/**
	 * What is known of an origin.
	 *
	 * @param nonce the nonce that it has given last, {@code null} for none
	 * @param ahead by how much its clock is ahead of ours
	 */
	private record Known(@Nullable String nonce, Duration ahead) {

		static final Known NOTHING = new Known(null, Duration.ZERO);

	}

}
