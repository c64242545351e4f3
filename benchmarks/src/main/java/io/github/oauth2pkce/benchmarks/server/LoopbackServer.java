package io.github.oauth2pkce.benchmarks.server;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerResponse;

import io.github.oauth2pkce.benchmarks.Tokens;

/**
 * A token endpoint with one-time refresh tokens, metadata, and an API, on the loopback
 * interface. Not a fair judge of clients, only a quick one: it looks at nothing but the
 * refresh token.
 */
public final class LoopbackServer implements AutoCloseable {

	private static final int LIFETIME_SECONDS = 3600;

	private final Map<String, Boolean> refreshTokens = new ConcurrentHashMap<>();

	private final AtomicInteger issued = new AtomicInteger();

	private final AtomicInteger tokenRequests = new AtomicInteger();

	private final AtomicInteger inFlight = new AtomicInteger();

	private volatile Duration latency = Duration.ZERO;

	private final DisposableServer server;

	public LoopbackServer() {
		this.server = HttpServer.create()
			.host("127.0.0.1")
			.port(0)
			.route((routes) -> routes
				.post("/token", (request,
						response) -> request.receive().aggregate().asString().flatMap((form) -> token(form, response)))
				.get("/api",
						(request, response) -> response.sendString(
								Mono.just(request.requestHeaders().contains("Authorization") ? "bearer" : "nobody")))
				.route((request) -> request.uri().contains(".well-known"),
						(request, response) -> metadata(request.uri(), response)))
			.bindNow();
	}

	/**
	 * Answers everything but the API after this time.
	 * @param latency the time
	 */
	public void latency(Duration latency) {
		this.latency = latency;
	}

	/**
	 * A login: its first refresh token.
	 * @return the token, good once
	 */
	public String newRefreshToken() {
		String refreshToken = "refresh-" + this.issued.incrementAndGet();
		this.refreshTokens.put(refreshToken, true);
		return refreshToken;
	}

	public boolean isGood(String refreshToken) {
		return this.refreshTokens.containsKey(refreshToken);
	}

	/** How many there were since this was asked last. */
	public int takeTokenRequests() {
		return this.tokenRequests.getAndSet(0);
	}

	/** Whether a token request waits for its answer. */
	public boolean isBusy() {
		return this.inFlight.get() > 0;
	}

	public URI uri(String path) {
		return URI.create("http://127.0.0.1:" + this.server.port() + path);
	}

	private Mono<Void> token(String form, HttpServerResponse response) {
		this.tokenRequests.incrementAndGet();
		this.inFlight.incrementAndGet();
		boolean good = this.refreshTokens.remove(refreshToken(form)) != null;
		String body = good ? "{\"access_token\":\"" + Tokens.accessToken("t" + this.issued.get())
				+ "\",\"token_type\":\"Bearer\",\"expires_in\":" + LIFETIME_SECONDS + ",\"refresh_token\":\""
				+ newRefreshToken() + "\"}" : "{\"error\":\"invalid_grant\"}";
		return Mono.delay(this.latency)
			.then(response.status(good ? 200 : 400)
				.header("Content-Type", "application/json")
				.sendString(Mono.just(body))
				.then())
			.doFinally((signal) -> this.inFlight.decrementAndGet());
	}

	private static String refreshToken(String form) {
		for (String parameter : form.split("&")) {
			if (parameter.startsWith("refresh_token=")) {
				return URLDecoder.decode(parameter.substring("refresh_token=".length()), StandardCharsets.UTF_8);
			}
		}
		return "";
	}

	/** Of the issuer in the path, where OpenID Connect and RFC 8414 look for it. */
	private Mono<Void> metadata(String path, HttpServerResponse response) {
		String name = path.replaceAll("/?\\.well-known/[a-z-]+/?", "").replace("/", "");
		String issuer = uri("/" + name).toString();
		String body = """
				{"issuer":"%1$s","authorization_endpoint":"%1$s/authorize","token_endpoint":"%2$s",\
				"device_authorization_endpoint":"%1$s/device","jwks_uri":"%1$s/jwks",\
				"response_types_supported":["code"],"subject_types_supported":["public"],\
				"id_token_signing_alg_values_supported":["RS256"],\
				"token_endpoint_auth_methods_supported":["none"]}""".formatted(issuer, uri("/token"));
		return Mono.delay(this.latency)
			.then(response.header("Content-Type", "application/json").sendString(Mono.just(body)).then());
	}

	@Override
	public void close() {
		this.server.disposeNow();
	}

}
