package io.github.oauth2pkce.testing;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.sun.net.httpserver.HttpExchange;
import org.jspecify.annotations.Nullable;

/**
 * An authorization server and protected resources over real HTTP on 127.0.0.1. It answers
 * in Keycloak's words unless told otherwise, records every request, and keeps its logins
 * and tokens while it is stopped. Safe for use by many threads.
 */
public final class FakeAuthorizationServer implements AutoCloseable {

	private final String issuerPath;

	private final InstantSource clock;

	private final LoopbackHttp http = new LoopbackHttp(this::handle);

	private volatile boolean anyClientAccepted;

	private volatile State state;

	private FakeAuthorizationServer(String issuerPath, InstantSource clock) {
		this.issuerPath = issuerPath;
		this.clock = clock;
		this.state = new State(this);
	}

	/**
	 * Start on a free port. Clients have to be {@linkplain #register registered}, unless
	 * {@linkplain #acceptAnyClient() any} will do.
	 */
	public static FakeAuthorizationServer start() {
		return start("");
	}

	/**
	 * Start with an issuer that has a path, such as {@code /realms/demo}. Only the
	 * discovery documents move; the endpoints stay at the root.
	 */
	public static FakeAuthorizationServer start(String issuerPath) {
		return start(issuerPath, Clock.systemUTC());
	}

	/**
	 * Start with a clock that decides what has expired.
	 */
	public static FakeAuthorizationServer start(String issuerPath, InstantSource clock) {
		FakeAuthorizationServer server = new FakeAuthorizationServer(issuerPath, clock);
		server.http.start();
		return server;
	}

	/**
	 * Break all connections, and take new ones again, also after {@link #stop()}.
	 */
	public void restartOnSamePort() {
		this.http.stop();
		this.http.start();
	}

	/**
	 * Refuse and break all connections until {@link #restartOnSamePort()}.
	 */
	public void stop() {
		this.http.stop();
	}

	@Override
	public void close() {
		stop();
	}

	/**
	 * What {@code issuer-uri} has to be.
	 */
	public String issuer() {
		return origin() + this.issuerPath;
	}

	/**
	 * An address below the origin, whatever the issuer's path.
	 */
	public URI uri(String path) {
		return URI.create(origin() + path);
	}

	/**
	 * The address of an endpoint.
	 */
	public URI uri(Endpoint endpoint) {
		return uri(endpoint.path());
	}

	private String origin() {
		return "http://127.0.0.1:" + this.http.port();
	}

	/**
	 * Add a client, or replace the one of that id.
	 */
	public FakeAuthorizationServer register(FakeClient client) {
		this.state.clients.register(client);
		this.state.secrets.add(client.clientSecret());
		return this;
	}

	/**
	 * Take every client that nobody has registered for one that may do everything,
	 * whoever it says it is. This stays after {@link #reset()}.
	 */
	public FakeAuthorizationServer acceptAnyClient() {
		this.anyClientAccepted = true;
		return this;
	}

	/**
	 * Forget everything: settings, scripts, clients, logins, tokens and recorded
	 * requests. A server that was stopped starts again. The address stays.
	 */
	public void reset() {
		this.state = new State(this);
		this.http.start();
	}

	/**
	 * Forget every client, also those that registered themselves; their logins stay.
	 */
	public void forgetClients() {
		this.state.clients.forgetAll();
	}

	/**
	 * The protected resource at a path such as {@code /mcp}, made when first asked for.
	 * It takes this server's tokens unless told otherwise.
	 */
	public FakeResource protectedResource(String path) {
		return this.state.resources.at(path, (key) -> new FakeResource(key, this::origin, this));
	}

	/**
	 * Demand that {@code resource} is exactly this at the authorization, device
	 * authorization and token endpoint (RFC 8707); null (the default) for any or none.
	 */
	public FakeAuthorizationServer requireResource(@Nullable String resource) {
		this.state.indicators.require(resource);
		return this;
	}

	/**
	 * Dynamic registration and client id metadata documents.
	 */
	public RegistrationSettings registration() {
		return this.state.registration;
	}

