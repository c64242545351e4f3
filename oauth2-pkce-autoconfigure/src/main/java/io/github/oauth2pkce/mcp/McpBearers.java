package io.github.oauth2pkce.mcp;

import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.modelcontextprotocol.common.McpTransportContext;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.bearer.BearerExchange;
import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.token.DpopBinding;
import io.github.oauth2pkce.token.DpopProofs;

import org.springframework.http.HttpHeaders;
import org.springframework.security.core.Authentication;

/**
 * What customizers and error handlers of the MCP Java SDK share: the SDK asks the one
 * before it sends a request, the other after a 401 or 403, and tells neither which
 * request of the other it is. Thread-safe; never prompts.
 * <p>
 * For {@code principal: current-user} the user is the {@link Authentication} that the
 * {@link McpTransportContext} holds under the name of that class, else the one of the
 * Reactor context or of the thread that sends the request. A request whose user is known
 * from its thread only is not sent once more after a 401: that happens on another thread.
 */
public final class McpBearers {

	private static final String USER = Authentication.class.getName();

	private final BearerExchanges exchanges;

	private final boolean replays;

	private final boolean proofs;

	/**
	 * By the {@code Authorization} that they were sent with: all that a handler sees of a
	 * request that tells it from others, and from those with a credential of the
	 * application. Two requests with the same bearer are recovered alike.
	 */
	private final Cache<String, BearerExchange> sent = Caffeine.newBuilder()
		.maximumSize(1000)
		.expireAfterWrite(Duration.ofMinutes(10))
		.build();

	/**
	 * Requests that a customizer has seen: there may be several on the way of one, of
	 * both kinds, by Spring AI and by hand.
	 */
	private final Cache<Object, Boolean> seen = Caffeine.newBuilder().weakKeys().build();

	/**
	 * Requests that are about to be sent once more, and why they were so far, by the
	 * {@code Authorization} that they will have: they pass the customizers like any
	 * other, but do not count again.
	 */
	private final Cache<String, Queue<Set<Cause>>> repeated = Caffeine.newBuilder()
		.maximumSize(1000)
		.expireAfterWrite(Duration.ofMinutes(1))
		.build();

	/**
	 * Those that were sent once more just now, by their proof, else by their
	 * {@code Authorization}: the SDK asks twice where a nonce may be one of the causes,
	 * and nobody says that a request was taken.
	 */
	private final Cache<String, Queue<Set<Cause>>> repeats = Caffeine.newBuilder()
		.maximumSize(1000)
		.expireAfterWrite(Duration.ofSeconds(10))
		.build();

	/** Why a request is sent once more; for each of them once. */
	private enum Cause {

		PROOF, TOKEN

	}

	/**
	 * Creates what customizers and handlers share.
	 * @param exchanges the rules for bearers
	 * @param replays whether requests can be sent once more with another bearer:
	 * {@link McpSdk#customizesReplays()}
	 */
	public McpBearers(BearerExchanges exchanges, boolean replays) {
		this(exchanges, replays, false);
	}

	/**
	 * Creates what customizers and handlers share.
	 * @param exchanges the rules for bearers
	 * @param replays whether requests can be sent once more with another bearer:
	 * {@link McpSdk#customizesReplays()}
	 * @param proofs whether some tokens are bound to keys, so that a request may have to
	 * be sent once more for the nonce of a server, and once more for another token
	 */
	public McpBearers(BearerExchanges exchanges, boolean replays, boolean proofs) {
		this.exchanges = exchanges;
		this.replays = replays;
		this.proofs = proofs;
	}

	/** How often a request is sent once more, at most. */
	int maxRetries() {
		return this.proofs ? 2 : 1;
	}

	/**
	 * What to put on a request.
	 * @param message what a customizer changes, the same for all of one request
	 * @param uri the target
	 * @param present the {@code Authorization} that the request has so far
	 * @param context the context of the call
	 * @return what the request is to have, or empty when it stays as it is
	 */
	Mono<Stamp> authorization(Object message, URI uri, List<String> present, McpTransportContext context) {
		BearerExchange exchange = this.exchanges.begin(null, uri, !present.isEmpty(), attributes(context));
		if (exchange == null) {
			return Mono.empty();
		}
		if (this.seen.asMap().putIfAbsent(message, Boolean.TRUE) != null) {
			return Mono.justOrEmpty(overOurs(present)).map((other) -> new Stamp(other, null, (sent) -> {
			}));
		}
		AtomicReference<@Nullable Set<Cause>> causes = new AtomicReference<>();
		return exchange.bearer(() -> this.replays, (bearer) -> {
			causes.set(next(this.repeated, bearer.headerValue()));
			return causes.get() != null;
		}).mapNotNull((token) -> {
			if (token instanceof BearerToken.Available available) {
				this.sent.put(available.headerValue(), exchange);
				return new Stamp(available.headerValue(), available.binding(),
						(sent) -> note(this.repeats, sent, causes.get()));
			}
			return null;
		});
	}

