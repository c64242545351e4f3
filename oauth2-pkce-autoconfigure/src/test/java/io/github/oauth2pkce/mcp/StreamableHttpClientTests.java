package io.github.oauth2pkce.mcp;

import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.modelcontextprotocol.client.McpAsyncClient;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.customizer.McpHttpClientTransportAuthorizationErrorHandler;
import io.modelcontextprotocol.client.transport.customizer.McpSyncHttpClientRequestCustomizer;
import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.spec.McpSchema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.bearer.StubTokenSource;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.FakeMcpServer;

import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/** The JDK transport of MCP up to 2025-11-25. */
class StreamableHttpClientTests extends AbstractMcpClientTests {

	@Override
	String callTool() {
		return callTool((builder) -> {
			McpBearers bearers = bearers();
			builder.addAsyncHttpRequestCustomizer(new AsyncBearerCustomizer(bearers))
				.authorizationErrorHandler(new BearerErrorHandler(bearers));
		});
	}

	private String callTool(Consumer<HttpClientStreamableHttpTransport.Builder> settings) {
		return callTool(settings, () -> McpTransportContext.EMPTY);
	}

	private String callTool(Consumer<HttpClientStreamableHttpTransport.Builder> settings,
			Supplier<McpTransportContext> context) {
		HttpClientStreamableHttpTransport.Builder builder = HttpClientStreamableHttpTransport
			.builder(this.server.origin());
		settings.accept(builder);
		try (McpSyncClient client = McpClient.sync(builder.build())
			.requestTimeout(this.timeout)
			.transportContextProvider(context)
			.build()) {
			client.initialize();
			McpSchema.CallToolResult result = client.callTool(McpSchema.CallToolRequest.builder("whoami").build());
			return ((McpSchema.TextContent) result.content().get(0)).text();
		}
	}

	private static McpSyncHttpClientRequestCustomizer setting(String authorization) {
		return (builder, method, uri, body, context) -> builder.header("Authorization", authorization);
	}

	@Test
	void keepsTheAuthorizationOfAnotherCustomizer() {
		assertThat(callTool((builder) -> builder.addHttpRequestCustomizer(setting("Basic abc"))
			.addAsyncHttpRequestCustomizer(new AsyncBearerCustomizer(bearers())))).isEqualTo("Basic abc");
		assertThat(this.listener.events).containsOnly("skipped github user_set");
	}

	@Test
	void keepsTheAuthorizationOfTheBuilder() {
		assertThat(callTool(
				(builder) -> builder.requestBuilder(HttpRequest.newBuilder().header("Authorization", "Basic abc"))
					.addAsyncHttpRequestCustomizer(new AsyncBearerCustomizer(bearers()))))
			.isEqualTo("Basic abc");
	}

