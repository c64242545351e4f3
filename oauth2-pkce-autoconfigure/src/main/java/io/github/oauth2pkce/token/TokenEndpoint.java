package io.github.oauth2pkce.token;

import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.token.AuthorizationServerClient.Answer;

import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.core.oidc.endpoint.OidcParameterNames;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.util.StringUtils;

/**
 * The token endpoint (RFC 6749 section 3.2): its requests, its answers and its errors,
 * which other endpoints have in the same form. Blocking and thread-safe.
 */
public final class TokenEndpoint {

	private static final Logger logger = LoggerFactory.getLogger(TokenEndpoint.class);

	private static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(1);

	private static final String BEARER = "Bearer";

	private static final String DPOP = "DPoP";

	private static final String RESOURCE = "resource";

	/** RFC 8693 section 2.2.1. */
	private static final String ISSUED_TOKEN_TYPE = "issued_token_type";

	/** RFC 6749 section 5.1. */
	private static final Set<String> STANDARD = Set.of(OAuth2ParameterNames.ACCESS_TOKEN,
			OAuth2ParameterNames.TOKEN_TYPE, OAuth2ParameterNames.EXPIRES_IN, OAuth2ParameterNames.REFRESH_TOKEN,
			OAuth2ParameterNames.SCOPE);

	/** Parameters that a server must not be able to reflect into our logs. */
	private static final Set<String> SECRET_PARAMETERS = Set.of(OAuth2ParameterNames.REFRESH_TOKEN,
			OAuth2ParameterNames.DEVICE_CODE, OAuth2ParameterNames.CODE, OAuth2ParameterNames.CLIENT_SECRET,
			OAuth2ParameterNames.TOKEN, "code_verifier", OAuth2ParameterNames.ASSERTION,
			OAuth2ParameterNames.SUBJECT_TOKEN, OAuth2ParameterNames.ACTOR_TOKEN, OAuth2ParameterNames.STATE, "nonce");

	private final AuthorizationServerClient client;

	/**
	 * Creates the endpoint.
	 * @param client sends the requests
	 */
	public TokenEndpoint(AuthorizationServerClient client) {
		this.client = client;
	}

	/**
	 * {@return what sends its requests}
	 */
	public AuthorizationServerClient client() {
		return this.client;
	}

	/**
	 * Refreshes (RFC 6749 section 6). No {@code scope}: the granted scopes stay.
	 * @param provider the client
	 * @param tokenEndpoint the endpoint that issued the refresh token
	 * @param refreshToken the refresh token
	 * @return the answer
	 * @throws TokenRequestException when the server says no
	 * @throws AuthorizationServerUnreachableException when it says nothing
	 */
	public TokenResponse refresh(Provider provider, URI tokenEndpoint, String refreshToken) {
		MultiValueMap<String, String> form = new LinkedMultiValueMap<>();
		form.add(OAuth2ParameterNames.REFRESH_TOKEN, refreshToken);
		return request(provider, tokenEndpoint, AuthorizationGrantType.REFRESH_TOKEN, form);
	}

	/**
	 * Sends a token request.
	 * @param provider the client
	 * @param tokenEndpoint the endpoint
	 * @param grantType which grant
	 * @param parameters the grant's parameters; client authentication and one
	 * {@code resource} are added
	 * @return the answer
	 * @throws TokenRequestException when the server says no
	 * @throws AuthorizationServerUnreachableException when it says nothing
	 */
	public TokenResponse request(Provider provider, URI tokenEndpoint, AuthorizationGrantType grantType,
			MultiValueMap<String, String> parameters) {
		MultiValueMap<String, String> form = new LinkedMultiValueMap<>();
		form.add(OAuth2ParameterNames.GRANT_TYPE, grantType.getValue());
		form.addAll(parameters);
		addResource(provider, form);
		AuthorizationServerCall call = AuthorizationServerCall.token(provider.id(), grantType);
		return read(provider, form, this.client.post(provider, tokenEndpoint, call, form));
	}

