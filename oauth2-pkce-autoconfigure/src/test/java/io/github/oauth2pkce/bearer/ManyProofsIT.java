package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.token.DpopBinding;
import io.github.oauth2pkce.token.DpopProofs;

import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/** Many callers of an API that changes its nonces, over real HTTP. */
@Timeout(120)
class ManyProofsIT {

	private static final int CALLS = 10_000;

	private static final int AT_ONCE = 32;

	/** The server's clock goes on by a millisecond with each look. */
	private final AtomicLong millis = new AtomicLong();

	private final AtomicInteger requests = new AtomicInteger();

	private final Set<String> proofs = ConcurrentHashMap.newKeySet();

	private String nonce() {
		return "nonce-" + this.millis.incrementAndGet() / 1000;
	}

	private Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response) {
		this.requests.incrementAndGet();
		String proof = request.requestHeaders().get("DPoP");
		this.proofs.add(proof);
		String claims = new String(Base64.getUrlDecoder().decode(proof.split("\\.")[1]), StandardCharsets.UTF_8);
		if (claims.contains("\"nonce\":\"" + nonce() + "\"")) {
			return response.status(200).send();
		}
		return response.status(401)
			.header("WWW-Authenticate", "DPoP error=\"use_dpop_nonce\"")
			.header("DPoP-Nonce", nonce())
			.send();
	}

	/** Each request is refused once at most, and one answer tells all the others. */
	@Test
	void tenThousandCallersLearnNoncesThatChangeEachSecondFromOneAnother() {
		LoopResources loops = LoopResources.create("many-proofs", 1, true);
		DisposableServer server = HttpServer.create().host("127.0.0.1").runOn(loops).handle(this::answer).bindNow();
		try {
			URI api = URI.create("http://127.0.0.1:" + server.port() + "/things");
			StubTokenSource source = StubTokenSource.withToken("token");
			source.atHand = BearerToken.Available
				.of(new DpopBinding(new DpopProofs(InstantSource.system()), DpopKey.generate(), "token"));
			WebClient client = WebClient.builder()
				.filter(new BearerTokenFilter(TestPolicies.forBaseUrls(api.toString()), source, BearerListener.NONE))
				.build();
			List<Integer> statuses = Flux.range(0, CALLS)
				.flatMap((i) -> client.get()
					.uri(api)
					.exchangeToMono((response) -> response.releaseBody().thenReturn(response.statusCode().value())),
						AT_ONCE)
				.collectList()
				.blockOptional(Duration.ofSeconds(110))
				.orElseThrow();
			assertThat(statuses).hasSize(CALLS).containsOnly(200);
			int nonces = 1 + (int) (this.millis.get() / 1000);
			assertThat(nonces).isGreaterThan(10);
			assertThat(this.requests.get()).isLessThanOrEqualTo(CALLS + nonces * AT_ONCE);
			assertThat(this.proofs).hasSize(this.requests.get());
		}
		finally {
			server.disposeNow();
			loops.disposeLater().block(Duration.ofSeconds(10));
		}
	}

}