	/**
	 * What the metadata says (RFC 8414).
	 */
	public DiscoverySettings discovery() {
		return this.state.discovery;
	}

	/**
	 * Members of the protected resource's metadata to add, change or leave out.
	 */
	public JsonMembers resourceMetadata() {
		return this.state.resourceMetadata;
	}

	/**
	 * How device logins behave (RFC 8628).
	 */
	public DeviceSettings device() {
		return this.state.device;
	}

	/**
	 * Proofs of possession (RFC 9449).
	 */
	public DpopSettings dpop() {
		return this.state.dpop;
	}

	/**
	 * What the authorization endpoint answers.
	 */
	public AuthorizationSettings authorization() {
		return this.state.authorization;
	}

	/**
	 * What token answers contain, and how long tokens live.
	 */
	public TokenSettings tokens() {
		return this.state.tokens;
	}

	/**
	 * Wait for the next device login that no test has taken yet, for half a minute at
	 * most.
	 * @return the login, for the test to do what its user would do
	 */
	public FakeDeviceLogin deviceLogin() {
		return new FakeDeviceLogin(this, takeUserCode(Patience.DEFAULT));
	}

	/**
	 * Prepare the answer to the next token request, whatever its grant.
	 */
	public NextAnswer nextTokenAnswer() {
		return nextAnswer(Endpoint.TOKEN);
	}

	/**
	 * Prepare the answer to the next request to an endpoint. Answers that are prepared
	 * one after the other are given one after the other.
	 */
	public NextAnswer nextAnswer(Endpoint endpoint) {
		return new NextAnswer((answer) -> enqueue(endpoint, answer));
	}

	/**
	 * Wait for the next device login that no test has taken yet.
	 * @return its user code
	 */
	public String takeUserCode(Duration timeout) {
		return this.state.deviceLogins.takeUserCode(timeout);
	}

	/**
	 * Let alice approve a device login.
	 */
	public void approve(String userCode) {
		approve(userCode, "alice");
	}

	/**
	 * Let somebody approve a device login.
	 */
	public void approve(String userCode, String subject) {
		this.state.deviceLogins.approve(userCode, subject);
	}

	/**
	 * Let the user refuse a device login.
	 */
	public void deny(String userCode) {
		this.state.deviceLogins.deny(userCode);
	}

	/**
	 * Let a device login expire before its time.
	 */
	public void expire(String userCode) {
		this.state.deviceLogins.expire(userCode);
	}

	/**
	 * Answer {@code slow_down} to the next polls of a login.
	 */
	public void slowDown(String userCode, int polls) {
		this.state.deviceLogins.slowDown(userCode, polls);
	}

	/**
	 * Let the protected resource refuse a token before its time.
	 */
	public void invalidateAccessToken(String accessToken) {
		this.state.ledger.forgetAccessToken(accessToken);
	}

	/**
	 * Let the protected resource refuse all tokens; refresh tokens stay valid.
	 */
	public void invalidateAccessTokens() {
		this.state.ledger.forgetAccessTokens();
	}

	/**
	 * Log everybody out: all access and refresh tokens issued so far are refused.
	 */
	public void endSessions() {
		this.state.ledger.endAll();
	}

	/**
	 * Prepare answers for the next requests to an endpoint, one each.
	 */
	public void enqueue(Endpoint endpoint, Answer... answers) {
		List<Answer> list = List.of(answers);
		list.forEach(this.state.secrets::addFrom);
		this.state.script.enqueue(endpoint, list);
	}

	/**
	 * Answer all requests to an endpoint that find nothing enqueued, until
	 * {@code answerAlways(endpoint, Answer.normally())}.
	 */
	public void answerAlways(Endpoint endpoint, Answer answer) {
		this.state.secrets.addFrom(answer);
		this.state.script.always(endpoint, answer);
	}

	/**
	 * All requests so far, in the order of their arrival.
	 */
	public List<RecordedRequest> requests() {
		return this.state.recording.all();
	}

	/**
	 * The requests to one endpoint.
	 */
	public List<RecordedRequest> requests(Endpoint endpoint) {
		return requests().stream().filter((request) -> request.endpoint() == endpoint).toList();
	}