	/**
	 * Reads the answer to a token request.
	 * @param provider the client
	 * @param form the form that was sent
	 * @param answer the answer
	 * @return the tokens
	 * @throws TokenRequestException when there are none
	 */
	static TokenResponse read(Provider provider, MultiValueMap<String, String> form, Answer answer) {
		JsonAnswer json = isSuccess(answer) ? JsonAnswer.parseCut(answer.body()) : null;
		if (json == null) {
			throw refusal(provider, form, answer);
		}
		String accessToken = json.accessToken();
		String refreshToken = refreshToken(json);
		boolean issued = StringUtils.hasText(accessToken)
				|| (refreshToken != null && !refreshToken.equals(form.getFirst(OAuth2ParameterNames.REFRESH_TOKEN)));
		// GitHub and Google send errors with status 200 and 428: the body decides. But
		// tokens that came are kept, whatever stands beside them.
		if ((accessToken == null && refreshToken == null) || (!issued && json.error(Set.of()) != null)) {
			throw (json.text(OidcParameterNames.ID_TOKEN) != null) ? withoutAccessToken(json, answer.status())
					: refusal(provider, form, answer);
		}
		String tokenType = json.text(OAuth2ParameterNames.TOKEN_TYPE);
		if (accessToken != null && isAskedForInstead(form, json, tokenType)) {
			return new TokenResponse("", json.seconds(OAuth2ParameterNames.EXPIRES_IN), null, null,
					json.list(OAuth2ParameterNames.SCOPE), others(json), accessToken);
		}
		String issuedType = json.text(ISSUED_TOKEN_TYPE);
		if (isExchange(form) && ForeignToken.isNoBearer(issuedType)) {
			throw unsupported(provider, String.valueOf(issuedType), answer.status());
		}
		if (!isOfUse(provider, tokenType)) {
			// RFC 6749 section 7.1: a client MUST NOT use a token of a type that it
			// does not understand.
			TokenRequestException failure = unsupported(provider, String.valueOf(tokenType), answer.status());
			if (refreshToken == null || !isRefresh(form)) {
				throw failure;
			}
			logger.warn("The refresh of '{}' yielded a refresh token only: {}", provider.id(), failure.getMessage());
			accessToken = null;
		}
		// Without an access token, too: the refresh token may be new and the old one
		// spent, and a server that sees that one again ends the login.
		return new TokenResponse((accessToken != null) ? accessToken : "",
				json.seconds(OAuth2ParameterNames.EXPIRES_IN), refreshToken, refreshExpiresIn(json),
				json.list(OAuth2ParameterNames.SCOPE), others(json));
	}

	/**
	 * RFC 8693 section 2.2.1: "access_token" is whatever was issued, and "N_A" the type
	 * of what cannot be used as an access token.
	 */
	private static boolean isAskedForInstead(MultiValueMap<String, String> form, JsonAnswer json,
			@Nullable String tokenType) {
		String requested = form.getFirst(OAuth2ParameterNames.REQUESTED_TOKEN_TYPE);
		if (!isExchange(form) || requested == null || requested.equals(ForeignToken.ACCESS_TOKEN)) {
			return false;
		}
		return "N_A".equalsIgnoreCase(tokenType) || ForeignToken.isNoBearer(json.text(ISSUED_TOKEN_TYPE))
				|| ForeignToken.isNoBearer(requested);
	}

	private static boolean isExchange(MultiValueMap<String, String> form) {
		return AuthorizationGrantType.TOKEN_EXCHANGE.getValue().equals(form.getFirst(OAuth2ParameterNames.GRANT_TYPE));
	}

	private static Map<String, Object> others(JsonAnswer json) {
		Map<String, Object> others = new LinkedHashMap<>(json.toMap());
		others.keySet().removeAll(STANDARD);
		return Collections.unmodifiableMap(others);
	}

	/**
	 * Only {@code DPoP} for a login with a key (RFC 9449 section 5): anything else would
	 * be of use to whoever steals it. Without a key, anything but that.
	 */
	private static boolean isOfUse(Provider provider, @Nullable String tokenType) {
		boolean bound = tokenType != null && DPOP.equalsIgnoreCase(tokenType.strip());
		return isDpop(provider) ? bound : !bound && isBearer(provider, tokenType);
	}

	private static boolean isDpop(Provider provider) {
		return provider.tokens().dpop() || provider.tokens().key() != null;
	}

	private static boolean isBearer(Provider provider, @Nullable String tokenType) {
		return !StringUtils.hasText(tokenType) || BEARER.equalsIgnoreCase(tokenType.strip())
				|| provider.tokens().acceptedTypes().stream().anyMatch(tokenType.strip()::equalsIgnoreCase);
	}

	private static @Nullable String refreshToken(JsonAnswer json) {
		String refreshToken = json.text(OAuth2ParameterNames.REFRESH_TOKEN);
		return StringUtils.hasText(refreshToken) ? refreshToken : null;
	}

	private static boolean isRefresh(MultiValueMap<String, String> form) {
		return AuthorizationGrantType.REFRESH_TOKEN.getValue().equals(form.getFirst(OAuth2ParameterNames.GRANT_TYPE));
	}

