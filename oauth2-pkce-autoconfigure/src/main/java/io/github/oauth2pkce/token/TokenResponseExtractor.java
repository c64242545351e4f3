package io.github.oauth2pkce.token;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.token.AuthorizationServerClient.Answer;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.ReactiveHttpInputMessage;
import org.springframework.http.client.reactive.ClientHttpResponse;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.StringUtils;
import org.springframework.web.reactive.function.BodyExtractor;

/**
 * Reads the token response of a login that Spring Security makes as our own are read.
 * Immutable.
 */
public final class TokenResponseExtractor
		implements BodyExtractor<Mono<OAuth2AccessTokenResponse>, ReactiveHttpInputMessage> {

	private static final int MAX_SIZE = 16 * 1024 * 1024;

	private static final Set<String> STANDARD = Set.of(OAuth2ParameterNames.ACCESS_TOKEN,
			OAuth2ParameterNames.TOKEN_TYPE, OAuth2ParameterNames.EXPIRES_IN, OAuth2ParameterNames.REFRESH_TOKEN,
			OAuth2ParameterNames.SCOPE);

	private final Provider provider;

	/**
	 * Creates the extractor.
	 * @param provider whose tokens are read
	 */
	public TokenResponseExtractor(Provider provider) {
		this.provider = provider;
	}

	@Override
	public Mono<OAuth2AccessTokenResponse> extract(ReactiveHttpInputMessage message, Context context) {
		return DataBufferUtils.join(message.getBody(), MAX_SIZE)
			.map(TokenResponseExtractor::bytes)
			.defaultIfEmpty(new byte[0])
			.map((body) -> response(new Answer(status(message), message.getHeaders(),
					AnswerBody.text(body, message.getHeaders(), MAX_SIZE))));
	}

	private static byte[] bytes(DataBuffer buffer) {
		byte[] bytes = new byte[buffer.readableByteCount()];
		buffer.read(bytes);
		DataBufferUtils.release(buffer);
		return bytes;
	}

	private static int status(ReactiveHttpInputMessage message) {
		return (message instanceof ClientHttpResponse response) ? response.getStatusCode().value() : 200;
	}

	private OAuth2AccessTokenResponse response(Answer answer) {
		TokenResponse tokens = TokenEndpoint.read(this.provider, new LinkedMultiValueMap<>(), answer);
		JsonAnswer json = JsonAnswer.parseCut(answer.body());
		String accessToken = (json != null) ? json.accessToken() : null;
		if (json == null || !StringUtils.hasText(accessToken)) {
			throw new TokenRequestException(FailureKind.MISCONFIGURED, answer.status(),
					new OAuth2Error(TokenRequestException.NO_ACCESS_TOKEN, "The server issued no access token", null),
					null);
		}
		Map<String, Object> others = new LinkedHashMap<>(json.toMap());
		others.keySet().removeAll(STANDARD);
		return OAuth2AccessTokenResponse.withToken(accessToken)
			.tokenType(TokenType.BEARER)
			.expiresIn((tokens.expiresIn() != null) ? tokens.expiresIn().toSeconds() : 0)
			.scopes(orEmpty(tokens.scopes()))
			.refreshToken(tokens.refreshToken())
			.additionalParameters(others)
			.build();
	}

	private static Set<String> orEmpty(@Nullable Set<String> scopes) {
		return (scopes != null) ? scopes : Set.of();
	}

}
