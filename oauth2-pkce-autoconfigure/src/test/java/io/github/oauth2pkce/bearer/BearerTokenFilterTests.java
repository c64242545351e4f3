package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.target.BearerPolicies;

import org.springframework.http.HttpMethod;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunctions;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

class BearerTokenFilterTests extends AbstractBearerClientTests {

	private static final Duration SOON = Duration.ofSeconds(5);

	private final StubConnector connector = new StubConnector(this.transport);

	@Override
	protected int send(Call call) {
		HttpMethod method = (call.body != null) ? HttpMethod.POST : HttpMethod.GET;
		WebClient.RequestBodySpec spec = client().method(method)
			.uri(call.uri)
			.headers((headers) -> headers.putAll(call.headers))
			.attributes((attributes) -> attributes.putAll(call.attributes));
		if (call.body != null) {
			spec.bodyValue(call.body);
		}
		return status(spec).block(SOON);
	}

	private WebClient client(ExchangeFilterFunction... inner) {
		return WebClient.builder().clientConnector(this.connector).filters((filters) -> {
			filters.addAll(Collections.nCopies(this.times, filter()));
			filters.addAll(List.of(inner));
		}).build();
	}

	private BearerTokenFilter filter() {
		return new BearerTokenFilter(this.policies, this.source, this.listener);
	}

	private static Mono<Integer> status(WebClient.RequestHeadersSpec<?> spec) {
		return spec.exchangeToMono((response) -> response.releaseBody().thenReturn(response.statusCode().value()));
	}

	@Test
	void filterThatIsThereTwiceWorksOnce() {
		WebClient client = client(new BearerTokenFilter(this.policies, this.source, this.listener));
		client.get().uri(API).retrieve().toBodilessEntity().block(Duration.ofSeconds(5));
		assertThat(this.transport.authorizations()).containsExactly("Bearer one");
		assertThat(this.listener.events).containsExactly("propagated github");
	}

	@Test
	void filterOfAnotherProviderLooksForItsOwnBearer() {
		this.source = StubTokenSource.without(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED);
		WebClient client = client(
				new BearerTokenFilter(new BearerPolicies(List.of(TestPolicies.policyOf("other", API))),
						StubTokenSource.withToken("two"), this.listener));
		status(client.get().uri(API)).block(SOON);
		assertThat(this.transport.authorizations()).containsExactly("Bearer two");
		assertThat(this.listener.events).containsExactly("skipped github no_token", "propagated other");
	}

	@Test
	void looksAtARepeatedRequestAfreshIfItIsThereTwice() {
		this.times = 2;
		this.source.atHand = null;
		this.source.current = new BearerToken.Skipped(SkipReason.REFRESH_FAILED, AuthorizationState.AUTHORIZED);
		this.transport.answer(503);
		StubTokenSource source = this.source;
		this.transport.beforeAnswering(() -> source.atHand = BearerToken.Available.of("one"));
		Mono<String> call = client().get().uri(API).retrieve().bodyToMono(String.class).retry(1);
		StepVerifier.create(call).expectNext("answer 2").expectComplete().verify(SOON);
		assertThat(this.transport.received).extracting(StubTransport.Received::skipReason)
			.containsExactly(SkipReason.REFRESH_FAILED, null);
		assertThat(this.listener.events).containsExactly("skipped github refresh_failed", "propagated github");
	}

	@Test
	void readsTheFirstAnswerToItsEndBeforeTheReplay() {
		this.source.refreshingTo("two");
		this.transport.answer(401, INVALID_TOKEN);
		AtomicReference<List<Integer>> atReplay = new AtomicReference<>();
		this.transport.beforeAnswering(() -> atReplay.set(List.copyOf(this.connector.consumed)));
		String body = client().get().uri(API).retrieve().bodyToMono(String.class).block(SOON);
		assertThat(body).isEqualTo("answer 2");
		assertThat(atReplay).hasValue(List.of(1));
		assertThat(this.connector.consumed).containsExactly(1, 2);
	}

	@Test
	void doesNotReadA401ThatNeverEnds() {
		this.source.refreshingTo("two");
		this.transport.answer(401, INVALID_TOKEN);
		this.connector.rest = Flux.never();
		assertThat(status(client().get().uri(API)).block(SOON)).isEqualTo(200);
	}