	@Test
	void doesNotRecoverTheAuthorizationOfTheApplication() {
		McpBearers bearers = bearers();
		this.server
			.refusing((call) -> Answer.status(401).withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\""));
		assertThat(catchThrowable(() -> callTool((builder) -> builder.addHttpRequestCustomizer(setting("Bearer theirs"))
			.addAsyncHttpRequestCustomizer(new AsyncBearerCustomizer(bearers))
			.authorizationErrorHandler(new BearerErrorHandler(bearers))))).isNotNull();
		assertThat(this.server.calls()).hasSize(1);
		assertThat(this.listener.events).containsExactly("skipped github user_set");
	}

	/** By another customizer, or so long ago that it is forgotten. */
	@Test
	void recoversTheBearerAtHandWhoeverHasSetIt() {
		refreshTo("two");
		this.server.taking("two");
		McpBearers bearers = bearers();
		assertThat(callTool((builder) -> builder
			.addHttpRequestCustomizer((request, method, uri, body, context) -> request.setHeader("Authorization",
					this.source.atHand.headerValue()))
			.authorizationErrorHandler(new BearerErrorHandler(bearers)))).isEqualTo("Bearer two");
	}

	@Test
	void worksAndCountsOnceIfItIsThereInBothKinds() {
		refreshTo("two");
		this.server.taking("two");
		McpBearers bearers = bearers();
		assertThat(callTool((builder) -> builder.addHttpRequestCustomizer(new SyncBearerCustomizer(bearers, false))
			.addAsyncHttpRequestCustomizer(new AsyncBearerCustomizer(bearers))
			.addAsyncHttpRequestCustomizer(new AsyncBearerCustomizer(bearers))
			.authorizationErrorHandler(new BearerErrorHandler(bearers)))).isEqualTo("Bearer two");
		assertCounted("propagated github");
	}

	@Test
	void countsAMissingBearerOnceIfItIsThereInBothKinds() {
		this.source = StubTokenSource.without(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED);
		McpBearers bearers = bearers();
		assertThat(callTool((builder) -> builder.addHttpRequestCustomizer(new SyncBearerCustomizer(bearers, false))
			.addAsyncHttpRequestCustomizer(new AsyncBearerCustomizer(bearers)))).isEmpty();
		assertCounted("skipped github no_token");
	}

	@Test
	void anAuthorizationThatComesBetweenBothKindsWins() {
		McpBearers bearers = bearers();
		assertThat(callTool((builder) -> builder.addHttpRequestCustomizer(new SyncBearerCustomizer(bearers, false))
			.addHttpRequestCustomizer(setting("Basic abc"))
			.addAsyncHttpRequestCustomizer(new AsyncBearerCustomizer(bearers)))).isEqualTo("Basic abc");
	}

	@Test
	void recoversBySyncCustomizers() {
		refreshTo("two");
		this.server.taking("two");
		McpBearers bearers = bearers();
		assertThat(callTool((builder) -> builder.addHttpRequestCustomizer(new SyncBearerCustomizer(bearers, false))
			.authorizationErrorHandler(new BearerErrorHandler(bearers)))).isEqualTo("Bearer two");
	}

	@Test
	void waitsOnAThreadThatMustNotWaitIfAnAsyncCustomizerFollows() {
		this.source.atHand = null;
		this.source.current = BearerToken.Available.of("late");
		this.source.before = Mono.delay(Duration.ofMillis(1));
		McpBearers bearers = bearers();
		assertThat(callToolOnParallelThread(
				(builder) -> builder.addHttpRequestCustomizer(new SyncBearerCustomizer(bearers, true))
					.addAsyncHttpRequestCustomizer(new AsyncBearerCustomizer(bearers))))
			.isEqualTo("Bearer late");
		assertCounted("propagated github");
	}

	@Test
	void saysWhatToUseOnAThreadThatMustNotWait() {
		this.source.atHand = null;
		this.source.current = BearerToken.Available.of("late");
		this.source.before = Mono.delay(Duration.ofMinutes(1));
		McpBearers bearers = bearers();
		assertThat(catchThrowable(() -> callToolOnParallelThread(
				(builder) -> builder.addHttpRequestCustomizer(new SyncBearerCustomizer(bearers, false)))))
			.hasStackTraceContaining(
					"must not wait for one: give the transport the McpAsyncHttpClientRequestCustomizer");
		assertThat(this.server.calls()).isEmpty();
	}

	private @Nullable String callToolOnParallelThread(Consumer<HttpClientStreamableHttpTransport.Builder> settings) {
		HttpClientStreamableHttpTransport.Builder builder = HttpClientStreamableHttpTransport
			.builder(this.server.origin());
		settings.accept(builder);
		McpAsyncClient client = McpClient.async(builder.build()).requestTimeout(this.timeout).build();
		return Mono.defer(() -> client.initialize())
			.then(Mono.defer(() -> client.callTool(McpSchema.CallToolRequest.builder("whoami").build())))
			.map((result) -> ((McpSchema.TextContent) result.content().get(0)).text())
			.subscribeOn(Schedulers.parallel())
			.block();
	}

	/** As the SDK before 2.1.0 would send it. */
	@Test
	void repeatsNothingWithAnOldSdk() {
		refreshTo("two");
		this.server.taking("two");
		McpBearers bearers = bearers(false);
		assertThat(catchThrowable(
				() -> callTool((builder) -> builder.addAsyncHttpRequestCustomizer(new AsyncBearerCustomizer(bearers))
					.authorizationErrorHandler(new BearerErrorHandler(bearers)))))
			.isNotNull();
		assertThat(this.server.calls()).hasSize(1);
		assertThat(this.listener.events).containsExactly("propagated github", "unauthorized github not_replayable");
		assertThat(this.source.rejected).containsExactly("one");
	}

	@Test
	void anotherHandlerIsAskedAboutWhatIsNotRecovered() {
		this.server.refusing((call) -> call.method().equals(CALL) && this.server.calls(CALL).size() == 1
				? Answer.status(403) : null);
		McpHttpClientTransportAuthorizationErrorHandler theirs = (request, response, context) -> Mono
			.just(response.statusCode() == 403);
		McpBearers bearers = bearers();
		assertThat(callTool((builder) -> builder.addAsyncHttpRequestCustomizer(new AsyncBearerCustomizer(bearers))
			.authorizationErrorHandler(new BearerErrorHandler(bearers).beside(theirs)))).isEqualTo("Bearer one");
		assertThat(this.server.calls(CALL)).hasSize(2);
	}

	@Test
	void springAiKeepsWhatTheApplicationHasSet() {
		this.server.refusing((call) -> call.method().equals(CALL) && this.server.calls(CALL).size() == 1
				? Answer.status(403) : null);
		McpHttpClientTransportAuthorizationErrorHandler theirs = (request, response, context) -> Mono
			.just(response.statusCode() == 403);
		McpBearers bearers = bearers();
		assertThat(callTool((builder) -> {
			builder.addHttpRequestCustomizer(setting("Basic abc")).authorizationErrorHandler(theirs);
			new BearerTransportCustomizer(new AsyncBearerCustomizer(bearers), new BearerErrorHandler(bearers))
				.customize("tools", builder);
		})).isEqualTo("Basic abc");
		assertThat(this.server.calls(CALL)).hasSize(2);
	}

	@Test
	void sendsTheBearerOfTheUserWhoCalls() {
		McpBearers bearers = new McpBearers(new BearerExchanges(this.policies, new OfUsers(), this.listener), true);
		SecurityContextHolder.getContext().setAuthentication(user("alice"));
		try {
			assertThat(
					callTool((builder) -> builder.addHttpRequestCustomizer(new SyncBearerCustomizer(bearers, false))))
				.isEqualTo("Bearer alice-1");
		}
		finally {
			SecurityContextHolder.clearContext();
		}
	}

	@Test
	void repeatsForTheUserOfTheTransportContext() {
		McpBearers bearers = new McpBearers(new BearerExchanges(this.policies, new OfUsers(), this.listener), true);
		this.server.refusing((call) -> call.method().equals(CALL) && this.server.calls(CALL).size() == 1
				? Answer.status(401).withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"") : null);
		McpTransportContext context = McpTransportContext.create(Map.of(Authentication.class.getName(), user("alice")));
		assertThat(callTool((builder) -> recovering(builder, bearers), () -> context)).startsWith("Bearer alice-");
		assertThat(this.server.calls(CALL)).extracting(FakeMcpServer.Call::authorization)
			.containsExactly(List.of("Bearer alice-1"), List.of("Bearer alice-2"));
	}

	/** The retry runs on a thread that belongs to nobody. */
	@Test
	void doesNotRepeatForAUserWhoIsKnownFromTheThreadOnly() {
		McpBearers bearers = new McpBearers(new BearerExchanges(this.policies, new OfUsers(), this.listener), true);
		this.server.refusing((call) -> call.method().equals(CALL)
				? Answer.status(401).withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"") : null);
		SecurityContextHolder.getContext().setAuthentication(user("alice"));
		try {
			assertThat(catchThrowable(() -> callTool((builder) -> recovering(builder, bearers)))).isNotNull();
		}
		finally {
			SecurityContextHolder.clearContext();
		}
		assertThat(this.server.calls(CALL)).hasSize(1);
		assertThat(this.listener.events).contains("unauthorized github not_replayable");
	}

	private static Authentication user(String name) {
		return UsernamePasswordAuthenticationToken.authenticated(name, null, List.of());
	}

	private static void recovering(HttpClientStreamableHttpTransport.Builder builder, McpBearers bearers) {
		builder.addAsyncHttpRequestCustomizer(new AsyncBearerCustomizer(bearers))
			.authorizationErrorHandler(new BearerErrorHandler(bearers));
	}

	@Test
	void printsNoSecret() {
		assertThat(List.of(bearers().toString(), new AsyncBearerCustomizer(bearers()).toString()))
			.noneMatch((text) -> text.contains("one"));
	}

	/** Its tokens say whose they are, and after each rejection there is a new one. */
	private static final class OfUsers implements BearerTokenSource {

		private final AtomicInteger generation = new AtomicInteger(1);

		@Override
		public Mono<BearerToken> current(String providerId) {
			return ReactiveSecurityContextHolder.getContext()
				.<BearerToken>map((context) -> BearerToken.Available
					.of(context.getAuthentication().getName() + "-" + this.generation))
				.defaultIfEmpty(new BearerToken.Skipped(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED));
		}

		@Override
		public Mono<BearerToken> afterRejection(String providerId, BearerToken.Available rejected) {
			return Mono.defer(() -> {
				this.generation.incrementAndGet();
				return current(providerId);
			});
		}

	}

}