	/**
	 * The requests of one client, however it names itself.
	 */
	public List<RecordedRequest> requests(Endpoint endpoint, String clientId) {
		return requests(endpoint).stream().filter((request) -> clientId.equals(request.clientId())).toList();
	}

	/**
	 * The requests that have a text anywhere in them.
	 */
	public List<RecordedRequest> requestsWith(String text) {
		return requests().stream().filter((request) -> request.contains(text)).toList();
	}

	/**
	 * Wait for the next request to an endpoint that no test has taken yet; it is there as
	 * soon as it has arrived, whether or not it has been answered.
	 */
	public RecordedRequest takeRequest(Endpoint endpoint, Duration timeout) {
		return this.state.recording.take(endpoint, timeout);
	}

	/**
	 * How many refresh requests have arrived, whatever became of them.
	 */
	public int refreshRequests() {
		return (int) requests(Endpoint.TOKEN).stream()
			.filter((request) -> "refresh_token".equals(request.parameter("grant_type")))
			.count();
	}

	/**
	 * How many refresh requests the server has granted, whether or not the answer
	 * arrived.
	 */
	public int refreshesGranted() {
		return this.state.ledger.refreshesGranted();
	}

	/**
	 * What a refresh token has been rotated into by now, whether or not the answers
	 * arrived: itself if nobody has used it.
	 */
	public String newestRefreshToken(String refreshToken) {
		return this.state.ledger.newest(refreshToken);
	}

	/**
	 * Every token, device and authorization code, verifier, state and client secret that
	 * was issued, registered, scripted or seen, if it has at least eight characters.
	 */
	public Set<String> issuedSecrets() {
		return this.state.secrets.all();
	}

	/**
	 * What an introspection would say of a token (RFC 7662, RFC 9449 section 6.2): null
	 * for one that is not valid.
	 */
	public @Nullable Map<String, Object> introspect(String accessToken) {
		TokenLedger.Valid valid = this.state.ledger.find(accessToken);
		if (valid == null) {
			return null;
		}
		Map<String, Object> claims = new TreeMap<>(Map.of("active", true, "sub", valid.session().subject()));
		String key = valid.session().key();
		if (key != null) {
			claims.put("cnf", Map.of("jkt", key));
		}
		return claims;
	}

	TokenLedger.@Nullable Valid find(String accessToken) {
		return this.state.ledger.find(accessToken);
	}

	private void handle(HttpExchange exchange) throws IOException {
		try (exchange) {
			String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
			RecordedRequest request;
			Answer scripted;
			// One step, so that answers are given in the order of the recording.
			State now = this.state;
			synchronized (now.script) {
				request = now.recording.add((order) -> read(now, exchange, body, order));
				scripted = now.script.next(request.endpoint());
			}
			Answer answer = answer(now, request, scripted);
			Delivery.deliver(exchange, answer, scripted.cut());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private Answer answer(State now, RecordedRequest request, Answer scripted) throws InterruptedException {
		await(scripted.processAfter());
		Answer answer = scripted;
		if (scripted.processed()) {
			answer = process(now, request);
			for (Map.Entry<String, List<String>> header : scripted.headers().entrySet()) {
				for (String value : header.getValue()) {
					answer = answer.withHeader(header.getKey(), value);
				}
			}
		}
		await(scripted.answerAfter());
		if (!scripted.delay().isZero()) {
			// A latch nobody opens, rather than a sleep, because stop() cuts both short.
			new CountDownLatch(1).await(scripted.delay().toNanos(), TimeUnit.NANOSECONDS);
		}
		return answer;
	}

	private static Answer process(State now, RecordedRequest request) {
		try {
			return now.behaviors.getOrDefault(request.endpoint(), (other) -> Answer.status(404)).answer(request);
		}
		catch (ProtocolError ex) {
			return ex.toAnswer();
		}
		catch (RuntimeException ex) {
			return Answer.text(500, "text/plain", "The fake authorization server failed: " + ex);
		}
	}

	private RecordedRequest read(State now, HttpExchange exchange, String body, long order) {
		URI uri = exchange.getRequestURI();
		Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, List.copyOf(values)));
		String contentType = exchange.getRequestHeaders().getFirst("Content-Type");
		boolean form = contentType != null && contentType.startsWith("application/x-www-form-urlencoded");
		RecordedRequest request = new RecordedRequest(order, this.clock.instant(),
				now.resources.endpoint(uri.getPath()), exchange.getRequestMethod(), uri.getPath(),
				Parameters.parse(uri.getRawQuery()), Collections.unmodifiableMap(headers),
				Parameters.parse(form ? body : null), body);
		now.secrets.addFrom(request);
		return request;
	}