	@Test
	void keepsTheBodyOfA401ThatIsGivenToTheCaller() {
		this.source.refreshingTo("one");
		this.transport.answer(401, INVALID_TOKEN);
		String body = client().get()
			.uri(API)
			.exchangeToMono((response) -> response.bodyToMono(String.class))
			.block(SOON);
		assertThat(body).isEqualTo("answer 1");
	}

	@Test
	void releasesThe401IfTheCallerLeavesWhileATokenIsRefreshed() {
		this.source.afterRejection = Mono.never();
		this.transport.answer(401, INVALID_TOKEN);
		Disposable call = status(client().get().uri(API)).subscribe();
		assertThat(this.source.rejected).containsExactly("one");
		assertThat(this.connector.consumed).isEmpty();
		call.dispose();
		assertThat(this.connector.consumed).containsExactly(1);
	}

	@Test
	void releasesThe401IfTheSourceFails() {
		this.source.afterRejection = Mono.error(new IllegalStateException("no source"));
		this.transport.answer(401, INVALID_TOKEN);
		StepVerifier.create(status(client().get().uri(API))).expectErrorMessage("no source").verify(SOON);
		assertThat(this.connector.consumed).containsExactly(1);
	}

	@Test
	void releasesThe401IfTheUserIsNotToBeHad() {
		this.transport.answer(401, INVALID_TOKEN);
		this.source.afterRejection = ReactiveSecurityContextHolder.getContext()
			.map((context) -> BearerToken.Available.of("two"));
		Context context = ReactiveSecurityContextHolder
			.withSecurityContext(Mono.error(new IllegalStateException("no user")));
		this.source.atHand = null;
		this.source.current = BearerToken.Available.of("one");
		StepVerifier.create(status(client().get().uri(API)).contextWrite(context))
			.expectErrorMessage("no user")
			.verify(SOON);
		assertThat(this.connector.consumed).containsExactly(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { INVALID_TOKEN, "Bearer" })
	void releasesThe401IfAListenerThrows(String challenge) {
		this.source.refreshingTo("two");
		this.transport.answer(401, challenge);
		BearerListener throwing = new BearerListener() {

			@Override
			public void propagated(String providerId) {
			}

			@Override
			public void skipped(String providerId, SkipReason reason) {
			}

			@Override
			public void unauthorized(String providerId, RecoveryOutcome recovery) {
				throw new IllegalStateException("no listener");
			}

		};
		WebClient client = WebClient.builder()
			.clientConnector(this.connector)
			.filter(new BearerTokenFilter(this.policies, this.source, throwing))
			.build();
		StepVerifier.create(status(client.get().uri(API))).expectErrorMessage("no listener").verify(SOON);
		assertThat(this.connector.consumed).containsExactly(1);
	}

	@Test
	void leavesTheBodyToACallerThatCancelsOnceItHasTheResponse() {
		this.source.refreshingTo("one");
		this.transport.answer(401, INVALID_TOKEN);
		BearerTokenFilter filter = new BearerTokenFilter(this.policies, this.source, this.listener);
		ClientRequest request = ClientRequest.create(HttpMethod.GET, URI.create(API)).build();
		ClientResponse response = filter.filter(request, ExchangeFunctions.create(this.connector))
			.flux()
			// Cancels, then hands on.
			.next()
			.block(SOON);
		assertThat(this.connector.consumed).isEmpty();
		assertThat(response).isNotNull();
		assertThat(response.bodyToMono(String.class).block(SOON)).isEqualTo("answer 1");
	}

	@Test
	void doesNotReplayABodyThatComesFromAPublisher() {
		this.source.refreshingTo("two");
		this.transport.answer(401, INVALID_TOKEN);
		Sinks.Many<String> once = Sinks.many().unicast().onBackpressureBuffer();
		once.tryEmitNext("a");
		once.tryEmitNext("b");
		once.tryEmitComplete();
		assertThat(status(client().post().uri(API).body(once.asFlux(), String.class)).block(SOON)).isEqualTo(401);
		assertThat(this.transport.received).hasSize(1);
		assertThat(this.transport.only().body()).isEqualTo("ab");
		// The next request has the new token all the same.
		assertThat(this.source.rejected).containsExactly("one");
		assertThat(this.listener.events).containsExactly("propagated github", "unauthorized github not_replayable");
	}

	@Test
	void selectsAgainForEachSubscription() {
		this.transport.answer(500).answer(200);
		StubTokenSource source = this.source;
		this.transport.beforeAnswering(() -> source.atHand = BearerToken.Available.of("two"));
		Mono<String> call = client().get().uri(API).retrieve().bodyToMono(String.class).retry(1);
		StepVerifier.create(call).expectNext("answer 2").expectComplete().verify(SOON);
		assertThat(this.transport.authorizations()).containsExactly("Bearer one", "Bearer two");
		assertThat(this.listener.events).containsExactly("propagated github", "propagated github");
	}

	@Test
	void sendsNothingBeforeItIsSubscribedTo() {
		client().get().uri(API).retrieve().bodyToMono(String.class);
		assertThat(this.transport.received).isEmpty();
		assertThat(this.listener.events).isEmpty();
	}

	@Test
	void letsALaterFilterSeeTheBearer() {
		AtomicReference<ClientRequest> seen = new AtomicReference<>();
		status(client(onRequest((request) -> {
			seen.set(request);
			return request;
		})).get().uri(API)).block(SOON);
		assertThat(seen.get().headers().getFirst("Authorization")).isEqualTo("Bearer one");
		assertThat(seen.get().toString()).doesNotContain("one");
	}

	@Test
	void letsALaterFilterSeeWhyThereIsNoBearer() {
		AtomicReference<Object> seen = new AtomicReference<>();
		status(client(onRequest((request) -> {
			seen.set(request.attribute(BearerTokenFilter.SKIP_REASON_ATTRIBUTE).orElse(null));
			return request;
		})).get().uri(API).header("Authorization", "Basic abc")).block(SOON);
		assertThat(seen).hasValue(SkipReason.USER_SET);
	}

	/** As Spring Cloud's load balancer does, whose filter comes after ours. */
	@Test
	void matchesTheNameInTheRequestAndNotTheAddressThatALaterFilterFindsForIt() {
		this.policies = TestPolicies.forBaseUrls("https://orders");
		this.source.refreshingTo("two");
		this.transport.answer(401, INVALID_TOKEN);
		WebClient client = WebClient.builder()
			.clientConnector(this.connector)
			.filter(new BearerTokenFilter(this.policies, this.source, this.listener))
			.filter((request, next) -> next
				.exchange(ClientRequest.from(request).url(URI.create("http://10.0.0.1:8080/all")).build()))
			.build();
		assertThat(status(client.get().uri("https://orders/all")).block(SOON)).isEqualTo(200);
		assertThat(this.transport.authorizations()).containsExactly("Bearer one", "Bearer two");
	}

	@Test
	void letsALaterFilterPutItsOwnCredential() {
		this.transport.answer(401, INVALID_TOKEN);
		ExchangeFilterFunction own = onRequest(
				(request) -> ClientRequest.from(request).headers((headers) -> headers.setBearerAuth("theirs")).build());
		assertThat(status(client(own).get().uri(API)).block(SOON)).isEqualTo(401);
		assertThat(this.transport.authorizations()).containsExactly("Bearer theirs");
		// Neither is that 401 about our token.
		assertThat(this.source.rejected).isEmpty();
		assertThat(this.listener.events).containsExactly("propagated github");
	}

	@Test
	void runsLaterFiltersAgainForTheReplay() {
		this.source.refreshingTo("two");
		this.transport.answer(401, INVALID_TOKEN);
		ExchangeFilterFunction signing = onRequest((request) -> ClientRequest.from(request)
			.header("X-Signature", "of " + request.headers().getFirst("Authorization"))
			.build());
		status(client(signing).get().uri(API)).block(SOON);
		assertThat(this.transport.received).extracting((request) -> request.headers().getFirst("X-Signature"))
			.containsExactly("of Bearer one", "of Bearer two");
	}

	private static ExchangeFilterFunction onRequest(UnaryOperator<ClientRequest> change) {
		return (request, next) -> next.exchange(change.apply(request));
	}

}
