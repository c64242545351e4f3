package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.mock.http.client.reactive.MockClientHttpRequest;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ExchangeStrategies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class AuthorizedRequestTests {

	private final ClientRequest request = ClientRequest
		.create(HttpMethod.POST, URI.create("https://api.example.com/x?q=1"))
		.header("Accept", "text/plain", "text/html")
		.cookie("session", "s")
		.attribute("a", "b")
		.body(BodyInserters.fromValue("body"))
		.build();

	private final AuthorizedRequest authorized = new AuthorizedRequest(this.request, BearerToken.Available.of("one"));

	private static MockClientHttpRequest write(ClientRequest request) {
		MockClientHttpRequest target = new MockClientHttpRequest(request.method(), request.url());
		request.writeTo(target, ExchangeStrategies.withDefaults()).block();
		return target;
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void writesTheRequestWithTheBearer(boolean lookedAt) {
		if (lookedAt) {
			this.authorized.headers();
		}
		MockClientHttpRequest written = write(this.authorized);
		assertThat(written.getHeaders().get("Authorization")).containsExactly("Bearer one");
		assertThat(written.getHeaders().get("Accept")).containsExactly("text/plain", "text/html");
		assertThat(written.getCookies().getFirst("session")).isNotNull();
		assertThat(written.getAttributes()).containsEntry("a", "b");
		assertThat(written.getBodyAsString().block()).isEqualTo("body");
	}

	@Test
	void showsTheBearerToLaterFilters() {
		assertThat(this.authorized.headers().getFirst("authorization")).isEqualTo("Bearer one");
		assertThat(this.authorized.headers().get("Accept")).containsExactly("text/plain", "text/html");
		assertThat(this.authorized.headers()).isSameAs(this.authorized.headers());
		assertThatExceptionOfType(UnsupportedOperationException.class)
			.isThrownBy(() -> this.authorized.headers().setBearerAuth("two"));
	}

	@Test
	void leavesTheOriginalWithoutIt() {
		this.authorized.headers();
		write(this.authorized);
		assertThat(this.request.headers().containsHeader("Authorization")).isFalse();
	}

	@Test
	void keepsTheBearerInACopy() {
		ClientRequest copy = ClientRequest.from(this.authorized).header("X-Trace", "1").build();
		assertThat(write(copy).getHeaders().get("Authorization")).containsExactly("Bearer one");
	}

	@Test
	void letsACopyReplaceTheBearer() {
		ClientRequest copy = ClientRequest.from(this.authorized)
			.headers((headers) -> headers.setBearerAuth("two"))
			.build();
		assertThat(write(copy).getHeaders().get("Authorization")).containsExactly("Bearer two");
	}

	@Test
	void letsTheNativeRequestReplaceTheBearer() {
		ClientRequest request = ClientRequest.from(this.request)
			.httpRequest((http) -> http.getHeaders().setBearerAuth("two"))
			.build();
		assertThat(write(new AuthorizedRequest(request, BearerToken.Available.of("one"))).getHeaders()
			.get("Authorization")).containsExactly("Bearer two");
	}

	@Test
	void isTheOriginalInEverythingElse() {
		AtomicReference<ClientHttpRequest> seen = new AtomicReference<>();
		ClientRequest request = ClientRequest.from(this.request).httpRequest(seen::set).build();
		ClientRequest authorized = new AuthorizedRequest(request, BearerToken.Available.of("one"));
		assertThat(authorized.method()).isEqualTo(HttpMethod.POST);
		assertThat(authorized.url()).isEqualTo(request.url());
		assertThat(authorized.cookies()).isEqualTo(request.cookies());
		assertThat(authorized.attributes()).isEqualTo(request.attributes());
		assertThat(authorized.attribute("a")).hasValue("b");
		assertThat(authorized.body()).isSameAs(request.body());
		assertThat(authorized.logPrefix()).isEqualTo(request.logPrefix());
		assertThat(authorized.httpRequest()).isSameAs(request.httpRequest());
	}

	@Test
	void printsNeitherBearerNorQuery() {
		assertThat(this.authorized).hasToString("AuthorizedRequest[POST /x]");
		assertThat(BearerToken.Available.of("one").toString()).doesNotContain("one");
	}

}