	private static TokenRequestException unsupported(Provider provider, String tokenType, int status) {
		String remedy;
		if (isDpop(provider)) {
			remedy = ", which is not bound to the key of this login. The server, or this client there, has no DPoP: enable it,"
					+ " or remove " + provider.property("dpop");
		}
		else if (DPOP.equalsIgnoreCase(tokenType.strip())) {
			remedy = ", which is sent with proofs only: set " + provider.property("dpop") + "=true";
		}
		else {
			remedy = "; only Bearer can be used. If that is how this server calls a bearer, add it to "
					+ provider.property("accepted-token-types");
		}
		return new TokenRequestException(FailureKind.MISCONFIGURED, status,
				new OAuth2Error(Problem.UNSUPPORTED_TOKEN_TYPE.code(),
						"The server issued a token of type '" + ServerText.printable(tokenType, 40) + "'" + remedy,
						null),
				null);
	}

	private static TokenRequestException withoutAccessToken(JsonAnswer json, int status) {
		return new TokenRequestException(FailureKind.MISCONFIGURED, status,
				new OAuth2Error(Problem.NO_ACCESS_TOKEN.code(),
						"The server issued an ID token and no access token: "
								+ ServerText.printable(String.join(", ", json.names()), 100)
								+ ". Ask for a scope or a resource of an API",
						null),
				null);
	}

	/** No standard: Keycloak has one name for it, GitHub and Google another. */
	private static @Nullable Duration refreshExpiresIn(JsonAnswer json) {
		Duration keycloak = json.seconds("refresh_expires_in");
		return (keycloak != null) ? keycloak : json.seconds("refresh_token_expires_in");
	}

	/**
	 * Adds the resource indicators to an authorization or device authorization request:
	 * one parameter for each (RFC 8707 section 2).
	 * @param provider the provider
	 * @param form the request's parameters
	 */
	public static void addResources(Provider provider, MultiValueMap<String, String> form) {
		provider.request().resources().forEach((resource) -> form.add(RESOURCE, resource));
	}

	/**
	 * Adds the first resource indicator to a token request. RFC 8707 section 2.2 allows
	 * for more; servers refuse them, because a token has one audience.
	 * @param provider the provider
	 * @param form the request's parameters
	 */
	public static void addResource(Provider provider, MultiValueMap<String, String> form) {
		provider.request().resources().stream().limit(1).forEach((resource) -> form.add(RESOURCE, resource));
	}

	/**
	 * Reads an answer that is not what was asked for.
	 * @param provider the client
	 * @param form the form that was sent
	 * @param answer the answer
	 * @return the exception to throw
	 */
	public static TokenRequestException failure(Provider provider, MultiValueMap<String, String> form, Answer answer) {
		return refusal(provider, form, answer);
	}

	private static TokenRequestException refusal(Provider provider, MultiValueMap<String, String> form, Answer answer) {
		SentSecrets secrets = SentSecrets.of(provider,
				Stream.concat(Stream.of(answer.assertion()), SECRET_PARAMETERS.stream().map(form::getFirst))
					.toArray(String[]::new));
		Refusal refusal = Refusal.of(answer, provider.tokens().rejectedErrorCodes(), secrets);
		FailureKind kind = FailureKind.of(answer.status(), refusal.code(), provider.tokens().rejectedErrorCodes());
		String code = refusal.code();
		if (code == null) {
			code = isSuccess(answer) ? Problem.INVALID_TOKEN_RESPONSE.code() : FailureKind.code(answer.status());
		}
		return new TokenRequestException(kind, answer.status(), new OAuth2Error(code, refusal.description(), null),
				retryAfter(answer.headers()));
	}

	private static @Nullable Duration retryAfter(HttpHeaders headers) {
		String value = headers.getFirst(HttpHeaders.RETRY_AFTER);
		if (value == null) {
			return null;
		}
		Duration wait = null;
		try {
			// RFC 9110 section 10.2.3: seconds or a date.
			wait = value.strip().matches("\\d{1,9}") ? Duration.ofSeconds(Long.parseLong(value.strip()))
					: Duration.between(Instant.now(),
							ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT))
								.toInstant());
		}
		catch (DateTimeException ex) {
			return null;
		}
		if (wait.isNegative() || wait.isZero()) {
			return null;
		}
		return (wait.compareTo(LONGEST_RETRY_AFTER) < 0) ? wait : LONGEST_RETRY_AFTER;
	}

	private static boolean isSuccess(Answer answer) {
		return answer.status() >= 200 && answer.status() < 300;
	}

}