	private static void await(@Nullable CountDownLatch latch) throws InterruptedException {
		if (latch != null) {
			latch.await();
		}
	}

	/** All that {@link #reset()} forgets. */
	private static final class State {

		private final DiscoverySettings discovery = new DiscoverySettings();

		private final JsonMembers resourceMetadata = new JsonMembers();

		private final DeviceSettings device = new DeviceSettings();

		private final AuthorizationSettings authorization = new AuthorizationSettings();

		private final TokenSettings tokens = new TokenSettings();

		private final DpopSettings dpop = new DpopSettings();

		private final Secrets secrets = new Secrets();

		private final Recording recording = new Recording();

		private final Script script = new Script();

		private final ResourceIndicators indicators = new ResourceIndicators();

		private final RegistrationSettings registration = new RegistrationSettings();

		private final ProtectedResources resources = new ProtectedResources();

		private final RegisteredClients clients;

		private final TokenLedger ledger;

		private final DeviceLogins deviceLogins;

		private final Map<Endpoint, Behavior> behaviors = new EnumMap<>(Endpoint.class);

		State(FakeAuthorizationServer server) {
			this.clients = new RegisteredClients(this.registration, server::issuer, server.clock,
					() -> server.anyClientAccepted);
			this.ledger = new TokenLedger(this.tokens, server.clock, this.secrets);
			this.deviceLogins = new DeviceLogins(this.device, server.clock, this.secrets);
			AuthorizationCodes codes = new AuthorizationCodes(server.clock, this.secrets, this.ledger);
			this.behaviors.put(Endpoint.DISCOVERY, new DiscoveryBehavior(this.discovery, this.authorization,
					this.registration, server::origin, server.issuerPath));
			this.behaviors.put(Endpoint.RESOURCE_METADATA, new ResourceMetadataBehavior(this.resources,
					this.resourceMetadata, server::origin, server::issuer));
			this.behaviors.put(Endpoint.DEVICE_AUTHORIZATION, new DeviceAuthorizationBehavior(this.device, this.clients,
					this.deviceLogins, this.indicators, server::origin));
			PushedRequests pushed = new PushedRequests(this.authorization, this.clients, this.secrets);
			this.behaviors.put(Endpoint.PUSHED_AUTHORIZATION_REQUEST, pushed);
			this.behaviors.put(Endpoint.AUTHORIZATION, new AuthorizationBehavior(this.authorization, this.clients,
					codes, this.indicators, server::issuer, pushed));
			DpopProofs proofs = new DpopProofs(this.dpop, server.clock, server::origin);
			this.behaviors.put(Endpoint.TOKEN,
					new TokenBehavior(this.clients, this.deviceLogins, codes, this.ledger, this.indicators, proofs));
			DynamicClients dynamicClients = new DynamicClients(this.registration, this.clients, server.clock,
					this.secrets, server::origin);
			this.behaviors.put(Endpoint.REGISTRATION,
					new RegistrationBehavior(this.registration, this.discovery, dynamicClients));
			this.behaviors.put(Endpoint.CLIENT_CONFIGURATION,
					new ClientConfigurationBehavior(this.discovery, dynamicClients));
			this.behaviors.put(Endpoint.RESOURCE, new ResourceBehavior(this.resources));
			this.behaviors.put(Endpoint.REVOCATION, new RevocationBehavior(this.clients, this.ledger));
			this.behaviors.put(Endpoint.API, new ApiBehavior(this.ledger, proofs));
			this.behaviors.put(Endpoint.OTHER, (request) -> Answer.status(404));
		}

	}

}
