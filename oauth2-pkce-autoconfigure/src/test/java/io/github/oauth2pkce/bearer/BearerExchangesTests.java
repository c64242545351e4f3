package io.github.oauth2pkce.bearer;

import java.util.Optional;

import org.junit.jupiter.api.Test;

import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.client.web.ClientAttributes;

import static org.assertj.core.api.Assertions.assertThat;

/** The rules of filter and interceptor, as a client of neither kind meets them. */
class BearerExchangesTests extends AbstractBearerClientTests {

	@Override
	protected int send(Call call) {
		BearerExchange exchange = begin(call);
		if (exchange == null) {
			return answer(call, null).status();
		}
		BearerToken token = exchange.bearer().block();
		if (token instanceof BearerToken.Skipped skipped) {
			call.attributes.put(BearerTokenFilter.SKIP_REASON_ATTRIBUTE, skipped.reason());
		}
		String authorization = (token instanceof BearerToken.Available available) ? available.headerValue() : null;
		StubTransport.Scripted answer = answer(call, authorization);
		Optional<BearerToken.Available> newer = exchange
			.replacement(authorization, answer.status(), answer.headers(), () -> true)
			.block();
		if (newer.isEmpty()) {
			return answer.status();
		}
		StubTransport.Scripted second = answer(call, newer.get().headerValue());
		if (second.status() != 401) {
			exchange.taken();
		}
		return second.status();
	}

	private BearerExchange begin(Call call) {
		return new BearerExchanges(this.policies, this.source, this.listener).begin(
				ClientAttributes.resolveClientRegistrationId(call.attributes), call.uri,
				call.headers.containsHeader(HttpHeaders.AUTHORIZATION), call.attributes);
	}

	private StubTransport.Scripted answer(Call call, String authorization) {
		HttpHeaders headers = HttpHeaders.copyOf(call.headers);
		if (authorization != null) {
			headers.set(HttpHeaders.AUTHORIZATION, authorization);
		}
		return this.transport.receive(call.uri, headers, call.attributes, call.body);
	}

	@Test
	void anExchangeWhoseBearerNobodyAskedForIsOneWithout() {
		BearerExchange exchange = begin(Call.to(API));
		HttpHeaders challenge = new HttpHeaders();
		challenge.set(HttpHeaders.WWW_AUTHENTICATE, INVALID_TOKEN);
		assertThat(exchange.replacement(null, 401, challenge, () -> true).block()).isEmpty();
		assertThat(this.listener.events).isEmpty();
		assertThat(this.source.everythingAsked()).isEmpty();
	}

	@Test
	void anAuthorizationThatSomebodyPutOverTheBearerIsNotRecovered() {
		BearerExchange exchange = begin(Call.to(API));
		exchange.bearer().block();
		HttpHeaders challenge = new HttpHeaders();
		challenge.set(HttpHeaders.WWW_AUTHENTICATE, INVALID_TOKEN);
		assertThat(exchange.replacement("Bearer theirs", 401, challenge, () -> true).block()).isEmpty();
		assertThat(this.listener.events).containsExactly("propagated github");
	}

}
