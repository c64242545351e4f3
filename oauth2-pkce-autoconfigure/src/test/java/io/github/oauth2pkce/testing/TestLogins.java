package io.github.oauth2pkce.testing;

import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.token.AuthorizationServerCall;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.JsonAnswer;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Device logins that somebody approves at once, and the client that performs them.
 */
public final class TestLogins {

	private static final WebClient WEB_CLIENT = WebClient.builder()
		.codecs((codecs) -> codecs.defaultCodecs().maxInMemorySize(1024 * 1024))
		.build();

	private TestLogins() {
	}

	public static AuthorizationServerClient client(Duration timeout) {
		return new AuthorizationServerClient((provider) -> WEB_CLIENT, timeout);
	}

	/**
	 * A client that says more of itself with each request.
	 */
	public static AuthorizationServerClient client(Duration timeout, Consumer<HttpHeaders> headers) {
		WebClient client = WEB_CLIENT.mutate()
			.filter((request, next) -> next.exchange(ClientRequest.from(request).headers(headers).build()))
			.build();
		return new AuthorizationServerClient((provider) -> client, timeout);
	}

	/**
	 * Log in, so that the server has a session and the answer has real tokens.
	 */
	public static TokenResponse device(FakeAuthorizationServer server, Provider provider) {
		AuthorizationServerClient client = client(Duration.ofSeconds(10));
		URI deviceAuthorization = server.uri(Endpoint.DEVICE_AUTHORIZATION);
		MultiValueMap<String, String> request = new LinkedMultiValueMap<>();
		request.add("scope", "openid");
		JsonAnswer device = Objects.requireNonNull(JsonAnswer.parse(client
			.post(provider, deviceAuthorization, AuthorizationServerCall.deviceAuthorization(provider.id()), request)
			.body()));
		server.approve(Objects.requireNonNull(device.text("user_code")));
		MultiValueMap<String, String> poll = new LinkedMultiValueMap<>();
		poll.add("device_code", Objects.requireNonNull(device.text("device_code")));
		return new TokenEndpoint(client).request(provider, server.uri(Endpoint.TOKEN),
				AuthorizationGrantType.DEVICE_CODE, poll);
	}

}