	/**
	 * What a request is to have.
	 *
	 * @param authorization its only {@code Authorization}
	 * @param binding makes the proof beside it, {@code null} when it needs none
	 * @param sent is told the proof, else the {@code Authorization}
	 */
	record Stamp(String authorization, @Nullable DpopBinding binding, Consumer<String> sent) {

		/** Sets the headers. */
		void on(String method, URI uri, BiConsumer<String, String> headers) {
			headers.accept(HttpHeaders.AUTHORIZATION, this.authorization);
			String proof = (this.binding != null) ? this.binding.proof(method, uri) : null;
			if (proof != null) {
				headers.accept(DpopProofs.HEADER, proof);
			}
			this.sent.accept((proof != null) ? proof : this.authorization);
		}

		@Override
		public String toString() {
			return "Stamp[***]";
		}

	}

	/** Whether a request to there has its bearer at once, or none of ours. */
	boolean isSettled(URI uri) {
		BearerExchange exchange = this.exchanges.begin(null, uri, false, Map.of());
		return exchange == null || exchange.isSettled();
	}

	private static void note(Cache<String, Queue<Set<Cause>>> requests, String header, @Nullable Set<Cause> causes) {
		if (causes != null) {
			requests.get(header, (value) -> new ConcurrentLinkedQueue<>()).add(causes);
		}
	}

	private static @Nullable Set<Cause> next(Cache<String, Queue<Set<Cause>>> requests, String header) {
		Queue<Set<Cause>> all = requests.getIfPresent(header);
		return (all != null) ? all.poll() : null;
	}

	/** What a customizer of the application has added to a bearer of ours wins. */
	private @Nullable String overOurs(List<String> present) {
		return (present.size() > 1)
				? present.stream().filter((value) -> this.sent.getIfPresent(value) == null).findFirst().orElse(null)
				: null;
	}

	/**
	 * Whether to send a request once more, after 401 or 403.
	 * @param uri the target
	 * @param request the headers that it had
	 * @param status the status of the answer
	 * @param answer the headers of the answer
	 * @param context the context of the call
	 * @return exactly one value; if it is {@code true}, {@link #authorization} gives the
	 * other bearer
	 */
	Mono<Boolean> isSentAgain(URI uri, java.net.http.HttpHeaders request, int status, java.net.http.HttpHeaders answer,
			McpTransportContext context) {
		List<String> authorization = request.allValues(HttpHeaders.AUTHORIZATION);
		BearerExchange exchange = exchange(uri, authorization, context);
		if (exchange == null) {
			return Mono.just(false);
		}
		HttpHeaders response = new HttpHeaders();
		answer.map().forEach(response::addAll);
		String sent = authorization.isEmpty() ? null : authorization.get(0);
		String proof = request.firstValue(DpopProofs.HEADER).orElse(null);
		Set<Cause> causes = causes(sent, proof);
		boolean otherProof = exchange.wantsOtherProof(uri, proof, status, response);
		if (otherProof && this.replays && sent != null && !causes.contains(Cause.PROOF)) {
			note(this.repeated, sent, with(causes, Cause.PROOF));
			return Mono.just(true);
		}
		if (causes.contains(Cause.TOKEN)) {
			return Mono.just(false);
		}
		return exchange.replacement(sent, status, response, () -> this.replays && isRepeatable(exchange, uri, context))
			.map((newer) -> {
				newer.ifPresent((bearer) -> note(this.repeated, bearer.headerValue(), with(causes, Cause.TOKEN)));
				return newer.isPresent();
			});
	}

	/** Why a refused request had been sent once more, empty where it had not been. */
	private Set<Cause> causes(@Nullable String authorization, @Nullable String proof) {
		String sent = (proof != null) ? proof : authorization;
		// Otherwise the SDK asks once.
		Set<Cause> causes = (this.proofs && sent != null) ? next(this.repeats, sent) : null;
		return (causes != null) ? causes : Set.of();
	}

	private static Set<Cause> with(Set<Cause> causes, Cause another) {
		Set<Cause> all = EnumSet.of(another);
		all.addAll(causes);
		return all;
	}

	/** Not on this thread if the user was known from the one that sent the request. */
	private boolean isRepeatable(BearerExchange exchange, URI uri, McpTransportContext context) {
		if (!exchange.isOfThread()) {
			return true;
		}
		BearerExchange again = this.exchanges.begin(null, uri, false, attributes(context));
		return again != null && again.isSettled();
	}

	private @Nullable BearerExchange exchange(URI uri, List<String> authorization, McpTransportContext context) {
		return switch (authorization.size()) {
			case 0 -> this.exchanges.begin(null, uri, false, attributes(context));
			case 1 -> sentWith(authorization.get(0), uri, context);
			default -> null;
		};
	}

	private @Nullable BearerExchange sentWith(String authorization, URI uri, McpTransportContext context) {
		BearerExchange exchange = this.sent.getIfPresent(authorization);
		if (exchange != null) {
			return exchange;
		}
		BearerExchange other = this.exchanges.begin(null, uri, false, attributes(context));
		return (other != null && other.carried(authorization)) ? other : null;
	}

	private static Map<String, Object> attributes(McpTransportContext context) {
		Object user = context.get(USER);
		return (user != null) ? Map.of(USER, user) : Map.of();
	}

}
